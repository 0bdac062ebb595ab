"""What is in the library: every question to the database, and every change. Never commits."""

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from audio.stems import StemType
from library.catalogue_files import (
    forget_files,
    numbers_of_files,
    save_failure,
    save_file,
    save_stem,
    settle_stems,
)
from library.catalogue_purge import purge_gone
from library.catalogue_rows import portions, read_given_type, read_known, read_records
from library.filters import StemFilters, conditions, numbers_of_songs
from library.records import (
    BuildRecord,
    EmbeddedStem,
    FailedFile,
    FileState,
    Heard,
    KnownStem,
    SoundFacts,
    StemEntry,
    StemRecord,
)
from library.tables import BuildRow, FileRow, StemRow

_ROWS_A_FETCH = 10_000

StemNumbers = NDArray[np.int64]


class Catalogue:
    """The library's database within one session. A stem that is gone is in no answer."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def stem(self, public_id: str) -> StemRecord | None:
        """The stem with this public id; None if there is none (any more)."""
        return next(iter(read_records(self._session, StemRow.id == public_id)), None)

    def stems_by_number(self, numbers: Collection[int]) -> dict[int, StemRecord]:
        """The stems with these numbers; those that are gone since the index was built are missing."""
        return {
            record.number: record
            for some in portions(numbers)
            for record in read_records(self._session, StemRow.number.in_(some))
        }

    def list_stems(
        self, types: Collection[StemType], filters: StemFilters, *, after: int = 0, limit: int = 100
    ) -> list[StemRecord]:
        """At most `limit` stems of `types` that meet `filters`, by number, above the number `after`."""
        wanted = [StemRow.number > after, StemRow.type.in_(sorted(types)), *conditions(filters)]
        return read_records(self._session, *wanted, limit=limit)

    def numbers_where(self, filters: StemFilters, stem_type: StemType) -> StemNumbers | None:
        """Numbers of the stems of `stem_type` that meet `filters`, sorted; None if every stem does."""
        if filters.is_empty:
            return None
        wanted = [StemRow.status == "embedded", StemRow.type == stem_type, *conditions(filters)]
        return self._numbers(*wanted)

    def are_answerable(
        self, numbers: StemNumbers, stem_type: StemType, without_songs: Collection[str] = ()
    ) -> NDArray[np.bool_]:
        """Which of `numbers` [C] are stems of that type, can be found and have no file in those songs [C]."""
        wanted = [StemRow.status == "embedded", StemRow.type == stem_type]
        if without_songs:
            wanted.append(StemRow.number.not_in(numbers_of_songs(frozenset(without_songs))))
        found: set[int] = set()
        for some in portions(numbers.tolist()):
            found.update(
                self._session.scalars(select(StemRow.number).where(StemRow.number.in_(some), *wanted))
            )
        return np.array([number in found for number in numbers.tolist()], np.bool_)

    def fingerprints(self, numbers: Collection[int]) -> dict[int, bytes]:
        """Fingerprints of the stems with these numbers, where they have one."""
        return self._contents(StemRow.fingerprint, numbers)

    def sketches(self, numbers: Collection[int]) -> dict[int, bytes]:
        """Sketches of the stems with these numbers, where they have one."""
        return self._contents(StemRow.sketch, numbers)

    def peaks(self, public_id: str) -> bytes | None:
        """The outline of a stem, int8 pairs; None if there is no such stem or nobody has drawn it yet."""
        found = (StemRow.id == public_id) & (StemRow.status == "embedded")
        return self._session.scalar(select(StemRow.peaks).where(found))

    def count_stems(self) -> dict[StemType, int]:
        """How many stems of each type can be found; types without any are missing."""
        query = select(StemRow.type, func.count()).where(StemRow.status == "embedded").group_by(StemRow.type)
        counts = {StemType(name): count for name, count in self._session.execute(query)}
        return {stem_type: counts[stem_type] for stem_type in StemType if stem_type in counts}

    def gone_numbers(self) -> frozenset[int]:
        """Numbers that an index may still hold but that must not be answered with."""
        return frozenset(self._session.scalars(select(StemRow.number).where(StemRow.status == "gone")))

    def failures(self) -> list[FailedFile]:
        """The files that could not be indexed, or not be read again, by path."""
        failed = FileRow.stem_number.is_(None) | FileRow.error.is_not(None)
        query = select(FileRow.path, FileRow.error).where(failed).order_by(FileRow.path, FileRow.part)
        rows = self._session.execute(query)
        return [FailedFile(Path(path), error or "") for path, error in rows]

    def complaint_about(self, folder: Path, begins: str) -> str | None:
        """Why a file somewhere below `folder`, its name beginning so, could not be indexed; None if it was.

        Only files without a stem count: one that could not be read again is answered with as before.
        """
        failed = FileRow.stem_number.is_(None) & FileRow.path.contains(f"/{begins}", autoescape=True)
        query = select(FileRow.path, FileRow.error).where(failed).order_by(FileRow.path, FileRow.part)
        found = ((Path(path), error) for path, error in self._session.execute(query))
        return next(
            (error for path, error in found if path.name.startswith(begins) and path.is_relative_to(folder)),
            None,
        )

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
        if place is None:
            return read_known(self._session)
        below = f"{str(place).rstrip('/')}/"
        at_place = (FileRow.path == str(place)) | FileRow.path.startswith(below, autoescape=True)
        # SQLite's LIKE does not tell capital letters apart; paths do.
        text = str(place)
        return [
            each
            for each in read_known(self._session, at_place)
            if (path := str(each.entry.path)) == text or path.startswith(below)
        ]

    def heard_version(self, content_hash: str) -> int | None:
        """By which version of the ears this sound was heard; None if no stem has it."""
        query = select(func.max(StemRow.heard_version)).where(StemRow.content_hash == content_hash)
        return self._session.scalar(query)

    def given_type(self, content_hash: str) -> StemType | None:
        """The type that was given, as an option, for a file with this sound; None if none was."""
        return read_given_type(self._session, content_hash)

    def save_embedded(
        self,
        entry: StemEntry,
        state: FileState,
        content_hash: str,
        facts: SoundFacts | None,
        heard: Heard | None = None,
    ) -> int:
        """Note that `entry`'s file has vectors. Returns its stem's number, the same for the same sound.

        What is known of the sound already stays where `facts` or `heard` is None.
        """
        number = save_stem(self._session, entry, content_hash, facts, heard)
        save_file(self._session, entry, state, content_hash, number, None)
        settle_stems(self._session, [number])
        return number

    def save_failed(self, entry: StemEntry, state: FileState | None, content_hash: str, error: str) -> None:
        """Note that `entry`'s file could not be indexed; without a `state` it will be tried again.

        Until then a stem that was found in it stays, if its bytes are the same or unknown.
        """
        save_failure(self._session, entry, state, content_hash, error)

    def describe(self, file_number: int, entry: StemEntry, state: FileState) -> None:
        """Note what else is known of a file whose sound has not changed."""
        row = self._session.get_one(FileRow, file_number)
        save_file(self._session, entry, state, row.content_hash, row.stem_number, row.error)
        if row.stem_number is not None:
            settle_stems(self._session, [row.stem_number])

    def shared_paths(self, number: int) -> frozenset[Path]:
        """Those files of the stem with this number in which other stems that can be found lie as well."""
        own = select(FileRow.path).where(FileRow.stem_number == number)
        query = select(FileRow.path).where(FileRow.path.in_(own), FileRow.stem_number != number)
        return frozenset(Path(path) for path in self._session.scalars(query))

    def forget_files(self, file_numbers: Collection[int]) -> int:
        """Strike files out; a stem leaves every answer, at once, with the last of its files. How many did."""
        return forget_files(self._session, file_numbers)

    def mark_gone(self, numbers: Collection[int]) -> None:
        """Take stems with all their files out of every answer, at once; the next build leaves them out."""
        forget_files(self._session, numbers_of_files(self._session, numbers))
        for some in portions(numbers):  # also those that had no file
            self._session.execute(update(StemRow).where(StemRow.number.in_(some)).values(status="gone"))

    def purge_gone(self, indexed: Collection[int]) -> int:
        """Delete the rows of stems that are gone, but for those `indexed`. Returns how many."""
        return purge_gone(self._session, indexed)

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

    def _contents(
        self, column: InstrumentedAttribute[bytes | None], numbers: Collection[int]
    ) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        for some in portions(numbers):
            held = StemRow.number.in_(some) & column.is_not(None)
            rows = self._session.execute(select(StemRow.number, column).where(held))
            found |= {number: content for number, content in rows if content}
        return found

    def _numbers(self, *wanted: ColumnElement[bool]) -> StemNumbers:
        query = select(StemRow.number).where(*wanted).order_by(StemRow.number)
        return np.fromiter(self._session.scalars(query.execution_options(yield_per=_ROWS_A_FETCH)), np.int64)
