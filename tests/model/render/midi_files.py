"""Small MIDI files for tests, and a player that needs no synth."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np

from model.render.fluidsynth import Preset, Room, Stereo, Voice
from model.render.midi import Part

TICKS = 480


@dataclass(frozen=True)
class Notes:
    """A track of a test song: one note a beat from `first` on, `count` of them."""

    channel: int
    program: int
    pitch: int = 60
    count: int = 32
    first: float = 0.0
    velocity: int = 100


def write_midi(path: Path, tracks: Sequence[Notes], bpm: float = 120.0) -> Path:
    midi = mido.MidiFile(ticks_per_beat=TICKS)
    midi.tracks.append(mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))]))
    midi.tracks.extend(_write_track(notes) for notes in tracks)
    midi.save(str(path))
    return path


def make_part(channel: int, program: int, pitch: int = 60, count: int = 16, start: float = 0.0) -> Part:
    """A part of one note each half second from `start` on."""
    starts = start + 0.5 * np.arange(count)
    notes = np.stack([starts, starts + 0.4, np.full(count, pitch), np.full(count, 100)], axis=1)
    return Part(channel, program, notes)


def _write_track(notes: Notes) -> mido.MidiTrack:
    track = mido.MidiTrack([mido.Message("program_change", channel=notes.channel, program=notes.program)])
    wait = round(notes.first * TICKS)
    for _ in range(notes.count):
        on = mido.Message(
            "note_on", channel=notes.channel, note=notes.pitch, velocity=notes.velocity, time=wait
        )
        track.append(on)
        track.append(mido.Message("note_off", channel=notes.channel, note=notes.pitch, time=TICKS // 2))
        wait = TICKS // 2
    return track


class ClickPlayer:
    """Plays each note as a click as high as its velocity; has every preset."""

    def __init__(self, sample_rate: int = 32_000, soundfonts: int = 2) -> None:
        self.sample_rate = sample_rate
        self.soundfonts = tuple(Path(f"clicks-{number}.sf2") for number in range(soundfonts))
        self.played: list[tuple[Voice, ...]] = []

    def has_preset(self, preset: Preset) -> bool:
        return True

    def play(self, voices: tuple[Voice, ...], seconds: float, room: Room) -> Stereo:
        self.played.append(voices)
        sound = np.zeros((2, round(seconds * self.sample_rate)), np.float32)
        for voice in voices:
            moments = np.round(voice.part.notes[:, 0] * self.sample_rate).astype(int)
            for offset in range(32):
                sound[:, np.minimum(moments + offset, sound.shape[1] - 1)] += voice.part.notes[:, 3] / 1000
        return sound
