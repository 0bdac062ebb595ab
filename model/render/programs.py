"""Which General MIDI programs may stand in for one another: the same stem type, mostly the same family."""

import numpy as np

from audio.labels import type_from_general_midi
from audio.stems import StemType

FAMILY_SIZE = 8
VOICES = (52, 53, 54)
DRUM_KITS = (0, 0, 8, 16, 24, 25, 32, 40)
# Not an instrument one would play a part on: fret noise and harmonics, timpani, orchestra hit.
ODD = frozenset({31, 47, 55})
KEEP_PROGRAM, KEEP_FAMILY = 0.35, 0.8


def choose_program(program: int, generator: np.random.Generator) -> int:
    """A program of the same stem type: the same, one of its family, or any of the type."""
    stem_type = type_from_general_midi(program)
    dice = generator.random()
    if dice < KEEP_PROGRAM or stem_type is StemType.OTHER:
        return program
    alike = [p for p in range(128) if type_from_general_midi(p) is stem_type and p not in ODD]
    family = [p for p in alike if p // FAMILY_SIZE == program // FAMILY_SIZE]
    return int(generator.choice(family if dice < KEEP_FAMILY and family else alike))


def choose_drum_kit(generator: np.random.Generator) -> int:
    return int(generator.choice(DRUM_KITS))


def choose_voice(generator: np.random.Generator) -> int:
    return int(generator.choice(VOICES))
