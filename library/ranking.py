"""From windows to stems: many hits of many query vectors become one ranking with a placement each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from library.index import Hits
from library.vector_ids import unpack_ids


@dataclass(frozen=True, slots=True)
class StemHit:
    """A stem that fits, and where: its window at `stem_start` lies under the mix at `mix_start`."""

    number: int
    """The stem's number in the catalogue."""
    score: float
    """Inner product of the best pair of query and window."""
    mix_start: float
    """Seconds into the mix."""
    stem_start: float
    """Seconds into the stem."""


def merge_hits(
    hits: Hits, query_starts: NDArray[np.float64], hop_seconds: float, limit: int
) -> list[StemHit]:
    """The `limit` best stems, each with its best pair of query and window; best first.

    `query_starts` [Q] holds the seconds of each query in the mix; windows lie `hop_seconds` apart in a stem.
    Equal scores: the earlier place in the mix, then the earlier window, then the smaller stem number wins, so
    that the same question always has the same answer.
    """
    numbers, windows = unpack_ids(hits.ids)
    starts = np.asarray(query_starts, np.float64)[hits.queries]
    order = np.lexsort((numbers, windows, starts, -hits.scores))
    _, first = np.unique(numbers[order], return_index=True)
    best = order[np.sort(first)[:limit]]
    return [
        StemHit(int(numbers[i]), float(hits.scores[i]), float(starts[i]), float(windows[i] * hop_seconds))
        for i in best
    ]
