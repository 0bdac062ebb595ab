"""Other keys and tempi for training: both sides of a pair change alike, so it belongs together as before.

A network that sees each song in one key and at one tempo alone learns which songs there are.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.stems import StemType
from model.train_config import OCTAVE, TrainConfig

UNPITCHED = frozenset({StemType.DRUMS})


@dataclass(frozen=True)
class KeyAndTempo:
    """How a pair differs from the song that it is cut from."""

    semitones: int = 0  # up; of pitched stems alone, for a drummer plays on in any key
    tempo: float = 1.0  # factor: frames of the song that pass in one frame of the pair

    def bins(self, stem_type: StemType, bins_per_octave: int) -> int:
        """Bins of a log-frequency image by which a stem moves up."""
        return 0 if stem_type in UNPITCHED else self.semitones * bins_per_octave // OCTAVE


AS_WRITTEN = KeyAndTempo()


def random_key_and_tempo(
    config: TrainConfig, generator: np.random.Generator, tempo: float | None = None
) -> KeyAndTempo:
    """A key and a tempo as far from the song's as `config` allows; `tempo`: of songs that share one."""
    semitones = 0
    if most := config.transpose_semitones:
        semitones = int(generator.integers(-most, most + 1))
    return KeyAndTempo(semitones, random_tempo(config, generator) if tempo is None else tempo)


def random_tempo(config: TrainConfig, generator: np.random.Generator) -> float:
    """A factor of the tempo within `config.tempo_share`, as often faster as slower."""
    if not config.tempo_share:
        return 1.0
    widest = math.log1p(config.tempo_share)
    return math.exp(generator.uniform(-widest, widest))


def move_bins(powers: NDArray[np.float32], bins: int) -> NDArray[np.float32]:
    """Powers [N, M], `bins` higher (lower if negative); what comes in at the edge is silence."""
    if not bins:
        return powers
    moved = np.zeros_like(powers)
    if bins > 0:
        moved[:, bins:] = powers[:, :-bins]
    else:
        moved[:, :bins] = powers[:, -bins:]
    return moved
