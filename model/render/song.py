"""Render one MIDI file to a folder of stems with a note of how each was made."""

import json
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import soundfile
import soxr  # type: ignore[import-untyped]  # it publishes no types
from numpy.typing import NDArray

from model.render.arrange import StemPlan, arrange_stems
from model.render.excerpt import choose_excerpt
from model.render.fluidsynth import Preset, Room, Stereo, Voice
from model.render.midi import MidiSong, Part, read_midi

SAMPLE_RATE = 16_000
QUIETEST_PEAK = 0.002
FADE_SECONDS = 0.02
TAIL_SECONDS = 1.5

Waveform = NDArray[np.float32]


class TooFewStemsError(ValueError):
    """A song that leaves less than a mix to find a part for."""


class Player(Protocol):
    """What plays the stems: the synth, or a stand-in in tests."""

    soundfonts: tuple[Path, ...]
    sample_rate: int

    def has_preset(self, preset: Preset) -> bool: ...

    def play(self, voices: tuple[Voice, ...], seconds: float, room: Room) -> Stereo: ...


@dataclass(frozen=True)
class SongJob:
    """One song to render: where from, where to, and what is written down about it."""

    midi: Path
    folder: Path
    source: str
    licence: str
    seed: int
    variant: int = 0
    seconds: float = 60.0
    fewest_stems: int = 2


@dataclass(frozen=True)
class Excerpt:
    """Where a rendering starts in its song, how much of it follows, and what is done to it."""

    start: float
    seconds: float
    tail: float = 0.0
    transpose: int = 0
    stretch: float = 1.0

    @property
    def length(self) -> float:
        """Seconds of the stems."""
        return self.seconds * self.stretch + self.tail


def render_song(job: SongJob, player: Player) -> dict[str, Any]:
    """Write `<folder>/<type>.wav` and `song.json`; the folder appears at once, complete. Returns the note.

    Raises:
        UnreadableMidiError: the file is not MIDI or is damaged.
        TooFewStemsError: fewer stems than wanted can be heard.
    """
    generator = np.random.default_rng([job.seed, job.variant])
    song = read_midi(job.midi)
    excerpt = _choose(song, job, generator)
    parts = [_cut(part, excerpt) for part in song.parts]
    heard = [part for part in parts if len(part.notes)]
    plans = arrange_stems(heard, player, len(player.soundfonts), generator)
    played = {plan.stem_type: _play_stem(plan, player, excerpt.length) for plan in plans}
    stems = {stem_type: stem for stem_type, stem in played.items() if stem is not None}
    if len(stems) < job.fewest_stems:
        raise TooFewStemsError(f"{job.midi.name} gives {len(stems)} stems, {job.fewest_stems} are wanted.")
    note = _describe(job, song, excerpt)
    note["stems"] = {p.stem_type: _describe_stem(p, player) for p in plans if p.stem_type in stems}
    _write_folder(job.folder, stems, note)
    return note


def _choose(song: MidiSong, job: SongJob, generator: np.random.Generator) -> Excerpt:
    """What is rendered of a song; the first variant sounds as it is written, others are changed."""
    start, seconds = choose_excerpt(song, job.seconds, generator)
    tail = TAIL_SECONDS if seconds < job.seconds else 0.0
    if job.variant == 0:
        return Excerpt(start, seconds, tail)
    transpose = int(generator.integers(-4, 5))
    return Excerpt(start, seconds, tail, transpose, float(np.round(generator.uniform(0.88, 1.14), 4)))


def _cut(part: Part, excerpt: Excerpt) -> Part:
    part = part.cut(excerpt.start, excerpt.seconds, excerpt.stretch)
    if part.is_drums:
        return part
    notes = part.notes.copy()
    notes[:, 2] = np.clip(notes[:, 2] + excerpt.transpose, 0, 127)
    return replace(part, notes=notes)


def _play_stem(plan: StemPlan, player: Player, seconds: float) -> Waveform | None:
    """The stem in mono at 16 kHz, or None if nothing of it is heard."""
    sound = player.play(plan.voices, seconds, plan.room).mean(axis=0)
    if float(np.abs(sound).max(initial=0.0)) < QUIETEST_PEAK:
        return None
    stem = np.asarray(soxr.resample(sound, player.sample_rate, SAMPLE_RATE), np.float32)
    fade = round(FADE_SECONDS * SAMPLE_RATE)
    stem[-fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return stem * np.float32(plan.peak / np.abs(stem).max())


def _describe(job: SongJob, song: MidiSong, excerpt: Excerpt) -> dict[str, Any]:
    return {
        "midi": job.midi.name,
        "source": job.source,
        "licence": job.licence,
        "seed": job.seed,
        "variant": job.variant,
        "excerpt_start": round(excerpt.start, 3),
        "seconds": round(excerpt.length, 3),
        "bpm": round(song.bpm / excerpt.stretch, 3),
        "transpose": excerpt.transpose,
        "stretch": excerpt.stretch,
    }


def _describe_stem(plan: StemPlan, player: Player) -> dict[str, Any]:
    return {
        "soundfont": player.soundfonts[plan.soundfont].name,
        "programs": [voice.preset.program for voice in plan.voices],
        "notes": sum(len(voice.part.notes) for voice in plan.voices),
        "reverb_send": plan.voices[0].reverb,
        "chorus_send": plan.voices[0].chorus,
        "room": asdict(plan.room),
        "peak": round(plan.peak, 3),
    }


def _write_folder(folder: Path, stems: dict[Any, Waveform], note: dict[str, Any]) -> None:
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for stem_type, stem in stems.items():
        soundfile.write(unfinished / f"{stem_type}.wav", stem, SAMPLE_RATE, subtype="PCM_16")
    (unfinished / "song.json").write_text(json.dumps(note, indent=1) + "\n")
    unfinished.rename(folder)
