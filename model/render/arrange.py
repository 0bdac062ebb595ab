"""Plan the stems of a song: which instrument of which soundfont plays each part, how loud and how wet."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from audio.stems import StemType
from model.render.fluidsynth import DRUM_BANK, Preset, Room, Voice
from model.render.midi import Part
from model.render.programs import choose_drum_kit, choose_program, choose_voice

SING_PROBABILITY = 0.5
FEWEST_NOTES = 8
# A melody is sung where singers are: its middle is brought into this range of pitches by octaves.
LOWEST_VOICE, HIGHEST_VOICE = 52, 76
LEAD_TYPES = frozenset({StemType.SYNTH, StemType.WIND, StemType.GUITAR, StemType.KEYS, StemType.STRINGS})
MELODY_SHARE = 0.75
MANY_TYPES = 5


class Presets(Protocol):
    """What an arrangement asks of a synth: which instruments there are."""

    def has_preset(self, preset: Preset) -> bool: ...


@dataclass(frozen=True)
class StemPlan:
    """How one stem of a song is to be played; `peak` is the level it is normalised to."""

    stem_type: StemType
    soundfont: int
    voices: tuple[Voice, ...]
    room: Room
    peak: float


def arrange_stems(
    parts: Sequence[Part], presets: Presets, soundfonts: int, generator: np.random.Generator
) -> list[StemPlan]:
    """One plan for each stem type with notes enough; every stem draws its soundfont and sound on its own."""
    by_type: dict[StemType, list[Part]] = defaultdict(list)
    for part in _give_lead_to_voice(parts, generator):
        by_type[part.stem_type].append(part)
    return [
        _plan_stem(stem_type, by_type[stem_type], presets, soundfonts, generator)
        for stem_type in sorted(by_type, key=lambda stem_type: stem_type.number)
        if sum(len(part.notes) for part in by_type[stem_type]) >= FEWEST_NOTES
    ]


def _plan_stem(
    stem_type: StemType,
    parts: Sequence[Part],
    presets: Presets,
    soundfonts: int,
    generator: np.random.Generator,
) -> StemPlan:
    soundfont = int(generator.integers(soundfonts))
    wet, chorus = int(generator.integers(0, 90)), int(generator.integers(0, 60))
    room = Room(
        size=float(generator.uniform(0.1, 0.8)),
        damping=float(generator.uniform(0.0, 0.7)),
        level=float(generator.uniform(0.2, 0.9)),
    )
    voices = tuple(
        Voice(
            _change_level(part, generator), _choose_preset(part, soundfont, presets, generator), wet, chorus
        )
        for part in parts
    )
    return StemPlan(stem_type, soundfont, voices, room, float(generator.uniform(0.3, 0.9)))


def _choose_preset(part: Part, soundfont: int, presets: Presets, generator: np.random.Generator) -> Preset:
    if part.is_drums:
        wanted = Preset(soundfont, DRUM_BANK, choose_drum_kit(generator))
        plain = Preset(soundfont, DRUM_BANK, 0)
    else:
        wanted = Preset(soundfont, 0, choose_program(part.program, generator))
        plain = Preset(soundfont, 0, part.program)
    return wanted if presets.has_preset(wanted) else plain


def _change_level(part: Part, generator: np.random.Generator) -> Part:
    """The part with its velocities scaled: how loud and how bright its instrument sounds within the stem."""
    notes = part.notes.copy()
    notes[:, 3] = np.clip(np.round(notes[:, 3] * generator.uniform(0.75, 1.15)), 1, 127)
    return replace(part, notes=notes)


def _give_lead_to_voice(parts: Sequence[Part], generator: np.random.Generator) -> list[Part]:
    """Half of the songs that nobody sings get their most melodic part sung, because vocals are scarce."""
    sings = generator.random() < SING_PROBABILITY
    if not sings or any(part.stem_type is StemType.VOCALS for part in parts):
        return list(parts)
    lead = _find_lead(parts)
    return [_sing(part, generator) if part is lead else part for part in parts]


def _find_lead(parts: Sequence[Part]) -> Part | None:
    """Highest melody among parts that are not alone in their type, or any in a song of many types."""
    types = Counter(part.stem_type for part in parts if len(part.notes) >= FEWEST_NOTES)
    leads = [
        part
        for part in parts
        if part.stem_type in LEAD_TYPES
        and (types[part.stem_type] > 1 or len(types) >= MANY_TYPES)
        and len(part.notes) >= 2 * FEWEST_NOTES
        and _is_melody(part)
    ]
    return max(leads, key=lambda part: float(part.notes[:, 2].mean()), default=None)


def _is_melody(part: Part) -> bool:
    """Whether nearly every note begins alone and on a pitch of its own."""
    starts = part.notes[:, 0]
    return float(np.mean(np.diff(starts) > 0.03)) >= MELODY_SHARE  # noqa: PLR2004 -- seconds, a strum's spread


def _sing(part: Part, generator: np.random.Generator) -> Part:
    notes = part.notes.copy()
    middle = float(np.median(notes[:, 2]))
    octaves = np.ceil((LOWEST_VOICE - middle) / 12) if middle < LOWEST_VOICE else 0
    octaves = -np.ceil((middle - HIGHEST_VOICE) / 12) if middle > HIGHEST_VOICE else octaves
    notes[:, 2] = np.clip(notes[:, 2] + 12 * octaves, 0, 127)
    return replace(part, program=choose_voice(generator), notes=notes)
