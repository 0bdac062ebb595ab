"""The beat map of a song, and the song re-timed by it to one constant tempo."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from model.render.midi import BeatMap, Control, MidiSong, Part

BEATS_PER_BAR = 4
COMMON_TIME = (4, 4)
# Sixteenths, and triplets of eighths: what notes of music with a beat fall on.
SUBDIVISIONS = (4, 3)
LEAST_ALIGNED = 0.35


class NoGridError(ValueError):
    """A song that cannot be laid on a grid of bars."""


def retime(song: MidiSong, bpm: float) -> MidiSong:
    """The song at one constant tempo, its bar lines at multiples of `bar_seconds(bpm)`.

    Raises:
        NoGridError: it is not in 4/4 throughout, or its notes do not follow its beats.
    """
    _check_metre(song.beat_map)
    parts = tuple(_retime_part(part, song.beat_map, bpm) for part in song.parts)
    if _measure_alignment(parts, bpm) < LEAST_ALIGNED:
        raise NoGridError("Its notes do not follow its own beats, so it has no place on a grid.")
    seconds = max(float(part.notes[:, 1].max()) for part in parts)
    steady = BeatMap((0.0, 1.0), (0.0, 60.0 / bpm), song.beat_map.metres)
    return MidiSong(parts, seconds, bpm, steady)


def bar_seconds(bpm: float) -> float:
    return BEATS_PER_BAR * 60.0 / bpm


def _check_metre(beat_map: BeatMap) -> None:
    """A file that states no metre is in 4/4 (Standard MIDI Files 1.0)."""
    for beat, *metre in beat_map.metres:
        if tuple(metre) != COMMON_TIME:
            raise NoGridError(f"It is in {metre[0]}/{metre[1]} at some time, a grid is for 4/4 alone.")
        if not float(beat / BEATS_PER_BAR).is_integer():
            raise NoGridError("Its bars are shifted in mid-song, so they fit no grid.")


def _retime_part(part: Part, beat_map: BeatMap, bpm: float) -> Part:
    notes = part.notes.copy()
    notes[:, :2] = beat_map.beats_at(notes[:, :2]) * 60.0 / bpm
    moments = beat_map.beats_at(np.array([control.seconds for control in part.controls])) * 60.0 / bpm
    return replace(part, notes=notes, controls=_move(part.controls, moments))


def _move(controls: Sequence[Control], moments: NDArray[np.float64]) -> tuple[Control, ...]:
    pairs = zip(controls, moments.tolist(), strict=True)
    return tuple(replace(control, seconds=seconds) for control, seconds in pairs)


def _measure_alignment(parts: Sequence[Part], bpm: float) -> float:
    """How closely note starts gather on subdivisions of the beat, 0..1 (mean resultant length)."""
    beats = np.concatenate([part.notes[:, 0] for part in parts]) * bpm / 60.0
    return max(float(np.abs(np.exp(2j * np.pi * n * beats).mean())) for n in SUBDIVISIONS)
