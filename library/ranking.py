"""From windows to stems: hits become a pool of stems, and their windows one ranking with a placement each."""

from dataclasses import dataclass, replace
from math import gcd
from typing import Self

import numpy as np
from numpy.typing import NDArray

from audio.alignment import Places, align_windows, runs
from audio.decode import SAMPLE_RATE
from library.index import Hits, Vectors
from library.index_rows import StemNumbers
from library.vector_ids import unpack_ids


@dataclass(frozen=True, slots=True)
class Pool:
    """Stems worth a closer look, by their best single pair of query and window; best first."""

    numbers: StemNumbers
    """[C], each once."""
    windows: NDArray[np.int64]
    """Number of the window of the best pair [C]."""

    def __len__(self) -> int:
        return len(self.numbers)

    def pick(self, places: NDArray[np.intp] | NDArray[np.bool_] | slice) -> "Pool":
        """Some of them, in the same order."""
        return Pool(self.numbers[places], self.windows[places])


@dataclass(frozen=True, slots=True)
class StemWindows:
    """The windows of some stems [V], stem after stem."""

    vectors: Vectors
    """[V, D], of length 1."""
    owners: NDArray[np.int64]
    """Which of the stems that were asked for: 0..C-1, ascending."""
    numbers: NDArray[np.int64]
    """The window's number in its stem."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The common measure of the queries' distance and the windows' distance."""

    tick_seconds: float
    window_ticks: int
    """From one window of a stem to the next."""

    @classmethod
    def between(cls, query_hop_seconds: float, hop_seconds: float) -> Self:
        """The longest tick of which both distances are whole multiples, to the sample."""
        query_samples, samples = round(query_hop_seconds * SAMPLE_RATE), round(hop_seconds * SAMPLE_RATE)
        tick_samples = gcd(query_samples, samples)
        return cls(tick_samples / SAMPLE_RATE, samples // tick_samples)

    def query_places(self, starts: NDArray[np.float64]) -> Places:
        """Ticks from the first query to each; where a mix's queries begin altogether does not matter."""
        return np.asarray(np.rint((starts - starts[0]) / self.tick_seconds), np.int64)

    def window_places(self, windows: NDArray[np.int64]) -> Places:
        """Ticks from the beginning of a stem to its windows."""
        return windows * self.window_ticks


@dataclass(frozen=True, slots=True)
class StemHit:
    """A stem that fits, and where: its window at `stem_start` lies under the mix at `mix_start`."""

    number: int
    """The stem's number in the catalogue."""
    score: float
    """Evidence at the lag that fits best, see `audio.alignment`."""
    mix_start: float
    """Seconds into the mix, of the best pair on that lag; below 0 where a window begins before it does."""
    stem_start: float
    """Seconds into the stem."""

    def not_before(self, start: float) -> Self:
        """The same lag, told by the first moment of the window at or after `start` seconds into the mix."""
        missing = max(start - self.mix_start, 0.0)
        return replace(self, mix_start=self.mix_start + missing, stem_start=self.stem_start + missing)

    def overlap(self, start: float, end: float, window_seconds: float, stem_seconds: float) -> float:
        """Seconds in which both sound within the window, of a mix that was heard from `start` to `end`."""
        stem_end = self.mix_start - self.stem_start + stem_seconds
        begin = max(self.mix_start, start)
        return max(min(self.mix_start + window_seconds, end, stem_end) - begin, 0.0)


def pool_hits(hits: Hits) -> Pool:
    """Each stem once, by its best hit; of equal ones the smaller number first."""
    numbers, windows = unpack_ids(hits.ids)
    return pool_windows(hits.scores, numbers, windows)


def pool_windows(scores: NDArray[np.float32], numbers: StemNumbers, windows: NDArray[np.int64]) -> Pool:
    """The same of windows [V] whose best score with any query is `scores`."""
    order = np.lexsort((windows, numbers, -scores))
    _, first = np.unique(numbers[order], return_index=True)
    best = order[np.sort(first)]
    return Pool(numbers[best], windows[best])


def rank_stems(
    numbers: StemNumbers,
    windows: StemWindows,
    queries: Vectors,
    starts: NDArray[np.float64],
    *,
    clock: Clock,
    limit: int,
) -> list[StemHit]:
    """The `limit` best of the stems `numbers` [C], all their `windows` aligned with all `queries` [Q, D].

    `starts` [Q] are the seconds of the queries in the mix, ascending; there is one or more. Equal scores: the
    earlier place in the mix, then the earlier window, then the smaller stem number wins, so that the same
    question always has the same answer.
    """
    if not len(numbers):
        return []
    beginnings = clock.window_places(windows.numbers)
    best = align_windows(queries, clock.query_places(starts), windows.vectors, windows.owners, beginnings)
    mix_starts, chosen = starts[best.queries], windows.numbers[best.windows]
    order = np.lexsort((numbers, chosen, mix_starts, -best.scores))[:limit]
    window_seconds = clock.window_ticks * clock.tick_seconds
    return [
        StemHit(
            int(numbers[i]), float(best.scores[i]), float(mix_starts[i]), float(chosen[i] * window_seconds)
        )
        for i in order
    ]


def thin_queries(places: Places, most: int) -> NDArray[np.intp]:
    """Rows of about `most` of the queries at `places` [Q], ascending; all if there are no more, one at least.

    Neighbours stay together, for a lag is told by queries that lie densely: runs of them are chosen whole,
    spread evenly as the middles of equal parts.
    """
    if len(places) <= most:
        return np.arange(len(places))
    stretches = runs(places)
    count = max(len(stretches) * most // len(places), 1)
    chosen = [stretches[(2 * part + 1) * len(stretches) // (2 * count)] for part in range(count)]
    return np.concatenate([np.arange(begin, end) for begin, end in chosen])
