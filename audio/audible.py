"""Which of a mix's dense windows are worth asking with: a rest says nothing of what fits."""

import numpy as np
from numpy.typing import NDArray

from audio.decode import Waveform
from audio.windows import SILENCE_BELOW_LOUDEST_DB, SILENCE_DBFS


def are_windows_audible(mix: Waveform, window_samples: int, starts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each of the windows of [T] that begin at `starts` (samples) plays; beyond its ends is silence.

    The rule by which a stem's windows are left out: RMS at most `SILENCE_DBFS`, or `SILENCE_BELOW_LOUDEST_DB`
    or more under the loudest window.
    """
    energy = np.concatenate([[0.0], np.cumsum(np.square(mix, dtype=np.float64))])
    begins, ends = (np.clip(edges, 0, len(mix)) for edges in (starts, starts + window_samples))
    powers = (energy[ends] - energy[begins]) / np.maximum(ends - begins, 1)
    gate = max(10 ** (SILENCE_DBFS / 10), powers.max(initial=0.0) * 10 ** (-SILENCE_BELOW_LOUDEST_DB / 10))
    return np.asarray(powers > gate, np.bool_)
