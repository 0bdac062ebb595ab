"""How the score of the true stem reacts when it is transposed, stretched or shifted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from audio.stems import StemType
from model.evaluation.bootstrap import Interval, interval_of_mean
from model.evaluation.metrics import rank_of
from model.evaluation.sensitivity_trials import Trial
from model.evaluation.sensitivity_variants import UNCHANGED, Kind


@dataclass(frozen=True)
class Point:
    """What a change of one size does."""

    value: float  # semitones, factor of the length, or beats
    queries: int
    score: Interval  # of the changed stem, in standard deviations of other songs' stems above their mean
    recall: Interval  # R@1, were the changed stem the true one
    preferred: Interval  # how often the unchanged stem scores higher; a tie counts half


@dataclass(frozen=True)
class Curve:
    """One kind of change at all its sizes, for drums or for pitched stems."""

    kind: str  # "transpose", "stretch" or "shift"
    stems: str  # "drums" or "pitched"
    points: tuple[Point, ...]


def draw_curves(trials: Sequence[Trial]) -> list[Curve]:
    """All curves that the trials tell something about.

    Drums are kept apart, for they react to time only; there is no curve of drums against transposition,
    which leaves them as they are.
    """
    curves = []
    for stems in ("pitched", "drums"):
        chosen = [one for one in trials if (one.stem_type is StemType.DRUMS) == (stems == "drums")]
        if stems == "pitched":
            curves.append(Curve("transpose", stems, _change_points(chosen, "transpose")))
        curves.append(Curve("stretch", stems, _change_points(chosen, "stretch")))
        curves.append(Curve("shift", stems, _shift_points(chosen)))
    return [curve for curve in curves if len(curve.points) > 1]


def describe_curves(curves: Iterable[Curve]) -> list[dict[str, Any]]:
    """Plain data for JSON."""
    return [asdict(curve) for curve in curves]


def _change_points(trials: Sequence[Trial], kind: Kind) -> tuple[Point, ...]:
    """Points of the trials that know every size, so that all points are about the same queries."""
    sizes = {change for one in trials for change in one.changed if change.kind == kind}
    complete = [one for one in trials if sizes and sizes <= set(one.changed)]
    scores = [
        {UNCHANGED[kind]: one.own, **{change.value: one.changed[change] for change in sizes}}
        for one in complete
    ]
    return _points(complete, scores, [one.own for one in complete])


def _shift_points(trials: Sequence[Trial]) -> tuple[Point, ...]:
    known = [one for one in trials if one.shifted]
    return _points(known, [one.shifted for one in known], [one.shifted[0.0] for one in known])


def _points(
    trials: Sequence[Trial], scores: Sequence[Mapping[float, float]], unchanged: Sequence[float]
) -> tuple[Point, ...]:
    if not trials:
        return ()
    groups = [one.group for one in trials]
    spread = _spread(trials)
    points = []
    for value in sorted(scores[0]):
        # A stem that is not heard at a lag at all is as good as the worst of the others.
        at = [
            known[value] if np.isfinite(known[value]) else float(one.rivals.min())
            for known, one in zip(scores, trials, strict=True)
        ]
        above = [(score - one.rivals.mean()) / spread for score, one in zip(at, trials, strict=True)]
        first = [_rank(score, one) == 1 for score, one in zip(at, trials, strict=True)]
        preferred = [0.5 * (1 + np.sign(true - score)) for true, score in zip(unchanged, at, strict=True)]
        points.append(
            Point(
                value,
                len(trials),
                *(interval_of_mean(np.array(one, np.float64), groups) for one in (above, first, preferred)),
            )
        )
    return tuple(points)


def _rank(score: float, trial: Trial) -> float:
    return rank_of(np.concatenate([np.array([score], np.float32), trial.rivals]), 0).rank


def _spread(trials: Sequence[Trial]) -> float:
    """Standard deviation of rivals' scores within a query, over all queries; 1 where they do not differ."""
    variance = float(np.mean([one.rivals.var() for one in trials]))
    return variance**0.5 or 1.0
