"""Read a MIDI file as parts: the notes that one channel plays with one program, timed in seconds."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path

import mido
import numpy as np
from mido.midifiles.meta import KeySignatureError
from numpy.typing import NDArray

from audio.labels import type_from_general_midi
from audio.stems import StemType

DRUM_CHANNEL = 9
LONGEST_NOTE_SECONDS = 12.0
# Of a note that began before an excerpt, a shorter rest would be a click.
SHORTEST_HELD_SECONDS = 0.3
# Modulation, bend range (RPN and data entry), volume, expression, sustain: what shapes a note. Pan and
# effect sends are left out, because the arrangement sets its own.
KEPT_CONTROLS = frozenset({1, 6, 7, 11, 38, 64, 100, 101})
BEND = -1

Notes = NDArray[np.float64]


class UnreadableMidiError(ValueError):
    """A file that holds no MIDI song that can be rendered."""


@dataclass(frozen=True)
class Control:
    """A controller or, with number BEND, the pitch wheel (0..16383) moved at a time."""

    seconds: float
    number: int
    value: int


@dataclass(frozen=True)
class Part:
    """One instrument's notes [N, 4]: start and end in seconds, pitch, velocity; sorted by start."""

    channel: int
    program: int
    notes: Notes
    controls: tuple[Control, ...] = ()

    @property
    def is_drums(self) -> bool:
        return self.channel == DRUM_CHANNEL

    @property
    def stem_type(self) -> StemType:
        return StemType.DRUMS if self.is_drums else type_from_general_midi(self.program)

    def cut(self, start: float, seconds: float, stretch: float = 1.0) -> "Part":
        """The part from `start` on, moved to 0 and stretched; held notes begin at 0, controls keep state."""
        begins, ends = self.notes[:, 0] - start, self.notes[:, 1] - start
        held = (begins < 0) & (ends > SHORTEST_HELD_SECONDS)
        chosen = ((begins >= 0) | held) & (begins < seconds)
        notes = self.notes[chosen].copy()
        notes[:, 0] = np.maximum(notes[:, 0] - start, 0.0) * stretch
        notes[:, 1] = np.minimum(notes[:, 1] - start, seconds) * stretch
        moved = [replace(c, seconds=max(c.seconds - start, 0.0) * stretch) for c in self.controls]
        return replace(self, notes=notes, controls=tuple(c for c in moved if c.seconds < seconds * stretch))


@dataclass(frozen=True)
class BeatMap:
    """When the beats (quarter notes) of a song fall: its tempo is steady between the points given.

    `metres` are (beat, beats of a bar, their unit), as in 4/4.
    """

    beats: tuple[float, ...] = (0.0, 1.0)
    seconds: tuple[float, ...] = (0.0, 0.5)
    metres: tuple[tuple[float, int, int], ...] = ()

    def beats_at(self, moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """Beats, counted from the song's start, at moments in seconds; the last tempo holds for ever."""
        beats, seconds = self.beats, self.seconds
        tempo = (beats[-1] - beats[-2]) / (seconds[-1] - seconds[-2])
        within = np.interp(moments, seconds, beats)
        return np.asarray(within + np.maximum(moments - seconds[-1], 0.0) * tempo)


@dataclass(frozen=True)
class MidiSong:
    """All parts of a song, its length, the tempo that holds for most of it, and its beats."""

    parts: tuple[Part, ...]
    seconds: float
    bpm: float
    beat_map: BeatMap = field(default_factory=BeatMap)


def read_midi(path: Path) -> MidiSong:
    """Read the parts of a MIDI file of type 0 or 1.

    Raises:
        UnreadableMidiError: the file is not MIDI, is damaged or plays no note.
    """
    try:
        midi = mido.MidiFile(str(path), clip=True)
        reader = _Reader(midi.ticks_per_beat)
        for message in mido.merge_tracks(midi.tracks):
            reader.read(message)
    except (OSError, EOFError, ValueError, LookupError, ArithmeticError, KeySignatureError) as error:
        raise UnreadableMidiError(f"{path.name} cannot be read as MIDI ({error}). Remove it.") from error
    song = reader.finish()
    if not song.parts:
        raise UnreadableMidiError(f"{path.name} plays no note. Remove it.")
    return song


class _Reader:
    """Walks through the merged messages of a song and collects notes by channel and program."""

    def __init__(self, ticks_per_beat: int) -> None:
        self._ticks_per_beat = ticks_per_beat
        self._beat_seconds = 0.5
        self._now = 0.0
        self._programs = dict.fromkeys(range(16), 0)
        self._held: dict[tuple[int, int], tuple[float, int, int]] = {}
        self._notes: dict[tuple[int, int], list[tuple[float, float, int, int]]] = defaultdict(list)
        self._controls: dict[int, list[Control]] = defaultdict(list)
        self._tempo_seconds: dict[float, float] = defaultdict(float)
        self._beat = 0.0
        self._tempo_points = [(0.0, 0.0)]
        self._metres: list[tuple[float, int, int]] = []

    def read(self, message: mido.Message) -> None:
        elapsed = message.time / self._ticks_per_beat * self._beat_seconds
        self._beat += message.time / self._ticks_per_beat
        self._now += elapsed
        self._tempo_seconds[self._beat_seconds] += elapsed
        match message.type:
            case "set_tempo":
                self._beat_seconds = max(message.tempo, 1) / 1e6
                if self._beat > self._tempo_points[-1][0]:
                    self._tempo_points.append((self._beat, self._now))
            case "time_signature":
                self._metres.append((self._beat, message.numerator, message.denominator))
            case "program_change":
                self._programs[message.channel] = message.program
            case "note_on" if message.velocity > 0:
                self._start_note(message.channel, message.note, message.velocity)
            case "note_on" | "note_off":
                self._end_note(message.channel, message.note)
            case "control_change" if message.control in KEPT_CONTROLS:
                self._controls[message.channel].append(Control(self._now, message.control, message.value))
            case "pitchwheel":
                self._controls[message.channel].append(Control(self._now, BEND, message.pitch + 8192))
            case _:
                pass

    def finish(self) -> MidiSong:
        for channel, pitch in list(self._held):
            self._end_note(channel, pitch)
        parts = [
            Part(channel, program, np.array(sorted(notes), np.float64), tuple(self._controls[channel]))
            for (channel, program), notes in sorted(self._notes.items())
        ]
        seconds = max((float(part.notes[:, 1].max()) for part in parts), default=0.0)
        beat = max(self._tempo_seconds, key=lambda beat: self._tempo_seconds[beat], default=0.5)
        last_beat, last_moment = self._tempo_points[-1]
        points = [*self._tempo_points, (last_beat + 1.0, last_moment + self._beat_seconds)]
        beats, moments = zip(*points, strict=True)
        beat_map = BeatMap(beats, moments, tuple(self._metres))
        return MidiSong(tuple(parts), seconds, round(60.0 / beat, 3), beat_map)

    def _start_note(self, channel: int, pitch: int, velocity: int) -> None:
        self._end_note(channel, pitch)
        self._held[channel, pitch] = (self._now, velocity, self._programs[channel])

    def _end_note(self, channel: int, pitch: int) -> None:
        if (channel, pitch) not in self._held:
            return
        start, velocity, program = self._held.pop((channel, pitch))
        end = min(max(self._now, start + 0.02), start + LONGEST_NOTE_SECONDS)
        self._notes[channel, program].append((start, end, pitch, velocity))
