"""Retrieval metrics from ranks: pure functions, each with its value at chance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Ranked:
    """One query's outcome."""

    song: str  # what the bootstrap resamples
    stem_type: str
    rank: int  # of the true stem, from 1
    candidates: int  # C


@dataclass(frozen=True)
class Metric:
    """A number for each query, and how they become one; called with results, it gives that one."""

    values: Callable[[Sequence[Ranked]], Values]  # [Q], NaN where a query says nothing
    middle: Literal["mean", "median"] = "mean"

    def __call__(self, results: Sequence[Ranked]) -> float:
        average = np.nanmean if self.middle == "mean" else np.nanmedian
        return float(average(self.values(results)))


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


def recall_at(k: int) -> Metric:
    """R@k: share of queries whose true stem is among the first k."""
    return Metric(lambda results: np.array([result.rank <= k for result in results], np.float64))


def normalised_ranks(results: Sequence[Ranked]) -> Values:
    """(rank - 1) / (C - 1) of each query, NaN where there is one candidate: 0 is perfect, ½ is chance."""
    ranks = np.array([result.rank for result in results], np.float64)
    rivals = np.array([result.candidates - 1 for result in results], np.float64)
    return np.where(rivals > 0, (ranks - 1) / np.maximum(rivals, 1), np.nan)


def reciprocal_ranks(results: Sequence[Ranked]) -> Values:
    """1 / rank of each query."""
    return 1 / np.array([result.rank for result in results], np.float64)


mean_normalised_rank = Metric(normalised_ranks)
median_normalised_rank = Metric(normalised_ranks, "median")
mean_reciprocal_rank = Metric(reciprocal_ranks)

METRICS: dict[str, Metric] = {
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
