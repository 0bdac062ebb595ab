"""Plan the stems of a song: which instrument of which soundfont plays each part, how loud and how wet."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from audio.stems import StemType
from model.render.fluidsynth import DRUM_BANK, Preset, Room, Voice
from model.render.gestures import is_bent
from model.render.midi import Part
from model.render.palette import PLAIN, Engine, Palette, own_engine
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
    """How one stem of a song is to be played; `peak` is the level it is normalised to.

    Every stem has its presets, whatever `engine` plays it.
    """

    stem_type: StemType
    soundfont: int
    voices: tuple[Voice, ...]
    room: Room
    peak: float
    engine: Engine = Engine.SOUNDFONT


def arrange_stems(
    parts: Sequence[Part],
    presets: Presets,
    soundfonts: int,
    generator: np.random.Generator,
    palette: Palette = PLAIN,
) -> list[StemPlan]:
    """One plan for each stem type with notes enough; every stem draws its instrument and sound on its own."""
    by_type: dict[StemType, list[Part]] = defaultdict(list)
    for part in _give_lead_to_voice(parts, generator):
        by_type[part.stem_type].append(part)
    return [
        _plan_stem(by_type[stem_type], presets, soundfonts, palette, generator)
        for stem_type in sorted(by_type, key=lambda stem_type: stem_type.number)
        if sum(len(part.notes) for part in by_type[stem_type]) >= FEWEST_NOTES
    ]


def _plan_stem(
    parts: Sequence[Part],
    presets: Presets,
    soundfonts: int,
    palette: Palette,
    generator: np.random.Generator,
) -> StemPlan:
    stem_type = parts[0].stem_type
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
    peak = float(generator.uniform(0.3, 0.9))
    engine = _choose_engine(stem_type, parts, palette, generator)
    if engine is Engine.VOICE:
        voices = tuple(voice.with_part(_bring_into_range(voice.part)) for voice in voices)
    return StemPlan(stem_type, soundfont, voices, room, peak, engine)


def _choose_engine(
    stem_type: StemType, parts: Sequence[Part], palette: Palette, generator: np.random.Generator
) -> Engine:
    """Our own instrument by the palette's share, where it can play the parts."""
    own = own_engine(stem_type)
    if generator.random() >= palette.share(stem_type):
        return Engine.SOUNDFONT
    able = {
        Engine.DRUM_MACHINE: all(part.is_drums for part in parts),
        Engine.VOICE: True,  # of a choir's chords the voice takes the top
        Engine.ELECTRONIC: not any(is_bent(part) for part in parts),
    }
    return own if able[own] else Engine.SOUNDFONT


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
    return replace(_bring_into_range(part), program=choose_voice(generator))


def _bring_into_range(part: Part) -> Part:
    notes = part.notes.copy()
    middle = float(np.median(notes[:, 2]))
    octaves = np.ceil((LOWEST_VOICE - middle) / 12) if middle < LOWEST_VOICE else 0
    octaves = -np.ceil((middle - HIGHEST_VOICE) / 12) if middle > HIGHEST_VOICE else octaves
    notes[:, 2] = np.clip(notes[:, 2] + 12 * octaves, 0, 127)
    return replace(part, notes=notes)
