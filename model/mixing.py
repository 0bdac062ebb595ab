"""Mixing stems: what becomes a context, and when a stem is too quiet to teach anything."""

from collections.abc import Sequence

import numpy as np

from audio.decode import Waveform

ACTIVE_RMS = 10 ** (-45 / 20)  # of full scale: quieter windows are rests
ACTIVE_SHARE = 10 ** (-30 / 20)  # of the stem's own loudest second


def rms(waveform: Waveform) -> float:
    """Root mean square of [T]; 0 for none."""
    return float(np.sqrt(np.dot(waveform, waveform) / max(len(waveform), 1)))


def is_active(waveform: Waveform, loudest: float = 0.0) -> bool:
    """Whether a window plays: not silent, and not far below `loudest`, the stem's loudest level (RMS)."""
    return is_loud(rms(waveform), loudest)


def is_loud(level: float, loudest: float = 0.0) -> bool:
    """Whether a level (RMS) is that of something that plays, of a stem whose loudest level is `loudest`."""
    return level > max(ACTIVE_RMS, ACTIVE_SHARE * loudest)


def mix(stems: Sequence[Waveform], gains: Sequence[float]) -> Waveform:
    """Sum of `stems` [T] each times its gain; they must have one length."""
    total = np.zeros_like(stems[0])
    for stem, gain in zip(stems, gains, strict=True):
        total += stem * np.float32(gain)
    return total


def random_gains(count: int, decibels: float, generator: np.random.Generator) -> list[float]:
    """Gains uniform in decibels between -`decibels` and +`decibels`."""
    return [float(gain) for gain in 10 ** (generator.uniform(-decibels, decibels, count) / 20)]


def random_subset(count: int, generator: np.random.Generator) -> list[int]:
    """Indices of a uniform number 1..count of `count` things (Stem-JEPA's `uniform` mode, section 4.2)."""
    size = int(generator.integers(1, count + 1))
    return sorted(int(index) for index in generator.choice(count, size, replace=False))


def random_equaliser(bins: int, decibels: float, generator: np.random.Generator, knots: int = 6) -> Waveform:
    """A smooth random curve [bins], in natural-log power, to be added to a log image."""
    levels = generator.uniform(-decibels, decibels, knots)
    curve = np.interp(np.linspace(0, knots - 1, bins), np.arange(knots), levels)
    return np.asarray(curve * np.log(10) / 10, dtype=np.float32)
