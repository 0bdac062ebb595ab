"""The first step of a search: the stems with the best single pairs of query and window."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from library.index import RowMask, Rows, StemIndex, Vectors
from library.index_rows import RowRanges, StemNumbers, find_rows
from library.ranking import Pool, pool_hits, pool_windows
from library.vector_ids import unpack_ids

IsThere = Callable[[StemNumbers], NDArray[np.bool_]]
"""Tells of stem numbers [C] which of them may be answered with [C]."""

_WIDEN = 4
# Beyond this many hits of all queries together, scoring every row is no slower and surely finds all.
_MOST_HITS = 4_000_000
_ROWS_AT_ONCE = 8192


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many stems are wanted, and which."""

    stems: int
    allowed: StemNumbers | None
    """Ascending; None is all."""
    excluded: StemNumbers
    """Ascending."""
    is_there: IsThere | None = None

    def pick(self, pool: Pool) -> Pool:
        """The first `stems` of `pool` that may come back."""
        kept = pool.pick(~_are_among(pool.numbers, self.excluded)) if len(self.excluded) else pool
        if self.is_there is None:
            return kept.pick(slice(self.stems))
        # A portion at a time: of a pool of a million stems only the first are asked about.
        found: list[NDArray[np.intp]] = []
        for start in range(0, len(kept), self.stems):
            there = self.is_there(kept.numbers[start : start + self.stems])
            found.append(start + np.flatnonzero(there))
            if sum(map(len, found)) >= self.stems:
                break
        return kept.pick(np.concatenate([*found, np.empty(0, np.intp)])[: self.stems].astype(np.intp))


def find_pool(index: StemIndex, queries: Vectors, wanted: Wanted) -> Pool:
    """At most `wanted.stems` stems for `queries` [Q, D], best first; fewer only if there are fewer.

    The search widens until it has that many. Where few rows are allowed, or no width is enough, every row is
    scored instead, which is exact.
    """
    ranges = None if wanted.allowed is None else _find_present(index, wanted.allowed)
    rows = len(index) if ranges is None else int(ranges.counts.sum())
    if rows > index.scan_rows:
        mask = None if ranges is None or rows == len(index) else ranges.mask(len(index))
        there = index.stems if ranges is None else len(ranges.first)
        pool = _widen(index, queries, wanted, mask, there)
        if pool is not None:
            return pool
    return wanted.pick(scan_stems(index, queries, None if ranges is None else ranges.rows()))


def scan_stems(index: StemIndex, queries: Vectors, rows: Rows | None = None) -> Pool:
    """Every stem that has one of `rows` (None: all), by its best pair with any of `queries` [Q, D]."""
    ids = index.ids() if rows is None else index.ids()[rows]
    best = np.empty(len(ids), np.float32)
    for start in range(0, len(ids), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        vectors = index.vectors(part if rows is None else rows[part])
        best[part] = (queries @ vectors.T).max(axis=0)
    return pool_windows(best, *unpack_ids(ids))


def _widen(
    index: StemIndex, queries: Vectors, wanted: Wanted, mask: RowMask | None, there: int
) -> Pool | None:
    """The pool of the narrowest search that has enough stems; None if it would have to be too wide."""
    if there - len(wanted.excluded) < wanted.stems:
        there -= int(np.count_nonzero(find_rows(index.ids(), wanted.excluded).counts))
    enough = min(wanted.stems, there)
    k = wanted.stems
    while k <= index.widest and k * len(queries) <= _MOST_HITS:
        pool = wanted.pick(pool_hits(index.search(queries, k, mask)))
        if len(pool) >= enough:
            return pool
        k *= _WIDEN
    return None


def _find_present(index: StemIndex, allowed: StemNumbers) -> RowRanges:
    """Rows of the allowed stems that the index has."""
    ranges = find_rows(index.ids(), allowed)
    present = ranges.counts > 0
    return RowRanges(ranges.first[present], ranges.end[present])


def _are_among(numbers: StemNumbers, some: StemNumbers) -> NDArray[np.bool_]:
    """Which of `numbers` are in the ascending, not empty `some`."""
    places = np.minimum(np.searchsorted(some, numbers), len(some) - 1)
    return np.asarray(some[places] == numbers, np.bool_)
