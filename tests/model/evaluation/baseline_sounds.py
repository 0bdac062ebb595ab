"""Clicks and chords, of which it is known how they fit."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE, Waveform

C_MAJOR, F_MAJOR, G_MAJOR, A_MINOR = (0, 4, 7), (5, 9, 0), (7, 11, 2), (9, 0, 4)


def rhythm(seed: int, seconds: float, least: float = 0.15, most: float = 0.6) -> NDArray[np.float64]:
    """Seconds at which something is struck: no stretch of it is like another."""
    gaps = np.random.default_rng(seed).uniform(least, most, int(seconds / least))
    times = np.cumsum(gaps)
    return np.asarray(times[times < seconds - 0.1])


def clicks(times: NDArray[np.float64], seconds: float, hertz: float = 1000.0, level: float = 0.3) -> Waveform:
    """A short decaying tone at each of `times`."""
    sound = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    clock = np.arange(800) / SAMPLE_RATE
    click = (level * np.exp(-60 * clock) * np.sin(2 * np.pi * hertz * clock)).astype(np.float32)
    for start in (times * SAMPLE_RATE).astype(int):
        piece = sound[start : start + len(click)]
        piece += click[: len(piece)]
    return sound


def beat(bpm: float, seconds: float, hertz: float = 1000.0) -> Waveform:
    """A click on each beat."""
    return clicks(np.arange(0.1, seconds - 0.1, 60 / bpm), seconds, hertz)


def chords(
    pitches: Sequence[Sequence[int]], seconds_each: float, octave: int = 4, level: float = 0.1
) -> Waveform:
    """Each chord held; pitch class 0 is C."""
    clock = np.arange(round(seconds_each * SAMPLE_RATE)) / SAMPLE_RATE
    held = []
    for chord in pitches:
        hertz = [440 * 2 ** ((12 * (octave + 1) + pitch - 69) / 12) for pitch in chord]
        held.append(np.sum([level * np.sin(2 * np.pi * one * clock) for one in hertz], axis=0))
    return np.concatenate(held).astype(np.float32)


def progression(seed: int, count: int) -> list[tuple[int, ...]]:
    """Random chords, none twice in a row."""
    generator = np.random.default_rng(seed)
    known = (C_MAJOR, F_MAJOR, G_MAJOR, A_MINOR)
    places = np.cumsum(generator.integers(1, len(known), count)) % len(known)
    return [known[place] for place in places]
