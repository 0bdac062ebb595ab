"""Retrieval metrics from ranks: pure functions, each with its value at chance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000


@dataclass(frozen=True)
class Ranked:
    """One query's outcome."""

    song: str  # what the bootstrap resamples
    stem_type: str
    rank: int  # of the true stem, from 1
    candidates: int  # C


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % bootstrap interval over songs."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{100 * self.value:.1f} [{100 * self.low:.0f}, {100 * self.high:.0f}]"


def rank_of(scores: NDArray[np.float32], true: int) -> int:
    """Rank of candidate `true` among `scores` [C], from 1; a tie counts as half of the tied above it.

    Raises:
        ValueError: a score is not a number; compared as it is, it would rank first.
    """
    if np.isnan(scores).any():
        raise ValueError(
            "A score is not a number (NaN): the network has diverged. Train it again, more slowly."
        )
    above = int((scores > scores[true]).sum())
    tied = int((scores == scores[true]).sum()) - 1
    return 1 + above + (tied + 1) // 2


def recall_at(k: int) -> Callable[[Sequence[Ranked]], float]:
    """R@k: share of queries whose true stem is among the first k."""
    return lambda results: float(np.mean([result.rank <= k for result in results]))


def mean_normalised_rank(results: Sequence[Ranked]) -> float:
    """Mean of (rank - 1) / (C - 1): 0 is perfect, ½ is chance."""
    return float(np.mean(normalised_ranks(results)))


def median_normalised_rank(results: Sequence[Ranked]) -> float:
    """Median of (rank - 1) / (C - 1)."""
    return float(np.median(normalised_ranks(results)))


def mean_reciprocal_rank(results: Sequence[Ranked]) -> float:
    """MRR: mean of 1 / rank."""
    return float(np.mean([1 / result.rank for result in results]))


def normalised_ranks(results: Sequence[Ranked]) -> list[float]:
    """(rank - 1) / (C - 1) of each query with more than one candidate."""
    return [(result.rank - 1) / (result.candidates - 1) for result in results if result.candidates > 1]


METRICS: dict[str, Callable[[Sequence[Ranked]], float]] = {
    "R@1": recall_at(1),
    "R@5": recall_at(5),
    "R@10": recall_at(10),
    "MRR": mean_reciprocal_rank,
    "mean rank": mean_normalised_rank,
    "median rank": median_normalised_rank,
}


def chance(results: Sequence[Ranked]) -> dict[str, float]:
    """Each metric's expectation when every order of the candidates is equally likely."""
    counts = [result.candidates for result in results]
    harmonic = [float(np.mean(1 / np.arange(1, count + 1))) for count in counts]
    recalls = {f"R@{k}": float(np.mean([min(k / count, 1.0) for count in counts])) for k in (1, 5, 10)}
    return {**recalls, "MRR": float(np.mean(harmonic)), "mean rank": 0.5, "median rank": 0.5}


def bootstrap(
    results: Sequence[Ranked], metric: Callable[[Sequence[Ranked]], float], generator: np.random.Generator
) -> Interval:
    """`metric` with a 95 % interval from resampling songs, since queries of one song are not independent."""
    by_song: dict[str, list[Ranked]] = {}
    for result in results:
        by_song.setdefault(result.song, []).append(result)
    songs = list(by_song)
    values = [
        metric(
            [
                result
                for index in generator.integers(0, len(songs), len(songs))
                for result in by_song[songs[index]]
            ]
        )
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(values, [0.025, 0.975])
    return Interval(metric(results), float(low), float(high))


def summarise(results: Sequence[Ranked], seed: int = 0) -> dict[str, Interval]:
    """All metrics with their intervals."""
    generator = np.random.default_rng(seed)
    return {name: bootstrap(results, metric, generator) for name, metric in METRICS.items()}
