"""Correlation of a mix with a stem at every lag, for rules that know what the network knows."""

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from audio.decode import SAMPLE_RATE
from audio.windows import WINDOW_SECONDS
from model.evaluation.baseline_features import Frames

_LEAST_ENERGY = 1e-12  # what is less is silence, which correlates with nothing


def correlate_lags(mix: Frames, stem: Frames, least: int) -> tuple[NDArray[np.float32], int]:
    """Cosine of mix [F, N] and stem [F, S] where they overlap, at every lag, times √(overlap / N).

    The root weighs a lag by its evidence, as `audio.alignment` does: a correlation over n frames has a
    standard error of 1/√n. Lags with an overlap of fewer than `least` frames (or than the shorter one has)
    are left out.

    Returns:
        The values [L], and the place in them of the lag at which both begin together.
    """
    length, frames = mix.shape[1], stem.shape[1]
    least = max(1, min(least, length, frames))
    size = next_fast_len(length + frames, real=True)
    product = irfft((rfft(stem, size, axis=1) * rfft(mix, size, axis=1).conj()).sum(axis=0), size)
    lags = np.arange(least - length, frames - least + 1)  # frame 0 of the mix lies on this frame of the stem
    begin, end = np.maximum(lags, 0), np.minimum(lags + length, frames)
    energy = _energy(stem, begin, end) * _energy(mix, begin - lags, end - lags)
    weights = np.sqrt((end - begin) / length)
    values = np.where(energy > _LEAST_ENERGY, product[lags] / np.sqrt(np.maximum(energy, _LEAST_ENERGY)), 0)
    return np.asarray(values * weights, np.float32), length - least


def _energy(frames: Frames, begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.float64]:
    total = np.concatenate([[0.0], np.cumsum((frames.astype(np.float64) ** 2).sum(axis=0))])
    return np.asarray(np.maximum(total[end] - total[begin], 0), np.float64)


def frames_of_window(hop: int) -> int:
    """Frames in the window that the network compares: the least overlap that counts."""
    return round(WINDOW_SECONDS * SAMPLE_RATE / hop)
