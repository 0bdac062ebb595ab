"""Sketches of stems: onsets and chroma, for a second look at what a search brought.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stems", sa.Column("sketch", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("stems", "sketch")
