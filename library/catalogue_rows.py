"""From rows to records: a few queries for many stems, never one for each."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sqlalchemy import ColumnElement, RowMapping, select
from sqlalchemy.orm import Session

from audio.stems import StemType
from library.records import FileState, KnownStem, StemEntry, StemRecord
from library.said import read_said
from library.tables import FileRow, SongRow, StemRow, TagRow

# Older SQLites take 999 parameters a statement.
_NUMBERS_A_STATEMENT = 900
_FILE_COLUMNS = (
    FileRow.number,
    FileRow.path,
    FileRow.root,
    FileRow.part,
    FileRow.size,
    FileRow.mtime_ns,
    FileRow.content_hash,
    FileRow.said,
    FileRow.error,
    FileRow.stem_number,
    SongRow.name,
    SongRow.folder,
)


@dataclass(frozen=True, slots=True)
class Places:
    """Where a stem's files are, the first one first."""

    paths: tuple[Path, ...]
    roots: tuple[Path, ...]
    relative_path: str
    part: int
    songs: tuple[str, ...]


def portions(numbers: Collection[int]) -> Iterator[list[int]]:
    """`numbers` in ascending order, as many at a time as a statement takes."""
    ordered = sorted(numbers)
    for start in range(0, len(ordered), _NUMBERS_A_STATEMENT):
        yield ordered[start : start + _NUMBERS_A_STATEMENT]


def read_records(
    session: Session, *wanted: ColumnElement[bool], limit: int | None = None
) -> list[StemRecord]:
    """The stems that can be found and meet every condition in `wanted`, by number."""
    query = select(StemRow).where(StemRow.status == "embedded", *wanted).order_by(StemRow.number).limit(limit)
    rows = session.scalars(query).all()
    numbers = [row.number for row in rows]
    places, tags = read_places(session, numbers), _read_tags(session, numbers)
    return [_record(row, places[row.number], tags[row.number]) for row in rows if row.number in places]


def read_places(session: Session, stems: Collection[int]) -> dict[int, Places]:
    """Where the files of the stems with these numbers are."""
    files: dict[int, list[RowMapping]] = defaultdict(list)
    for some in portions(stems):
        query = (
            select(FileRow.stem_number, FileRow.path, FileRow.root, FileRow.part, SongRow.name)
            .join(SongRow, SongRow.number == FileRow.song_number)
            .where(FileRow.stem_number.in_(some))
            .order_by(FileRow.number)
        )
        for row in session.execute(query).mappings():
            files[row["stem_number"]].append(row)
    return {number: _places(rows) for number, rows in files.items()}


def read_known(session: Session, *wanted: ColumnElement[bool]) -> list[KnownStem]:
    """What is remembered of the files that meet every condition, by path and part."""
    query = (
        select(*_FILE_COLUMNS, StemRow.heard_version)
        .join(SongRow, SongRow.number == FileRow.song_number)
        .outerjoin(StemRow, StemRow.number == FileRow.stem_number)
        .where(*wanted)
        .order_by(FileRow.path, FileRow.part)
    )
    return [_known(row) for row in session.execute(query).mappings()]


def read_entries(session: Session, stem: int) -> list[StemEntry]:
    """What was said of each file of a stem, the first file first."""
    query = (
        select(*_FILE_COLUMNS)
        .join(SongRow, SongRow.number == FileRow.song_number)
        .where(FileRow.stem_number == stem)
        .order_by(FileRow.number)
    )
    return [_entry(row) for row in session.execute(query).mappings()]


def read_given_type(session: Session, content_hash: str) -> StemType | None:
    """The type that was given with --type for a file with this sound."""
    query = (
        select(FileRow.said)
        .join(StemRow, StemRow.number == FileRow.stem_number)
        .where(StemRow.content_hash == content_hash)
        .order_by(FileRow.number)
    )
    said = (json.loads(text) for text in session.scalars(query))
    return next((StemType(each["type"]) for each in said if each["type_source"] == "option"), None)


def _read_tags(session: Session, stems: Collection[int]) -> dict[int, list[str]]:
    tags: dict[int, list[str]] = defaultdict(list)
    for some in portions(stems):
        query = select(TagRow.stem_number, TagRow.tag).where(TagRow.stem_number.in_(some))
        for number, tag in session.execute(query.order_by(TagRow.tag)):
            tags[number].append(tag)
    return tags


def _places(rows: Sequence[RowMapping]) -> Places:
    first = rows[0]
    return Places(
        paths=tuple(Path(row["path"]) for row in rows),
        roots=tuple(Path(row["root"]) for row in rows),
        relative_path=Path(first["path"]).relative_to(first["root"]).as_posix(),
        part=first["part"],
        songs=tuple(row["name"] for row in rows),
    )


def _record(row: StemRow, places: Places, tags: list[str]) -> StemRecord:
    return StemRecord(
        id=row.id,
        number=row.number,
        type=StemType(row.type),
        song=places.songs[0],
        path=places.paths[0],
        relative_path=places.relative_path,
        seconds=row.seconds,
        sample_rate=row.sample_rate,
        channels=row.channels,
        content_hash=row.content_hash,
        licence=row.licence,
        tags=tuple(tags),
        bpm=row.bpm,
        key=row.key,
        type_source=row.type_source,
        status="embedded",
        type_confidence=row.type_confidence,
        bpm_source=row.bpm_source,
        bpm_confidence=row.bpm_confidence,
        key_source=row.key_source,
        key_confidence=row.key_confidence,
        kind=row.kind,
        kind_confidence=row.kind_confidence,
        loudness=row.loudness,
        part=places.part,
        songs=frozenset(places.songs),
        paths=places.paths,
        roots=places.roots,
    )


def _entry(columns: RowMapping) -> StemEntry:
    return read_said(
        columns["said"],
        path=Path(columns["path"]),
        root=_folder(columns["root"]),
        song=columns["name"],
        song_folder=_folder(columns["folder"]),
        part=columns["part"],
    )


@lru_cache(maxsize=1024)
def _folder(text: str) -> Path:
    """One path for all files of a folder: a path takes half a kilobyte, and files may be millions."""
    return Path(text)


def _known(columns: RowMapping) -> KnownStem:
    seen = columns["size"] is not None and columns["mtime_ns"] is not None
    return KnownStem(
        number=columns["number"],
        entry=_entry(columns),
        state=FileState(columns["size"], columns["mtime_ns"]) if seen else None,
        content_hash=columns["content_hash"],
        status="failed" if columns["stem_number"] is None else "embedded",
        error=columns["error"],
        heard_version=columns["heard_version"] or 0,
    )
