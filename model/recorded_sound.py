"""Rooms, noise and bandwidths for training, on spectra: each side of a pair is recorded in a way of its own.

Rendered stems keep the sound of their rendering in every pair that they are part of, and a network that sees
it often enough remembers it. Recordings differ in the same things, hence these and not others.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from audio.decode import SAMPLE_RATE
from model.config_sections import FrontEndConfig
from model.mixing import random_equaliser
from model.stem_powers import Powers

Curve = NDArray[np.float32]
"""Power or a factor of it in each bin: [M]."""

ROOMS = 0.5  # share of sides that get one
REVERBERATION_SECONDS = (0.2, 1.2)  # until a room's tail has lost 60 dB
TAIL_DB = (-18.0, -4.0)  # of the tail against what excites it
NOISES = 0.5
NOISE_DB = (-55.0, -25.0)  # of the floor against the mean power of the side
NOISE_SLOPE_DB = 10.0  # the floor's spectrum varies by up to this, both ways
CUTS = 0.3  # share of sides that lose their highest bins, and share that lose their lowest
HIGHEST_OCTAVES, LOWEST_OCTAVES = 2.0, 0.75  # lost at most, of the image
CUT_DB_PER_OCTAVE = 24.0


@dataclass(frozen=True)
class RecordedSound:
    """One way to record: all three, or fewer, or none."""

    tail: tuple[float, float] | None  # seconds until it has lost 60 dB, and its power against its cause
    floor: Curve | None  # [M], power against the mean of the side
    response: Curve | None  # [M], factor of the power

    @classmethod
    def random(cls, config: FrontEndConfig, generator: np.random.Generator) -> Self:
        """Drawn anew for every side of every pair."""
        tail = floor = None
        if generator.random() < ROOMS:
            seconds, level = generator.uniform(*REVERBERATION_SECONDS), _power(generator.uniform(*TAIL_DB))
            tail = (float(seconds), level)
        if generator.random() < NOISES:
            slope = np.exp(random_equaliser(config.bins, NOISE_SLOPE_DB, generator, knots=4))
            floor = slope * np.float32(_power(generator.uniform(*NOISE_DB)))
        return cls(tail, floor, _random_response(config, generator))

    def __call__(self, powers: Powers, hop_samples: int) -> Powers:
        """What is recorded of [N, M]: the room first, then the bandwidth, then the floor of the device."""
        heard = powers
        if self.tail is not None:
            seconds, level = self.tail
            stays = 10 ** (-6.0 * hop_samples / SAMPLE_RATE / seconds)
            # The tail follows its cause by a frame, and holds `level` of its energy in all.
            rises = np.array([0.0, level * (1 - stays)], np.float32)
            heard = heard + lfilter(rises, np.array([1.0, -stays], np.float32), powers, axis=0)
        if self.response is not None:
            heard = heard * self.response
        if self.floor is not None:
            heard = heard + self.floor * np.float32(powers.mean())
        return heard


def _random_response(config: FrontEndConfig, generator: np.random.Generator) -> Curve | None:
    octaves = np.arange(config.bins) / config.bins_per_octave
    lost = np.zeros(config.bins)
    if generator.random() < CUTS:
        lost += np.maximum(octaves - octaves[-1] + generator.uniform(0, HIGHEST_OCTAVES), 0)
    if generator.random() < CUTS:
        lost += np.maximum(generator.uniform(0, LOWEST_OCTAVES) - octaves, 0)
    return _powers(-CUT_DB_PER_OCTAVE * lost) if lost.any() else None


def _power(decibels: float) -> float:
    return float(10 ** (decibels / 10))


def _powers(decibels: NDArray[np.float64]) -> Curve:
    return np.asarray(10 ** (decibels / 10), np.float32)
