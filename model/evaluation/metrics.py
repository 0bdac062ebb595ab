"""Retrieval metrics from ranks: pure functions, each with its value at chance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


class Place(NamedTuple):
    """Where a candidate stands among others."""

    rank: float  # from 1; of those that score alike, all share the middle of their places
    tied: int = 0  # others that score alike


@dataclass(frozen=True)
class Ranked:
    """One query's outcome."""

    group: str  # source of its song: what the bootstrap resamples
    stem_type: str
    rank: float  # of the true stem, from 1
    candidates: int  # C
    tied: int = 0  # others that score as the true stem does
    song: str = ""


@dataclass(frozen=True)
class Metric:
    """A number for each query, and how they become one; called with results, it gives that one."""

    values: Callable[[Sequence[Ranked]], Values]  # [Q], NaN where a query says nothing
    middle: Literal["mean", "median"] = "mean"

    def __call__(self, results: Sequence[Ranked]) -> float:
        average = np.nanmean if self.middle == "mean" else np.nanmedian
        return float(average(self.values(results)))


def rank_of(scores: NDArray[np.float32], true: int) -> Place:
    """Where candidate `true` stands among `scores` [C]; of those tied with it, half count as above it.

    Raises:
        ValueError: a score is not a number; compared as it is, it would rank first.
    """
    if np.isnan(scores).any():
        raise ValueError(
            "A score is not a number (NaN): the network has diverged. Train it again, more slowly."
        )
    above = int((scores > scores[true]).sum())
    tied = int((scores == scores[true]).sum()) - 1
    return Place(1 + above + tied / 2, tied)


def recall_at(k: int) -> Metric:
    """R@k: share of queries whose true stem is among the first k; of tied ones, as many as by chance."""
    return Metric(lambda results: within(k, *_ranks(results)))


def within(k: int | NDArray[np.int64], ranks: Values, tied: NDArray[np.int64]) -> Values:
    """How surely each of `ranks` is among the first k, for it shares its place with `tied` others."""
    firsts = ranks - tied / 2
    return np.asarray(np.clip((k - firsts + 1) / (tied + 1), 0.0, 1.0), np.float64)


def normalised_ranks(results: Sequence[Ranked]) -> Values:
    """(rank - 1) / (C - 1) of each query, NaN where there is one candidate: 0 is perfect, ½ is chance."""
    ranks = np.array([result.rank for result in results], np.float64)
    rivals = np.array([result.candidates - 1 for result in results], np.float64)
    return np.where(rivals > 0, (ranks - 1) / np.maximum(rivals, 1), np.nan)


def reciprocal_ranks(results: Sequence[Ranked]) -> Values:
    """1 / rank of each query, on average over the places that a tie may come to."""
    return np.array([np.mean(1 / _places(result)) for result in results], np.float64)


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


def _ranks(results: Sequence[Ranked]) -> tuple[Values, NDArray[np.int64]]:
    """Ranks [Q], and with how many others each is tied [Q]."""
    ranks = np.array([result.rank for result in results], np.float64)
    return ranks, np.array([result.tied for result in results], np.int64)


def _places(result: Ranked) -> Values:
    """The places that the true stem and those tied with it share, from 1."""
    return np.asarray(result.rank - result.tied / 2 + np.arange(result.tied + 1), np.float64)
