"""Ask an index for stems: those with a good pair of query and window, ranked by all their windows."""

from collections.abc import Collection
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.stems import StemType
from library.builds import StemIndexes
from library.index import StemIndex, Vectors
from library.index_rows import RowRanges, StemNumbers, find_rows
from library.pooling import IsThere, Wanted, find_pool
from library.ranking import Clock, Pool, StemHit, StemWindows, rank_stems, thin_queries
from library.vector_ids import WINDOW_BITS, unpack_ids

# Stems are ranked by all their windows, so more than `limit` are looked at: the best pair of a stem among the
# ten best was among the hundred best in every question tried.
SPARE_STEMS = 100
# What the second step costs grows with the windows: 16,384 and the queries of 16 s are 10 GFLOP. Ten stems
# of a limit are compared whole up to seven minutes each; of a thousand each gets the minute around its best
# pair.
WINDOWS_AT_MOST = 16_384
# What finds stems costs as many products as the library has windows, for each query: three sections of 16 s,
# or any mix that is one section, ask with all of theirs, longer mixes with some.
QUERIES_TO_FIND = 800


class Queries(Protocol):
    """Query vectors of a mix; `model.overhang.Queries` is one."""

    @property
    def vectors(self) -> Vectors:
        """[Q, D], of length 1."""

    @property
    def starts(self) -> NDArray[np.float64]:
        """Seconds of each query within the mix [Q], ascending."""


def search_stems(
    indexes: StemIndexes,
    stem_type: StemType,
    queries: Queries,
    limit: int,
    *,
    allowed: StemNumbers | None = None,
    excluded: Collection[int] | StemNumbers = (),
    is_there: IsThere | None = None,
) -> list[StemHit]:
    """The `limit` stems of `stem_type` that fit `queries` best, best first; all if there are fewer.

    Of a long mix a few sections find the stems, and all of them rank those that were found: a song says more
    than a part of it, and only a few stems need to be asked about all of it.

    Args:
        indexes: the build that is asked.
        stem_type: whose index is asked.
        queries: the mix.
        limit: stems that are wanted.
        allowed: numbers of the only stems that may come back, ascending; None is all.
        excluded: numbers of stems that must not.
        is_there: tells of some numbers which may (still) come back; asked of the stems that are looked at
            only, so that it costs the same however many are gone.
    """
    index = indexes.index(stem_type)
    if index is None or limit < 1 or not len(queries.vectors):
        return []
    wanted = Wanted(limit + SPARE_STEMS, allowed, _as_numbers(excluded), is_there)
    clock = Clock.between(indexes.manifest.query_hop_seconds, indexes.manifest.hop_seconds)
    vectors, starts = queries.vectors, queries.starts
    rows = thin_queries(clock.query_places(starts), QUERIES_TO_FIND)
    pool = find_pool(index, vectors[rows], wanted)
    hits = _rank(index, pool, vectors[rows], starts[rows], clock=clock, limit=limit)
    if len(rows) == len(starts):
        return hits
    windows = [round(hit.stem_start / indexes.manifest.hop_seconds) for hit in hits]
    found = Pool(np.array([hit.number for hit in hits], np.int64), np.array(windows, np.int64))
    return _rank(index, found, vectors, starts, clock=clock, limit=limit)


def _rank(
    index: StemIndex,
    pool: Pool,
    vectors: Vectors,
    starts: NDArray[np.float64],
    *,
    clock: Clock,
    limit: int,
) -> list[StemHit]:
    """The `limit` best stems of `pool`, of which as many windows are compared as a search may."""
    numbers, windows = take_windows(index, pool, WINDOWS_AT_MOST)
    return rank_stems(numbers, windows, vectors, starts, clock=clock, limit=limit)


def take_windows(index: StemIndex, pool: Pool, most: int) -> tuple[StemNumbers, StemWindows]:
    """The stems of `pool` by number, with about `most` windows: those around the best of each."""
    order = np.argsort(pool.numbers)  # as they lie in the index
    numbers, best = pool.numbers[order], pool.windows[order]
    centres = np.searchsorted(index.ids(), numbers << WINDOW_BITS | best)
    ranges = find_rows(index.ids(), numbers).nearest(centres, max(most // max(len(pool), 1), 1))
    return numbers, _read_windows(index, ranges)


def vectors_of(index: StemIndex, numbers: StemNumbers) -> StemWindows:
    """All windows of the stems `numbers` [C], in that order; a stem that the index lacks has none."""
    return _read_windows(index, find_rows(index.ids(), numbers))


def holds_stem(index: StemIndex, number: int) -> bool:
    """Whether the stem can be found in this index."""
    return bool(find_rows(index.ids(), np.array([number], np.int64)).counts[0])


def _read_windows(index: StemIndex, ranges: RowRanges) -> StemWindows:
    rows = ranges.rows()
    owners = np.repeat(np.arange(len(ranges.first), dtype=np.int64), ranges.counts)
    return StemWindows(index.vectors(rows), owners, unpack_ids(index.ids()[rows])[1])


def _as_numbers(excluded: Collection[int] | StemNumbers) -> StemNumbers:
    if isinstance(excluded, np.ndarray):
        return np.sort(excluded)
    return np.sort(np.fromiter(excluded, np.int64, len(excluded)))
