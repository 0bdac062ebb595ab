"""Timbres of electronic instruments: which kinds play a stem type, and the parameters drawn for one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from audio.stems import StemType


class Synthesis(StrEnum):
    """Ways to make a tone."""

    SUBTRACTIVE = "subtractive"
    FM = "fm"
    PLUCKED = "plucked"
    ORGAN = "organ"


class Shape(StrEnum):
    """Wave of a subtractive oscillator."""

    SAW = "saw"
    SQUARE = "square"
    PULSE = "pulse"
    TRIANGLE = "triangle"


@dataclass(frozen=True)
class Character:
    """How instruments of a type sound: shares of syntheses; ranges of seconds, cutoffs in harmonics."""

    syntheses: Mapping[Synthesis, float]
    attack: tuple[float, float]
    decay: tuple[float, float]
    sustain: tuple[float, float]
    release: tuple[float, float]
    cutoff: tuple[float, float]
    voices: tuple[int, ...] = (1, 2, 3)


_SUB, _FM, _PLUCK, _ORGAN = Synthesis.SUBTRACTIVE, Synthesis.FM, Synthesis.PLUCKED, Synthesis.ORGAN
_BASS = Character(
    {_SUB: 0.6, _FM: 0.2, _PLUCK: 0.2},
    (0.002, 0.012),
    (0.1, 1.5),
    (0.1, 1.0),
    (0.02, 0.12),
    (1.5, 12),
    (1, 1, 2),
)
_KEYS = Character(
    {_FM: 0.4, _ORGAN: 0.25, _PLUCK: 0.25, _SUB: 0.1},
    (0.002, 0.01),
    (0.4, 3.0),
    (0.0, 0.4),
    (0.04, 0.4),
    (2, 14),
)
_GUITAR = Character({_PLUCK: 0.85, _FM: 0.15}, (0.001, 0.006), (0.3, 3.0), (0.0, 0.1), (0.03, 0.2), (3, 25))
_STRINGS = Character({_SUB: 1.0}, (0.03, 0.15), (0.5, 2.0), (0.7, 1.0), (0.15, 0.6), (3, 15), (3, 4, 5))
_WIND = Character({_SUB: 0.7, _FM: 0.3}, (0.01, 0.05), (0.2, 1.0), (0.6, 1.0), (0.03, 0.2), (3, 15), (1, 2))
_SYNTH = Character(
    {_SUB: 0.7, _FM: 0.2, _ORGAN: 0.1},
    (0.002, 0.04),
    (0.1, 2.0),
    (0.2, 1.0),
    (0.03, 0.5),
    (2, 25),
    (1, 2, 3, 5),
)
CHARACTERS: Mapping[StemType, Character] = {
    StemType.BASS: _BASS,
    StemType.KEYS: _KEYS,
    StemType.GUITAR: _GUITAR,
    StemType.STRINGS: _STRINGS,
    StemType.WIND: _WIND,
    StemType.SYNTH: _SYNTH,
    StemType.OTHER: _SYNTH,
    StemType.VOCALS: _WIND,
    StemType.DRUMS: _KEYS,
}
FM_RATIOS = (0.5, 1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.5, 7.0, 14.0)
LONG_NOTE_SECONDS = 0.9


@dataclass(frozen=True)
class Timbre:
    """One electronic instrument. Cutoffs count harmonics; times are in seconds."""

    synthesis: Synthesis
    shape: Shape
    attack: float
    decay: float
    sustain: float
    release: float
    cutoff: float
    sweep: float  # octaves by which the filter opens at the start
    sweep_decay: float
    resonance: float
    poles: int
    voices: int
    detune: float  # semitones between the outer voices of a unison
    sub: float  # level of an octave below
    fm_ratio: float
    fm_index: float
    pluck_place: float
    pluck_damping: float
    drawbars: tuple[float, ...]
    vibrato: float  # semitones
    vibrato_rate: float
    touch: float  # how much brighter a hard stroke is, octaves
    seed: int


def draw_timbre(stem_type: StemType, note_seconds: float, generator: np.random.Generator) -> Timbre:
    """An instrument for a stem of this type whose notes last about `note_seconds`."""
    character = CHARACTERS[stem_type]
    names = list(character.syntheses)
    synthesis = names[int(generator.choice(len(names), p=list(character.syntheses.values())))]
    long_notes = note_seconds > LONG_NOTE_SECONDS

    def draw(limits: tuple[float, float]) -> float:
        return float(np.exp(generator.uniform(np.log(limits[0]), np.log(limits[1]))))

    attack = draw(character.attack) * (3.0 if long_notes and stem_type is StemType.SYNTH else 1.0)
    voices = int(generator.choice(character.voices))
    return Timbre(
        synthesis=synthesis,
        shape=list(Shape)[int(generator.choice(len(Shape), p=(0.5, 0.2, 0.15, 0.15)))],
        attack=attack,
        decay=draw(character.decay),
        sustain=max(float(generator.uniform(*character.sustain)), 0.5 if long_notes else 0.0),
        release=draw(character.release),
        cutoff=draw(character.cutoff),
        sweep=float(generator.choice((0.0, 1.0)) * generator.uniform(0.5, 3.5)),
        sweep_decay=draw((0.05, 0.8)),
        resonance=float(generator.uniform(0.6, 3.5)),
        poles=int(generator.choice((2, 4))),
        voices=voices,
        detune=float(generator.uniform(0.06, 0.35)) if voices > 1 else 0.0,
        sub=float(generator.choice((0.0, 0.0, 0.4, 0.8))),
        fm_ratio=float(generator.choice(FM_RATIOS)),
        fm_index=draw((0.4, 5.0)),
        pluck_place=float(generator.uniform(0.06, 0.45)),
        pluck_damping=draw((0.15, 1.2)),
        drawbars=tuple(float(level) for level in generator.random(9) * (generator.random(9) < 0.6)),  # noqa: PLR2004
        vibrato=float(generator.choice((0.0, 0.0, 0.0, 0.2)) * generator.uniform(0.5, 1.5)),
        vibrato_rate=float(generator.uniform(4.5, 6.5)),
        touch=float(generator.uniform(0.2, 1.5)),
        seed=int(generator.integers(2**31)),
    )
