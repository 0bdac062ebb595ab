"""Choose which stretch of a song to render: one in which most of its stem types play."""

import numpy as np
from numpy.typing import NDArray

from model.render.beats import NoGridError, bar_seconds
from model.render.midi import MidiSong, Part

GRID_SECONDS = 1.0
# Any stretch nearly as busy as the busiest will do, so that variants of a song differ.
GOOD_ENOUGH = 0.92
FEWEST_BARS = 4


def choose_excerpt(song: MidiSong, seconds: float, generator: np.random.Generator) -> tuple[float, float]:
    """Start and length of a busy stretch of at most `seconds`; a shorter song whole, without silent ends."""
    first = min(float(part.notes[0, 0]) for part in song.parts)
    if song.seconds - first <= seconds:
        return first, song.seconds - first
    place = _choose_place(_count_active_types(song, GRID_SECONDS), round(seconds / GRID_SECONDS), generator)
    start = max(place * GRID_SECONDS, first)
    return min(start, song.seconds - seconds), seconds


def choose_bars(song: MidiSong, seconds: float, generator: np.random.Generator) -> tuple[float, float]:
    """As `choose_excerpt`, of a song at a constant tempo: starts on a bar line and has whole bars.

    Raises:
        NoGridError: the song has fewer than `FEWEST_BARS` bars.
    """
    bar = bar_seconds(song.bpm)
    activity = _count_active_types(song, bar)
    first = int(np.flatnonzero(activity)[0])
    bars = min(int(seconds / bar), len(activity) - first)
    if bars < FEWEST_BARS:
        raise NoGridError(f"It has {bars} bars in {seconds:g} s, {FEWEST_BARS} are wanted.")
    start = first + _choose_place(activity[first:], bars, generator)
    return start * bar, bars * bar


def _choose_place(activity: NDArray[np.float64], width: int, generator: np.random.Generator) -> int:
    """Start of a stretch of `width` cells that is nearly as busy as the busiest."""
    sums = np.convolve(activity, np.ones(width), mode="valid")
    return int(generator.choice(np.flatnonzero(sums >= GOOD_ENOUGH * sums.max())))


def _count_active_types(song: MidiSong, cell_seconds: float) -> NDArray[np.float64]:
    """Number of stem types that play in each cell of the song."""
    length = int(np.ceil(song.seconds / cell_seconds))
    playing = {part.stem_type: np.zeros(length, bool) for part in song.parts}
    for part in song.parts:
        playing[part.stem_type] |= _mark_active(part, length, cell_seconds)
    counts: NDArray[np.float64] = np.stack(list(playing.values())).sum(axis=0, dtype=np.float64)
    return counts


def _mark_active(part: Part, length: int, cell_seconds: float) -> NDArray[np.bool_]:
    active = np.zeros(length, bool)
    for start, end in (part.notes[:, :2] / cell_seconds).astype(int).tolist():
        active[start : end + 1] = True
    return active
