"""Play a planned stem with the instrument that it was given: a soundfont, or one of our own."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import soxr  # type: ignore[import-untyped]  # it publishes no types

from audio.decode import SAMPLE_RATE, Waveform
from model.render.arrange import StemPlan
from model.render.drum_machine import play_drums
from model.render.drum_sounds import draw_kit
from model.render.electronic import play_electronic
from model.render.fluidsynth import Preset, Room, Stereo, Voice
from model.render.midi import Part
from model.render.palette import Engine
from model.render.timbres import draw_timbre
from model.render.voice import draw_singer, sing


class Player(Protocol):
    """What plays with soundfonts: the synth, or a stand-in in tests."""

    soundfonts: tuple[Path, ...]
    sample_rate: int

    def has_preset(self, preset: Preset) -> bool: ...

    def play(self, voices: tuple[Voice, ...], seconds: float, room: Room) -> Stereo: ...


@dataclass(frozen=True)
class Take:
    """A stem as its instrument gave it, in mono at 16 kHz, and what was drawn for it."""

    sound: Waveform
    note: dict[str, Any]


def play_stem(
    plan: StemPlan, parts: list[Part], seconds: float, player: Player, generator: np.random.Generator
) -> Take:
    """Play `parts`, the plan's parts as performed. What is drawn depends on the plan alone.

    So a song that is transposed or stretched is played by the same instruments.
    """
    match plan.engine:
        case Engine.SOUNDFONT:
            return _play_soundfont(plan, parts, seconds, player)
        case Engine.DRUM_MACHINE:
            kit = draw_kit(generator)
            sounds = [play_drums(part, seconds, kit) for part in parts]
            return Take(_add(sounds), {"kit": asdict(kit)})
        case Engine.VOICE:
            singers = [draw_singer(_middle(voice.part), generator) for voice in plan.voices]
            streams = generator.spawn(len(parts))
            takes = zip(parts, singers, streams, strict=True)
            sounds = [sing(part, seconds, singer, stream) for part, singer, stream in takes]
            return Take(_add(sounds), {"singers": [asdict(singer) for singer in singers]})
        case Engine.ELECTRONIC:
            timbres = [draw_timbre(plan.stem_type, _length(voice.part), generator) for voice in plan.voices]
            sounds = [play_electronic(part, seconds, t) for part, t in zip(parts, timbres, strict=True)]
            return Take(_add(sounds), {"timbres": [asdict(timbre) for timbre in timbres]})


def _play_soundfont(plan: StemPlan, parts: list[Part], seconds: float, player: Player) -> Take:
    voices = tuple(voice.with_part(part) for voice, part in zip(plan.voices, parts, strict=True))
    sound = player.play(voices, seconds, plan.room).mean(axis=0)
    stem = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    # The resampler may round its length another way than our own instruments do.
    heard = soxr.resample(sound, player.sample_rate, SAMPLE_RATE)[: len(stem)]
    stem[: len(heard)] = heard
    note = {
        "soundfont": player.soundfonts[plan.soundfont].name,
        "programs": [voice.preset.program for voice in plan.voices],
        "reverb_send": plan.voices[0].reverb,
        "chorus_send": plan.voices[0].chorus,
        "room": asdict(plan.room),
    }
    return Take(stem, note)


def _add(sounds: list[Waveform]) -> Waveform:
    return np.asarray(np.sum(sounds, axis=0), np.float32)


def _middle(part: Part) -> float:
    return float(np.median(part.notes[:, 2]))


def _length(part: Part) -> float:
    return float(np.median(part.notes[:, 1] - part.notes[:, 0]))
