"""Where something begins in a sound: the onset strength that tempo, loops and beats are read from."""

from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft
from scipy.ndimage import uniform_filter1d

from audio.decode import SAMPLE_RATE, Waveform

HOP_SAMPLES = 256
FRAME_SAMPLES = 512
ONSET_RATE = SAMPLE_RATE / HOP_SAMPLES
"""Onset strengths a second."""

BANDS = 24
LOWEST_HERTZ = 30.0
COMPRESSION = 1000.0
FRAMES_AT_ONCE = 1024  # so that an hour takes hardly more memory than a minute
LOCAL_MEAN_SECONDS = 0.5


def onset_strength(waveform: Waveform) -> NDArray[np.float32]:
    """How much begins in each hop of [T], [N] from 0 up: the rise of 24 bands' log energy (spectral flux).

    The gain of the recording does not matter. Source: S. Dixon, "Onset detection revisited" (DAFx 2006), with
    the log compression of A. Klapuri et al., "Analysis of the meter of acoustic musical signals" (2006).
    """
    level = float(np.sqrt(np.dot(waveform, waveform) / max(len(waveform), 1)))
    if len(waveform) < FRAME_SAMPLES or level == 0:
        return np.zeros(0, dtype=np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(waveform, FRAME_SAMPLES)[::HOP_SAMPLES]
    # The frame before each portion comes along, to rise from; before the first nothing rises.
    portions = [
        frames[max(first - 1, 0) : first + FRAMES_AT_ONCE] for first in range(0, len(frames), FRAMES_AT_ONCE)
    ]
    rises = [np.maximum(np.diff(_bands(portion, level), axis=0), 0).mean(axis=1) for portion in portions]
    rise = np.concatenate([np.zeros(1, np.float32), *rises])
    around = uniform_filter1d(rise, round(LOCAL_MEAN_SECONDS * ONSET_RATE), mode="nearest")
    return np.asarray(np.maximum(rise - around, 0), dtype=np.float32)


def _bands(frames: NDArray[np.float32], level: float) -> NDArray[np.float32]:
    """Compressed energies of [frames, samples] in each band, [frames, bands]."""
    spectrum = rfft(frames * (_window() / np.float32(level)), axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    return np.asarray(np.log1p(np.float32(COMPRESSION) * (power @ _band_weights())), np.float32)


@cache
def _window() -> NDArray[np.float32]:
    return (np.hanning(FRAME_SAMPLES) / FRAME_SAMPLES).astype(np.float32)


@cache
def _band_weights() -> NDArray[np.float32]:
    """[bins, bands]: each band the mean power of its bins; bands are even on a logarithmic scale."""
    bins = FRAME_SAMPLES // 2 + 1
    wanted = np.geomspace(LOWEST_HERTZ, SAMPLE_RATE / 2, BANDS + 1) * FRAME_SAMPLES / SAMPLE_RATE
    edges = np.maximum.accumulate(np.round(wanted).astype(np.int64))
    weights = np.zeros((bins, BANDS), dtype=np.float32)
    for band, (low, high) in enumerate(pairwise(edges)):
        last = min(max(high, low + 1), bins)
        weights[min(low, last - 1) : last, band] = 1 / max(last - low, 1)
    return weights
