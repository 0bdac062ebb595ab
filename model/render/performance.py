"""How players depart from the score: a tempo that wanders for all of them, each one's timing and touch."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.render.midi import Control, Part

LARGEST_OFFSET_SECONDS = 0.012
LARGEST_JITTER_SECONDS = 0.010
TIGHT_SHARE = 0.4  # stems that were corrected to the grid, as most programmed and many recorded ones are
TIGHTNESS = 0.2
LARGEST_VELOCITY_SD = 12.0
STEADY_SHARE = 0.4  # songs played to a click
LARGEST_DRIFT = 0.012
DRIFT_PERIODS = (9.0, 40.0)
# Notes of one chord or stroke start together: they share most of their jitter.
CHORD_SECONDS = 0.015
OWN_JITTER = 0.35
SHORTEST_NOTE = 0.02


@dataclass(frozen=True)
class TempoDrift:
    """Slow waves of the tempo: (depth as a share of the tempo, period in seconds, phase). Both ends stay."""

    seconds: float
    waves: tuple[tuple[float, float, float], ...] = ()

    def apply(self, moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """When the players reach moments of the score, in seconds."""
        return moments + self._lag(moments) - moments / self.seconds * self._lag(np.array(self.seconds))

    def _lag(self, moments: NDArray[np.float64]) -> NDArray[np.float64]:
        lag = np.zeros_like(moments)
        for depth, period, phase in self.waves:
            lag = lag + depth * period / (2 * np.pi) * (
                np.sin(2 * np.pi * moments / period + phase) - np.sin(phase)
            )
        return lag


@dataclass(frozen=True)
class Performance:
    """One player: constant offset and spread of the timing in seconds, spread of the velocities."""

    offset: float = 0.0
    jitter: float = 0.0
    velocity_spread: float = 0.0


def draw_drift(seconds: float, generator: np.random.Generator) -> TempoDrift:
    """A drift for a song of this length; some songs keep their tempo."""
    steady = generator.random() < STEADY_SHARE
    depths = generator.uniform(0.0, LARGEST_DRIFT, 2).tolist()
    periods = generator.uniform(*DRIFT_PERIODS, 2).tolist()
    phases = generator.uniform(0.0, 2 * np.pi, 2).tolist()
    return TempoDrift(seconds, () if steady else tuple(zip(depths, periods, phases, strict=True)))


def draw_performance(generator: np.random.Generator) -> Performance:
    """A player."""
    tight = TIGHTNESS if generator.random() < TIGHT_SHARE else 1.0
    return Performance(
        offset=float(generator.uniform(-1.0, 1.0)) * LARGEST_OFFSET_SECONDS * tight,
        jitter=float(generator.uniform(0.0, LARGEST_JITTER_SECONDS)) * tight,
        velocity_spread=float(generator.uniform(0.0, LARGEST_VELOCITY_SD)),
    )


def perform(
    part: Part, drift: TempoDrift, stretch: float, player: Performance, generator: np.random.Generator
) -> Part:
    """The part as played: the score's time drifts, is stretched, and each note is off by a little.

    The draws depend on the number of notes alone, so a song at another tempo is off by the same.
    """
    notes = part.notes.copy()
    late = player.offset + player.jitter * _draw_lateness(part.notes[:, 0], generator)
    cut_short = player.jitter * generator.standard_normal(len(notes))
    starts = drift.apply(notes[:, 0]) * stretch + late
    ends = drift.apply(notes[:, 1]) * stretch + late + cut_short
    notes[:, 0] = np.maximum(starts, 0.0)
    notes[:, 1] = np.maximum(ends, notes[:, 0] + SHORTEST_NOTE)
    struck = notes[:, 3] + player.velocity_spread * generator.standard_normal(len(notes))
    notes[:, 3] = np.clip(np.round(struck), 1, 127)
    notes = notes[np.argsort(notes[:, 0], kind="stable")]
    return replace(part, notes=notes, controls=_move(part, drift, stretch, player))


def _draw_lateness(starts: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.float64]:
    """Standard normal numbers, nearly the same for notes that start together."""
    strokes = (
        np.concatenate([[0], np.cumsum(np.diff(starts) > CHORD_SECONDS)]) if len(starts) else np.zeros(0)
    )
    shared, own = generator.standard_normal(len(starts)), generator.standard_normal(len(starts))
    return np.asarray(shared[strokes.astype(int)] * np.sqrt(1 - OWN_JITTER**2) + OWN_JITTER * own)


def _move(part: Part, drift: TempoDrift, stretch: float, player: Performance) -> tuple[Control, ...]:
    written = np.array([control.seconds for control in part.controls])
    moments = drift.apply(written) * stretch + player.offset
    pairs = zip(part.controls, moments.tolist(), strict=True)
    return tuple(replace(control, seconds=max(seconds, 0.0)) for control, seconds in pairs)
