"""Hard negatives by construction: songs at one tempo, which no timing tells apart."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from model.songs import Song


def songs_at_one_tempo(songs: Sequence[Song], least: int, generator: np.random.Generator) -> list[Song]:
    """Those of `songs` that share a tempo, which is drawn by how many have it.

    It is made for songs re-timed to a common grid (`model render --grid`). Tempos that fewer than
    `least` songs have do not count; where none counts, no song is given back.
    """
    counts = Counter(tempo for song in songs if (tempo := _tempo(song)) is not None)
    shared = sorted(tempo for tempo, count in counts.items() if count >= least)
    if not shared:
        return []
    weights = np.array([counts[tempo] for tempo in shared], dtype=np.float64)
    chosen = shared[int(generator.choice(len(shared), p=weights / weights.sum()))]
    return [song for song in songs if _tempo(song) == chosen]


def _tempo(song: Song) -> float | None:
    """Beats per minute as far as they matter: at 0.1 apart, a beat drifts by 7 ms in eight seconds at 120."""
    return None if song.bpm is None else round(song.bpm, 1)
