"""Render one MIDI file to a folder of stems with a note of how each was made."""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from audio.decode import Waveform
from model.render.arrange import StemPlan, arrange_stems
from model.render.beats import retime
from model.render.effects import Chain, apply_chain, draw_chain
from model.render.excerpt import choose_bars, choose_excerpt
from model.render.instruments import Player, play_stem
from model.render.midi import MidiSong, Part, read_midi
from model.render.palette import PLAIN, Engine, Palette
from model.render.performance import Performance, TempoDrift, draw_drift, draw_performance, perform
from model.render.song_folder import fade_out, write_song_folder

QUIETEST_PEAK = 0.002
TAIL_SECONDS = 1.5
TRANSPOSITIONS, STRETCHES = (-4, 5), (0.88, 1.14)
# Streams of random numbers of a song, each for one purpose: what is drawn for one never moves another.
EXCERPT, ARRANGEMENT, DRIFT, PLAYING, SOUND, RECORDING = range(6)


class TooFewStemsError(ValueError):
    """A song that leaves less than a mix to find a part for."""


@dataclass(frozen=True)
class Manner:
    """How songs are rendered: the palette, and what is fixed that is otherwise drawn or left as written.

    `transpose` (semitones) and `stretch` (factor of the length) stand for the random ones; `grid` is the one
    tempo in beats a minute to which songs are re-timed, cut at bar lines.
    """

    palette: Palette = PLAIN
    transpose: int | None = None
    stretch: float | None = None
    grid: float | None = None


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
    manner: Manner = field(default_factory=Manner)
    group: str = ""  # what its variants share, and no other song; the file's name if nothing else is said

    def stream(self, *purpose: int) -> np.random.Generator:
        """Random numbers for one purpose."""
        return np.random.default_rng([self.seed, self.variant, *purpose])


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


@dataclass(frozen=True)
class Stem:
    """A rendered stem and what was drawn for it."""

    sound: Waveform
    note: dict[str, Any]


def render_song(job: SongJob, player: Player) -> dict[str, Any]:
    """Write `<folder>/<type>.wav` and `song.json`; the folder appears at once, complete. Returns the note.

    Raises:
        UnreadableMidiError: the file is not MIDI or is damaged.
        NoGridError: it is to be laid on a grid and has none.
        TooFewStemsError: fewer stems than wanted can be heard.
    """
    written = read_midi(job.midi)
    song = written if job.manner.grid is None else retime(written, job.manner.grid)
    excerpt = _choose(song, job)
    drift = _choose_drift(excerpt, job)
    parts = [part.cut(excerpt.start, excerpt.seconds) for part in song.parts]
    heard = [part for part in parts if len(part.notes)]
    fonts, palette = len(player.soundfonts), job.manner.palette
    plans = arrange_stems(heard, player, fonts, job.stream(ARRANGEMENT), palette)
    played = {plan.stem_type: _render_stem(plan, job, excerpt, drift, player) for plan in plans}
    stems = {stem_type: stem for stem_type, stem in played.items() if stem is not None}
    if len(stems) < job.fewest_stems:
        raise TooFewStemsError(f"{job.midi.name} gives {len(stems)} stems, {job.fewest_stems} are wanted.")
    note = _describe(job, song, excerpt, drift)
    note["written_bpm"] = written.bpm
    note["stems"] = {stem_type: stem.note for stem_type, stem in stems.items()}
    write_song_folder(job.folder, {stem_type: stem.sound for stem_type, stem in stems.items()}, note)
    return note


def _choose(song: MidiSong, job: SongJob) -> Excerpt:
    """What is rendered of a song; the first variant sounds as it is written, others are changed."""
    generator, manner = job.stream(EXCERPT), job.manner
    if manner.grid is not None:
        start, seconds = choose_bars(song, job.seconds, generator)
    else:
        start, seconds = choose_excerpt(song, job.seconds, generator)
    transpose = int(generator.integers(*TRANSPOSITIONS)) if job.variant else 0
    stretch = float(np.round(generator.uniform(*STRETCHES), 4)) if job.variant and not manner.grid else 1.0
    return Excerpt(
        start,
        seconds,
        TAIL_SECONDS if seconds < job.seconds and not manner.grid else 0.0,
        transpose if manner.transpose is None else manner.transpose,
        stretch if manner.stretch is None else manner.stretch,
    )


def _choose_drift(excerpt: Excerpt, job: SongJob) -> TempoDrift:
    """How the tempo wanders; on a grid it does not."""
    if not job.manner.palette.performance or job.manner.grid is not None:
        return TempoDrift(excerpt.seconds)
    return draw_drift(excerpt.seconds, job.stream(DRIFT))


def _render_stem(
    plan: StemPlan, job: SongJob, excerpt: Excerpt, drift: TempoDrift, player: Player
) -> Stem | None:
    """The stem in mono at 16 kHz at its level, or None if nothing of it is heard."""
    number, palette = plan.stem_type.number, job.manner.palette
    playing, recording = job.stream(PLAYING, number), job.stream(RECORDING, number)
    musician = draw_performance(playing) if palette.performance else Performance()
    parts = [
        perform(_transpose(voice.part, excerpt), drift, excerpt.stretch, musician, playing)
        for voice in plan.voices
    ]
    take = play_stem(plan, parts, excerpt.length, player, job.stream(SOUND, number))
    if float(np.abs(take.sound).max(initial=0.0)) < QUIETEST_PEAK:
        return None
    dry = plan.engine is not Engine.SOUNDFONT
    chain = draw_chain(plan.stem_type, dry=dry, generator=recording) if palette.effects else Chain()
    stem = _finish(apply_chain(take.sound, chain, recording) if palette.effects else take.sound, plan.peak)
    note = {"engine": plan.engine, **take.note, "notes": sum(len(part.notes) for part in parts)}
    note |= {"peak": round(plan.peak, 3)}
    note |= {"performance": asdict(musician)} if palette.performance else {}
    note |= {"effects": asdict(chain)} if palette.effects else {}
    return Stem(stem, note)


def _transpose(part: Part, excerpt: Excerpt) -> Part:
    if part.is_drums:
        return part
    notes = part.notes.copy()
    notes[:, 2] = np.clip(notes[:, 2] + excerpt.transpose, 0, 127)
    return replace(part, notes=notes)


def _finish(stem: Waveform, peak: float) -> Waveform:
    """Faded out at the end, so that it ends without a click, and brought to its level."""
    faded = fade_out(stem)
    return faded * np.float32(peak / np.abs(faded).max())


def _describe(job: SongJob, song: MidiSong, excerpt: Excerpt, drift: TempoDrift) -> dict[str, Any]:
    return {
        "midi": job.midi.name,
        "group": job.group or job.midi.name,
        "source": job.source,
        "licence": job.licence,
        "seed": job.seed,
        "variant": job.variant,
        "palette": job.manner.palette.name,
        "grid": job.manner.grid,
        "excerpt_start": round(excerpt.start, 3),
        "seconds": round(excerpt.length, 3),
        "bpm": round(song.bpm / excerpt.stretch, 3),
        "transpose": excerpt.transpose,
        "stretch": excerpt.stretch,
        "drift": [list(wave) for wave in drift.waves],
    }
