"""Create the catalogue: songs, stems, builds.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "builds",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stems", sa.Integer(), nullable=False),
        sa.Column("vectors", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_builds")),
    )
    op.create_table(
        "songs",
        sa.Column("number", number, nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_songs")),
        sa.UniqueConstraint("folder", name=op.f("uq_songs_folder")),
    )
    _create_stems()


def downgrade() -> None:
    op.drop_table("stems")
    op.drop_table("songs")
    op.drop_table("builds")


def _create_stems() -> None:
    op.create_table(
        "stems",
        sa.Column("number", number, nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("song_number", number, nullable=False),
        sa.Column("type", sa.String(16), nullable=False),
        sa.Column("type_source", sa.String(16), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=True),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("sample_rate", sa.Integer(), nullable=False),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("bpm", sa.Double(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["song_number"], ["songs.number"], name=op.f("fk_stems_song_number_songs")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_stems")),
        sa.UniqueConstraint("id", name=op.f("uq_stems_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_stems_content_hash"), "stems", ["content_hash"])
    op.create_index(op.f("ix_stems_path"), "stems", ["path"])
    op.create_index(op.f("ix_stems_song_number"), "stems", ["song_number"])
    op.create_index(op.f("ix_stems_type_status"), "stems", ["type", "status"])
