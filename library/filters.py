"""What a search may be narrowed to before it begins, and the SQL that finds it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from library.tables import FileRow, SongRow, StemRow, TagRow


@dataclass(frozen=True, slots=True)
class StemFilters:
    """Which stems are wanted; a stem of which a fact is not known does not meet a filter on it."""

    min_bpm: float | None = None
    max_bpm: float | None = None
    any_octave: bool = False
    """Whether half or double the tempo may be in the range instead: 70 and 140 can be played together."""
    keys: frozenset[str] = frozenset()
    """Names of keys as the catalogue writes them; any of them will do."""
    licences: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    """All of them are wanted."""
    songs: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    min_type_confidence: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether every stem is wanted."""
        return self == StemFilters(any_octave=self.any_octave)


def conditions(filters: StemFilters) -> list[ColumnElement[bool]]:
    """What `StemRow` has to fulfil, all of it."""
    found: list[ColumnElement[bool]] = []
    if filters.min_bpm is not None or filters.max_bpm is not None:
        found.append(_in_tempo(filters))
    if filters.min_type_confidence > 0:
        found.append(StemRow.type_confidence >= filters.min_type_confidence)
    found += [
        column.in_(sorted(values))
        for column, values in (
            (StemRow.key, filters.keys),
            (StemRow.kind, filters.kinds),
        )
        if values
    ]
    if filters.licences:
        small = sorted(each.lower() for each in filters.licences)
        # As it stands, too: PostgreSQL makes small what its locale tells it to, in "C" A to Z alone.
        found.append(
            or_(func.lower(StemRow.licence).in_(small), StemRow.licence.in_(sorted(filters.licences)))
        )
    if filters.songs:
        found.append(StemRow.number.in_(numbers_of_songs(filters.songs)))
    found += [
        StemRow.number.in_(select(TagRow.stem_number).where(TagRow.tag == tag.lower()))
        for tag in sorted(filters.tags)
    ]
    return found


def numbers_of_songs(names: frozenset[str]) -> Select[Any]:
    """Select the numbers of stems that have a file in one of the songs."""
    return (
        select(FileRow.stem_number)
        .join(SongRow, SongRow.number == FileRow.song_number)
        .where(SongRow.name.in_(sorted(names)), FileRow.stem_number.is_not(None))
    )


def _in_tempo(filters: StemFilters) -> ColumnElement[bool]:
    factors = (1.0, 2.0, 0.5) if filters.any_octave else (1.0,)
    return or_(*(_between(filters, factor) for factor in factors))


def _between(filters: StemFilters, factor: float) -> ColumnElement[bool]:
    lowest, highest = filters.min_bpm, filters.max_bpm
    bounds: list[ColumnElement[bool]] = [StemRow.bpm.is_not(None)]
    if lowest is not None:
        bounds.append(StemRow.bpm >= lowest / factor)
    if highest is not None:
        bounds.append(StemRow.bpm <= highest / factor)
    return and_(*bounds)
