"""A stem is a sound with any number of files, tags that can be asked for, and facts with their sources.

Revision ID: 0002
Revises: 0001
"""

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

NEW_COLUMNS = (
    ("type_confidence", sa.Double(), "1"),
    ("bpm_source", sa.String(16), None),
    ("bpm_confidence", sa.Double(), None),
    ("key_source", sa.String(16), None),
    ("key_confidence", sa.Double(), None),
    ("kind", sa.String(16), None),
    ("kind_confidence", sa.Double(), None),
    ("loudness", sa.Double(), None),
    ("peaks", sa.LargeBinary(), None),
    ("fingerprint", sa.LargeBinary(), None),
    ("heard", sa.Text(), None),
    ("heard_version", sa.Integer(), "0"),
)
MOVED_COLUMNS = (
    ("song_number", number),
    ("path", sa.Text()),
    ("root", sa.Text()),
    ("size", sa.BigInteger()),
    ("mtime_ns", sa.BigInteger()),
    ("tags", sa.Text()),
    ("error", sa.Text()),
)
ROWS_AT_ONCE = 5_000
SOME = sa.text("SELECT * FROM stems WHERE status = :status AND number > :above ORDER BY number LIMIT :rows")


def upgrade() -> None:
    _create_files()
    _create_tags()
    _add_facts()
    connection = op.get_bind()
    stem_of_sound: dict[str, int] = {}
    for row in _rows(connection, "embedded"):
        stem = stem_of_sound.setdefault(row["content_hash"], row["number"])
        _add_file(connection, row, stem)
        _add_tags(connection, row, stem)
        if stem != row["number"]:  # another file of the same sound
            connection.execute(
                sa.text("UPDATE stems SET status = 'gone' WHERE number = :number"), {"number": row["number"]}
            )
    for row in _rows(connection, "failed"):
        _add_file(connection, row, None)
    connection.execute(
        sa.text("UPDATE stems SET bpm_source = 'manifest', bpm_confidence = 1 WHERE bpm IS NOT NULL")
    )
    connection.execute(
        sa.text("UPDATE stems SET key_source = 'manifest', key_confidence = 1 WHERE key IS NOT NULL")
    )
    connection.execute(sa.text("DELETE FROM stems WHERE status = 'failed'"))
    _drop_moved_columns()


def downgrade() -> None:
    """Back to a stem a file; of a sound with several files, the others will be read again."""
    _add_moved_columns()
    connection = op.get_bind()
    first = (
        "SELECT files.*, stems.number AS stem FROM stems JOIN files ON files.number = "
        "(SELECT min(number) FROM files WHERE files.stem_number = stems.number)"
    )
    for row in connection.execute(sa.text(first)).mappings().all():
        tags = connection.execute(
            sa.text("SELECT tag FROM stem_tags WHERE stem_number = :stem ORDER BY tag"), {"stem": row["stem"]}
        )
        values = {name: row[name] for name in ("song_number", "path", "root", "size", "mtime_ns", "error")}
        connection.execute(
            sa.text(
                "UPDATE stems SET song_number = :song_number, path = :path, root = :root, size = :size, "
                "mtime_ns = :mtime_ns, error = :error, tags = :tags WHERE number = :stem"
            ),
            {**values, "tags": ";".join(tag for (tag,) in tags), "stem": row["stem"]},
        )
    # What is gone has no place; its number must stay taken. Where all is gone, there is no song, either.
    connection.execute(
        sa.text(
            "INSERT INTO songs (folder, name) SELECT '/', '' WHERE NOT EXISTS (SELECT 1 FROM songs) "
            "AND EXISTS (SELECT 1 FROM stems)"
        )
    )
    connection.execute(
        sa.text(
            "UPDATE stems SET path = '/', root = '/', tags = '', "
            "song_number = (SELECT min(number) FROM songs) WHERE path IS NULL"
        )
    )
    connection.execute(sa.text("DELETE FROM stem_tags"))
    connection.execute(sa.text("DELETE FROM files"))
    _drop_facts()
    op.drop_table("stem_tags")
    op.drop_table("files")
    op.drop_index(op.f("ix_songs_name"), "songs")


def _create_files() -> None:
    op.create_index(op.f("ix_songs_name"), "songs", ["name"])
    op.create_table(
        "files",
        sa.Column("number", number, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), server_default="0", nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("song_number", number, nullable=False),
        sa.Column("stem_number", number, nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=True),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["song_number"], ["songs.number"], name=op.f("fk_files_song_number_songs")),
        sa.ForeignKeyConstraint(["stem_number"], ["stems.number"], name=op.f("fk_files_stem_number_stems")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_files")),
        sa.UniqueConstraint("path", "part", name=op.f("uq_files_path_part")),
    )
    op.create_index(op.f("ix_files_song_number"), "files", ["song_number"])
    op.create_index(op.f("ix_files_stem_number"), "files", ["stem_number"])


def _create_tags() -> None:
    op.create_table(
        "stem_tags",
        sa.Column("stem_number", number, nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stem_number"], ["stems.number"], name=op.f("fk_stem_tags_stem_number_stems")
        ),
        sa.PrimaryKeyConstraint("stem_number", "tag", name=op.f("pk_stem_tags")),
    )
    op.create_index(op.f("ix_stem_tags_tag"), "stem_tags", ["tag"])


def _rows(connection: sa.Connection, status: str) -> Iterator[sa.RowMapping]:
    above = 0
    while True:
        parameters = {"status": status, "above": above, "rows": ROWS_AT_ONCE}
        rows = connection.execute(SOME, parameters).mappings().all()
        if not rows:
            return
        yield from rows
        above = rows[-1]["number"]


def _add_file(connection: sa.Connection, row: sa.RowMapping, stem: int | None) -> None:
    said = {
        "type": row["type"],
        "type_source": row["type_source"],
        "type_confidence": 1.0,
        "licence": row["licence"],
        "tags": _tags(row),
        "bpm": row["bpm"],
        "bpm_source": "manifest",
        "key": row["key"],
        "key_source": "manifest",
    }
    kept = {key: value for key, value in said.items() if value is not None}
    connection.execute(
        sa.text(
            "INSERT INTO files (path, part, root, song_number, stem_number, size, mtime_ns, content_hash, "
            "said, error) VALUES (:path, 0, :root, :song_number, :stem, :size, :mtime_ns, :content_hash, "
            ":said, :error) ON CONFLICT DO NOTHING"
        ),
        {
            **{key: row[key] for key in ("path", "root", "song_number", "size", "mtime_ns", "content_hash")},
            "stem": stem,
            "said": json.dumps(kept, ensure_ascii=False, sort_keys=True),
            "error": row["error"],
        },
    )


def _add_tags(connection: sa.Connection, row: sa.RowMapping, stem: int) -> None:
    for tag in sorted(set(_tags(row))):
        connection.execute(
            sa.text("INSERT INTO stem_tags VALUES (:stem, :tag) ON CONFLICT DO NOTHING"),
            {"stem": stem, "tag": tag},
        )


def _tags(row: sa.RowMapping) -> list[str]:
    return row["tags"].split(";") if row["tags"] else []


def _add_facts() -> None:
    with op.batch_alter_table("stems", table_kwargs={"sqlite_autoincrement": True}) as stems:
        for name, kind, default in NEW_COLUMNS:
            stems.add_column(sa.Column(name, kind, server_default=default, nullable=default is None))


def _drop_moved_columns() -> None:
    with op.batch_alter_table("stems", table_kwargs={"sqlite_autoincrement": True}) as stems:
        for index in ("ix_stems_path", "ix_stems_song_number", "ix_stems_type_status"):
            stems.drop_index(op.f(index))
        stems.drop_constraint(op.f("fk_stems_song_number_songs"), type_="foreignkey")
        for name, _ in MOVED_COLUMNS:
            stems.drop_column(name)
        stems.create_index(op.f("ix_stems_status"), ["status"])
        stems.create_index(op.f("ix_stems_type_status_bpm"), ["type", "status", "bpm"])
        stems.create_index(op.f("ix_stems_type_status_key"), ["type", "status", "key"])


def _add_moved_columns() -> None:
    with op.batch_alter_table("stems", table_kwargs={"sqlite_autoincrement": True}) as stems:
        for index in ("ix_stems_status", "ix_stems_type_status_bpm", "ix_stems_type_status_key"):
            stems.drop_index(op.f(index))
        for name, kind in MOVED_COLUMNS:
            stems.add_column(sa.Column(name, kind, nullable=True))


def _drop_facts() -> None:
    with op.batch_alter_table("stems", table_kwargs={"sqlite_autoincrement": True}) as stems:
        for name, _, _ in NEW_COLUMNS:
            stems.drop_column(name)
        for name in ("song_number", "path", "root", "tags"):
            stems.alter_column(name, nullable=False, existing_type=dict(MOVED_COLUMNS)[name])
        stems.create_foreign_key(op.f("fk_stems_song_number_songs"), "songs", ["song_number"], ["number"])
        stems.create_index(op.f("ix_stems_path"), ["path"])
        stems.create_index(op.f("ix_stems_song_number"), ["song_number"])
        stems.create_index(op.f("ix_stems_type_status"), ["type", "status"])
