"""Hard-negative tiers: how often the true stem wins against ever closer relatives of itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.stems import StemType
from model.evaluation.bootstrap import Interval, interval_of_mean
from model.evaluation.sensitivity_trials import Trial
from model.evaluation.tiers_facts import SongFacts, are_near

# Parts of a beat: off the beat, on its offbeat, and in between. A shift by whole beats may well fit.
_PARTS = (-0.75, -0.5, -0.25, 0.25, 0.5, 0.75)
_FARTHEST_SEMITONES = 6
_STRETCHES = (0.8, 0.95, 1.05, 1.2)  # ±5..20 %: what lies between is no negative, and beyond is easy

Rivals = Callable[[Trial], tuple[float, NDArray[np.float32]] | None]
"""The true stem's score, and those that it must beat; None if a trial has none."""


@dataclass(frozen=True)
class Tier:
    """Choices between the true stem and one kind of others."""

    name: str
    queries: int
    ways: float  # K, the true one among them, on average
    accuracy: Interval  # the true one is first of K; shared firsts count in part
    chance: float  # of that
    pairs: Interval  # the true one beats one of the others; a tie counts half, chance is ½


def measure_tiers(trials: Sequence[Trial], facts: Mapping[str, SongFacts]) -> list[Tier]:
    """All tiers that have a query, from the easiest to the hardest.

    Args:
        trials: what was scored.
        facts: tempo and key of each song, for the tier of songs in the same key and tempo.
    """
    kinds: dict[str, Rivals] = {
        "other songs": lambda one: (one.own, one.rivals),
        "other songs, same key and tempo": lambda one: _near(one, facts),
        "itself, another section": lambda one: _known(one.here, one.elsewhere),
        "itself, transposed": _transposed,
        "itself, stretched": _stretched,
        "itself, shifted by part of a beat": _shifted,
    }
    tiers = [_measure(name, rivals, trials) for name, rivals in kinds.items()]
    return [tier for tier in tiers if tier is not None]


def describe_tiers(tiers: Sequence[Tier]) -> list[dict[str, Any]]:
    """Plain data for JSON."""
    return [asdict(tier) for tier in tiers]


def _measure(name: str, rivals: Rivals, trials: Sequence[Trial]) -> Tier | None:
    known = [(one, *found) for one in trials if (found := rivals(one)) is not None]
    if not known:
        return None
    groups = [one.group for one, _, _ in known]
    first = [_share_of_first(own, others) for _, own, others in known]
    pairs = [float(np.mean(0.5 * (1 + np.sign(own - others)))) for _, own, others in known]
    ways = np.array([1 + len(others) for _, _, others in known])
    return Tier(
        name,
        len(known),
        float(ways.mean()),
        interval_of_mean(np.array(first), groups),
        float((1 / ways).mean()),
        interval_of_mean(np.array(pairs), groups),
    )


def _share_of_first(own: float, others: NDArray[np.float32]) -> float:
    if (others > own).any():
        return 0.0
    return 1 / (1 + int((others == own).sum()))


def _near(trial: Trial, facts: Mapping[str, SongFacts]) -> tuple[float, NDArray[np.float32]] | None:
    near = [
        score
        for score, song in zip(trial.rivals.tolist(), trial.rival_songs, strict=True)
        if are_near(facts[trial.song], facts[song])
    ]
    return _known(trial.own, near)


def _transposed(trial: Trial) -> tuple[float, NDArray[np.float32]] | None:
    """Drums are as they were when they are transposed."""
    if trial.stem_type is StemType.DRUMS:
        return None
    scores = [
        score
        for change, score in trial.changed.items()
        if change.kind == "transpose" and abs(change.value) <= _FARTHEST_SEMITONES
    ]
    return _known(trial.own, scores)


def _stretched(trial: Trial) -> tuple[float, NDArray[np.float32]] | None:
    fastest, fast, slow, slowest = _STRETCHES
    scores = [
        score
        for change, score in trial.changed.items()
        if change.kind == "stretch" and (fastest <= change.value <= fast or slow <= change.value <= slowest)
    ]
    return _known(trial.own, scores)


def _shifted(trial: Trial) -> tuple[float, NDArray[np.float32]] | None:
    """At the true lag against other lags: with the best lag free, a shifted stem is the same stem."""
    if not trial.shifted:
        return None
    return _known(trial.shifted[0.0], [trial.shifted[part] for part in _PARTS])


def _known(own: float, others: Sequence[float]) -> tuple[float, NDArray[np.float32]] | None:
    return (own, np.array(others, np.float32)) if len(others) and not np.isnan(own) else None
