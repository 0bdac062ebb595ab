"""Ask an index for stems: one batched search over all query vectors, widened until enough stems are found."""

from collections.abc import Collection
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.stems import StemType
from library.builds import StemIndexes
from library.index import Hits, StemIndex, Vectors
from library.ranking import StemHit, merge_hits
from library.vector_ids import unpack_ids

_WINDOWS_A_STEM = 4  # how many windows to ask for a wanted stem at first; a guess that one widening corrects
_WIDEN = 4


class Queries(Protocol):
    """Query vectors of a mix; `model.embedder.Queries` is one."""

    @property
    def vectors(self) -> Vectors:
        """[Q, D], of length 1."""

    @property
    def starts(self) -> NDArray[np.float64]:
        """Seconds of each query within the mix [Q]."""


def search_stems(
    indexes: StemIndexes,
    stem_type: StemType,
    queries: Queries,
    limit: int,
    excluded: Collection[int] = (),
) -> list[StemHit]:
    """The `limit` stems of `stem_type` that fit `queries` best, best first; all if there are fewer.

    `excluded` holds stem numbers that must not come back (removed since the build was made).
    """
    index = indexes.index(stem_type)
    if index is None or limit < 1:
        return []
    hits = widen_search(index, queries.vectors, limit, excluded)
    return merge_hits(hits, queries.starts, indexes.manifest.hop_seconds, limit)


def widen_search(index: StemIndex, queries: Vectors, limit: int, excluded: Collection[int] = ()) -> Hits:
    """Hits among which the `limit` best stems certainly are, for `queries` [Q, D].

    A stem that was not found scores at most as much as the last hit of some query; so the search is wide
    enough once `limit` stems score at least that, and ends anyway with the whole index.
    """
    k = limit * _WINDOWS_A_STEM
    while True:
        hits = index.search(queries, k)
        kept = _without(hits, excluded)
        if k >= len(index) or _limit_score(kept, limit) >= _highest_floor(hits):
            return kept
        k *= _WIDEN


def _without(hits: Hits, excluded: Collection[int]) -> Hits:
    if not excluded:
        return hits
    numbers, _ = unpack_ids(hits.ids)
    kept = ~np.isin(numbers, np.fromiter(excluded, np.int64, len(excluded)))
    return Hits(hits.scores[kept], hits.ids[kept], hits.queries[kept])


def _limit_score(hits: Hits, limit: int) -> float:
    """Score of the stem that would be ranked last; minus infinity while there are fewer stems."""
    numbers, _ = unpack_ids(hits.ids)
    order = np.argsort(-hits.scores, kind="stable")
    _, first = np.unique(numbers[order], return_index=True)
    if len(first) < limit:
        return -np.inf
    return float(hits.scores[order[np.sort(first)[limit - 1]]])


def _highest_floor(hits: Hits) -> float:
    """The best score that a vector which no query returned can have."""
    if not len(hits):
        return -np.inf
    last_of_each_query = np.append(np.nonzero(np.diff(hits.queries))[0], len(hits) - 1)
    return float(hits.scores[last_of_each_query].max())
