"""Which of a mix's dense windows are worth asking with: a rest says nothing of what fits."""

import numpy as np
from numpy.typing import NDArray

from audio.decode import Waveform
from audio.windows import SILENCE_BELOW_LOUDEST_DB, SILENCE_DBFS


def are_windows_audible(
    mix: Waveform, window_samples: int, hop_samples: int, count: int
) -> NDArray[np.bool_]:
    """Whether each of `count` windows of [T], `hop_samples` apart, plays; beyond the end there is silence.

    The rule by which a stem's windows are left out: RMS at most `SILENCE_DBFS`, or `SILENCE_BELOW_LOUDEST_DB`
    or more under the loudest window.
    """
    energy = np.concatenate([[0.0], np.cumsum(np.square(mix, dtype=np.float64))])
    begins = np.minimum(np.arange(count) * hop_samples, len(mix))
    ends = np.minimum(begins + window_samples, len(mix))
    powers = (energy[ends] - energy[begins]) / window_samples
    gate = max(10 ** (SILENCE_DBFS / 10), powers.max(initial=0.0) * 10 ** (-SILENCE_BELOW_LOUDEST_DB / 10))
    return np.asarray(powers > gate, np.bool_)
