"""A waveform's outline, small enough to send to a page that draws it."""

import numpy as np
from numpy.typing import NDArray

from audio.decode import Waveform

Peaks = NDArray[np.int8]
"""[points, 2]: lowest and highest sample of each stretch, full scale at 127."""

FULL_SCALE = 127
POINTS = 800


def waveform_peaks(waveform: Waveform, points: int = POINTS) -> Peaks:
    """Lowest and highest sample of `points` equal stretches of [T]; an empty one repeats its neighbour.

    Samples beyond full scale are drawn at full scale. Rounding goes outwards: no sound is drawn as silence.
    """
    if points < 1:
        raise ValueError(f"The outline cannot have {points} points. Ask for at least 1.")
    if not len(waveform):
        return np.zeros((points, 2), dtype=np.int8)
    starts = np.arange(points) * len(waveform) // points
    lowest = np.minimum.reduceat(waveform, starts)
    highest = np.maximum.reduceat(waveform, starts)
    outline = np.stack([np.floor(lowest * FULL_SCALE), np.ceil(highest * FULL_SCALE)], axis=1)
    return np.asarray(np.clip(outline, -FULL_SCALE, FULL_SCALE), dtype=np.int8)
