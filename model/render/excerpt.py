"""Choose which stretch of a song to render: one in which most of its stem types play."""

import numpy as np
from numpy.typing import NDArray

from model.render.midi import MidiSong, Part

GRID_SECONDS = 1.0
# Any stretch nearly as busy as the busiest will do, so that variants of a song differ.
GOOD_ENOUGH = 0.92


def choose_excerpt(song: MidiSong, seconds: float, generator: np.random.Generator) -> tuple[float, float]:
    """Start and length of a busy stretch of at most `seconds`; a shorter song whole, without silent ends."""
    first = min(float(part.notes[0, 0]) for part in song.parts)
    if song.seconds - first <= seconds:
        return first, song.seconds - first
    activity = _count_active_types(song)
    width = round(seconds / GRID_SECONDS)
    sums = np.convolve(activity, np.ones(width), mode="valid")
    candidates = np.flatnonzero(sums >= GOOD_ENOUGH * sums.max())
    start = max(float(generator.choice(candidates)) * GRID_SECONDS, first)
    return min(start, song.seconds - seconds), seconds


def _count_active_types(song: MidiSong) -> NDArray[np.float64]:
    """Number of stem types that play in each second of the song."""
    length = int(np.ceil(song.seconds / GRID_SECONDS))
    playing = {part.stem_type: np.zeros(length, bool) for part in song.parts}
    for part in song.parts:
        playing[part.stem_type] |= _mark_active(part, length)
    counts: NDArray[np.float64] = np.stack(list(playing.values())).sum(axis=0, dtype=np.float64)
    return counts


def _mark_active(part: Part, length: int) -> NDArray[np.bool_]:
    active = np.zeros(length, bool)
    for start, end in (part.notes[:, :2] / GRID_SECONDS).astype(int).tolist():
        active[start : end + 1] = True
    return active
