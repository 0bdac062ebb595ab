"""95 % intervals by resampling songs, since queries of one song are not independent (Efron 1979)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.evaluation.metrics import METRICS, Metric, Ranked, Values

RESAMPLES = 1000
NO_INTERVAL = "[one source]"


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval; where all queries are of one song, there is none."""

    value: float
    low: float | None
    high: float | None

    def __str__(self) -> str:
        return f"{100 * self.value:.1f} {self.bounds('.0f', 100)}"

    def bounds(self, form: str, scale: float = 1) -> str:
        """`[low, high]`, each as the format `form` writes it times `scale`."""
        if self.low is None or self.high is None:
            return NO_INTERVAL
        return f"[{scale * self.low:{form}}, {scale * self.high:{form}}]"


@dataclass(frozen=True)
class Comparison:
    """One scorer against another on the same queries, resampled together."""

    ratio: Interval | None  # None where the other is 0 in some resample
    difference: Interval


def bootstrap(results: Sequence[Ranked], metric: Metric, seed: int = 0) -> Interval:
    """`metric` with its interval."""
    return _interval(metric(results), _resampled(metric, metric.values(results), _weights(results, seed)))


def summarise(results: Sequence[Ranked], seed: int = 0) -> dict[str, Interval]:
    """All metrics with their intervals."""
    weights = _weights(results, seed)
    return {
        name: _interval(metric(results), _resampled(metric, metric.values(results), weights))
        for name, metric in METRICS.items()
    }


def compare(ours: Sequence[Ranked], theirs: Sequence[Ranked], metric: Metric, seed: int = 0) -> Comparison:
    """`ours` over and minus `theirs`, both on each resample of songs.

    Raises:
        ValueError: they do not answer the same queries in the same order.
    """
    if [(one.group, one.stem_type) for one in ours] != [(one.group, one.stem_type) for one in theirs]:
        raise ValueError("Only scorers that answered the same queries in the same order can be compared.")
    weights = _weights(ours, seed)
    first, second = (_resampled(metric, metric.values(one), weights) for one in (ours, theirs))
    value, other = metric(ours), metric(theirs)
    ratio = _interval(value / other, first / second) if other > 0 and bool((second > 0).all()) else None
    return Comparison(ratio, _interval(value - other, first - second))


def interval_of_mean(values: Values, groups: Sequence[str], seed: int = 0) -> Interval:
    """The mean of one number a query [Q] with its interval over `groups`."""
    results = [Ranked(group, "", 1, 2) for group in groups]
    metric = Metric(lambda _: values)
    return _interval(metric(results), _resampled(metric, values, _weights(results, seed)))


def _interval(value: float, resampled: Values) -> Interval:
    if not len(resampled):
        return Interval(value, None, None)
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Interval(value, float(low), float(high))


def _weights(results: Sequence[Ranked], seed: int) -> Values:
    """How often each query is in each resample of songs: [RESAMPLES, Q], or [0, Q] if there is one song."""
    groups, whose = np.unique([result.group for result in results], return_inverse=True)
    if len(groups) == 1:
        return np.empty((0, len(results)))
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(len(groups), np.full(len(groups), 1 / len(groups)), RESAMPLES)
    return np.asarray(drawn[:, whose], np.float64)


def _resampled(metric: Metric, values: Values, weights: Values) -> Values:
    """The metric of each resample: [RESAMPLES]."""
    known = ~np.isnan(values)
    values, weights = values[known], weights[:, known]
    if metric.middle == "mean":
        return np.asarray(weights @ values / np.maximum(weights.sum(axis=1), 1))
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[:, order], axis=1)  # how many of a resample lie up to each value
    total = reached[:, -1:]
    lower = (reached <= (total - 1) // 2).sum(axis=1)
    upper = (reached <= total // 2).sum(axis=1)
    last = len(values) - 1
    return np.asarray((values[order][np.minimum(lower, last)] + values[order][np.minimum(upper, last)]) / 2)
