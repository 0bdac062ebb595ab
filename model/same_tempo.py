"""Hard negatives by construction: songs at one tempo, which no timing tells apart."""

import math
from collections.abc import Sequence

import numpy as np

from model.songs import Song

TEMPOS_PER_BPM = 10  # at 0.1 apart, a beat drifts by 7 ms in eight seconds at 120


def songs_at_one_tempo(
    songs: Sequence[Song], least: int, share: float, generator: np.random.Generator
) -> list[tuple[Song, float]] | None:
    """Songs that share a tempo once each is faster by the factor beside it, at most by `share`, or slower.

    The tempo is drawn by how many songs have it. Tempos that fewer than `least` songs reach do not count;
    None if none is left. With a share of 0 only songs will do that were made for a common grid
    (`model render --grid`).
    """
    known = [(song, round(song.bpm * TEMPOS_PER_BPM)) for song in songs if song.bpm]
    tempos = np.array([tempo for _, tempo in known], dtype=np.float64)
    if not len(tempos):
        return None
    factors = tempos[:, None] / tempos  # [the tempo that is shared, the song]
    within = np.abs(np.log(factors)) <= math.log1p(share)
    enough = np.flatnonzero(within.sum(axis=1) >= least)
    if not len(enough):
        return None
    row = int(generator.choice(enough))
    return [(known[place][0], float(factors[row, place])) for place in np.flatnonzero(within[row])]
