"""What is in the library: every question to the database, and every change. Never commits."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import cast

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from audio.stems import StemType
from library.records import (
    BuildRecord,
    EmbeddedStem,
    FileState,
    KnownStem,
    SoundFacts,
    StemEntry,
    StemRecord,
    StemStatus,
    stem_id,
)
from library.tables import BuildRow, SongRow, StemRow

# Older SQLites take 999 parameters a statement.
_NUMBERS_A_STATEMENT = 900
_ROWS_A_FETCH = 10_000
_TAG_SEPARATOR = ";"
_NO_SOUND = SoundFacts(seconds=0.0, sample_rate=0, channels=0)


class Catalogue:
    """The library's database within one session. A stem that is gone is in no answer."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def stem(self, public_id: str) -> StemRecord | None:
        """The stem with this public id; None if there is none (any more)."""
        row = self._session.scalar(_searchable().where(StemRow.id == public_id))
        return None if row is None else _record(row)

    def stems_by_number(self, numbers: Collection[int]) -> dict[int, StemRecord]:
        """The stems with these numbers; those that are gone since the index was built are missing."""
        found: dict[int, StemRecord] = {}
        for some in _portions(numbers):
            rows = self._session.scalars(_searchable().where(StemRow.number.in_(some)))
            found |= {row.number: _record(row) for row in rows}
        return found

    def count_stems(self) -> dict[StemType, int]:
        """How many stems of each type can be found; types without any are missing."""
        query = select(StemRow.type, func.count()).where(StemRow.status == "embedded").group_by(StemRow.type)
        counts = {StemType(name): count for name, count in self._session.execute(query)}
        return {stem_type: counts[stem_type] for stem_type in StemType if stem_type in counts}

    def gone_numbers(self) -> frozenset[int]:
        """Numbers that an index may still hold but that must not be answered with."""
        return frozenset(self._session.scalars(select(StemRow.number).where(StemRow.status == "gone")))

    def failures(self) -> list[StemRecord]:
        """The files that could not be indexed, by path."""
        query = select(StemRow).where(StemRow.status == "failed").order_by(StemRow.path)
        return [_record(row) for row in self._session.scalars(query)]

    def embedded_stems(self) -> Iterator[EmbeddedStem]:
        """What a build is made of, in the order of their numbers."""
        query = (
            select(StemRow.number, StemRow.type, StemRow.content_hash)
            .where(StemRow.status == "embedded")
            .order_by(StemRow.number)
            .execution_options(yield_per=_ROWS_A_FETCH)
        )
        for number, stem_type, content_hash in self._session.execute(query):
            yield EmbeddedStem(number, StemType(stem_type), content_hash)

    def known_stems(self, place: Path | None = None) -> list[KnownStem]:
        """What is remembered of the file `place` or of the files below it; of all files if it is None."""
        query = select(StemRow).where(StemRow.status != "gone").order_by(StemRow.path)
        if place is not None:
            below = f"{str(place).rstrip('/')}/"
            query = query.where(
                (StemRow.path == str(place)) | StemRow.path.startswith(below, autoescape=True)
            )
        known = [_known(row) for row in self._session.scalars(query)]
        # SQLite's LIKE does not tell capital letters apart; paths do.
        return [each for each in known if place is None or each.entry.path.is_relative_to(place)]

    def save_embedded(self, entry: StemEntry, state: FileState, content_hash: str, facts: SoundFacts) -> int:
        """Note that `entry`'s file has vectors. Returns the stem's number."""
        return self._save(
            entry=entry, state=state, content_hash=content_hash, facts=facts, status="embedded", error=None
        )

    def save_failed(self, entry: StemEntry, state: FileState | None, content_hash: str, error: str) -> int:
        """Note that `entry`'s file could not be indexed; without a `state` it will be tried again."""
        return self._save(
            entry=entry, state=state, content_hash=content_hash, facts=_NO_SOUND, status="failed", error=error
        )

    def describe(self, number: int, entry: StemEntry, state: FileState) -> None:
        """Note what else is known of a stem whose sound has not changed."""
        row = self._session.get_one(StemRow, number)
        self._fill(row, entry, state)

    def mark_gone(self, numbers: Collection[int]) -> None:
        """Take stems out of every answer, at once; the next build leaves them out."""
        for some in _portions(numbers):
            self._session.execute(update(StemRow).where(StemRow.number.in_(some)).values(status="gone"))

    def record_build(self, build: BuildRecord) -> None:
        """Note a published build; noting it again changes nothing."""
        self._session.merge(
            BuildRow(
                id=build.id,
                model_id=build.model_id,
                created=build.created,
                stems=build.stems,
                vectors=build.vectors,
            )
        )

    def builds(self) -> list[BuildRecord]:
        """The published builds, newest first."""
        rows = self._session.scalars(select(BuildRow).order_by(BuildRow.created.desc(), BuildRow.id))
        return [BuildRecord(row.id, row.model_id, row.created, row.stems, row.vectors) for row in rows]

    def _save(
        self,
        *,
        entry: StemEntry,
        state: FileState | None,
        content_hash: str,
        facts: SoundFacts,
        status: StemStatus,
        error: str | None,
    ) -> int:
        public_id = stem_id(content_hash, entry.path)
        row = self._session.scalar(select(StemRow).where(StemRow.id == public_id))
        if row is None:
            row = StemRow(id=public_id, content_hash=content_hash, path=str(entry.path))
        row.seconds, row.sample_rate, row.channels = facts.seconds, facts.sample_rate, facts.channels
        row.status, row.error = status, error
        self._fill(row, entry, state)
        self._session.flush()
        self._replace_older(row)
        return row.number

    def _fill(self, row: StemRow, entry: StemEntry, state: FileState | None) -> None:
        row.song = self._song(entry)
        row.root, row.type, row.type_source = str(entry.root), entry.type, entry.type_source
        row.licence, row.bpm, row.key = entry.licence, entry.bpm, entry.key
        row.tags = _TAG_SEPARATOR.join(entry.tags)
        row.size, row.mtime_ns = (state.size, state.mtime_ns) if state else (None, None)
        self._session.add(row)

    def _song(self, entry: StemEntry) -> SongRow:
        folder = str(entry.song_folder)
        song = self._session.scalar(select(SongRow).where(SongRow.folder == folder))
        if song is None:
            song = SongRow(folder=folder)
        song.name = entry.song
        return song

    def _replace_older(self, row: StemRow) -> None:
        """At most one version of a file is not gone."""
        older = (StemRow.path == row.path) & (StemRow.number != row.number) & (StemRow.status != "gone")
        self._session.execute(update(StemRow).where(older).values(status="gone"))


def _searchable() -> Select[StemRow]:
    return select(StemRow).where(StemRow.status == "embedded")


def _portions(numbers: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(numbers)
    for start in range(0, len(ordered), _NUMBERS_A_STATEMENT):
        yield ordered[start : start + _NUMBERS_A_STATEMENT]


def _tags(row: StemRow) -> tuple[str, ...]:
    return tuple(row.tags.split(_TAG_SEPARATOR)) if row.tags else ()


def _record(row: StemRow) -> StemRecord:
    path = Path(row.path)
    return StemRecord(
        id=row.id,
        number=row.number,
        type=StemType(row.type),
        song=row.song.name,
        path=path,
        relative_path=path.relative_to(row.root).as_posix(),
        seconds=row.seconds,
        sample_rate=row.sample_rate,
        channels=row.channels,
        content_hash=row.content_hash,
        licence=row.licence,
        tags=_tags(row),
        bpm=row.bpm,
        key=row.key,
        type_source=row.type_source,
        status=cast("StemStatus", row.status),
        error=row.error,
    )


def _known(row: StemRow) -> KnownStem:
    entry = StemEntry(
        path=Path(row.path),
        root=Path(row.root),
        song=row.song.name,
        song_folder=Path(row.song.folder),
        type=StemType(row.type),
        type_source=row.type_source,
        licence=row.licence,
        tags=_tags(row),
        bpm=row.bpm,
        key=row.key,
    )
    seen = row.size is not None and row.mtime_ns is not None
    state = FileState(cast("int", row.size), cast("int", row.mtime_ns)) if seen else None
    return KnownStem(row.number, entry, state, row.content_hash, cast("StemStatus", row.status), row.error)
