"""Equalisers and band limits as second-order sections."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from audio.decode import SAMPLE_RATE, Waveform

Sections = NDArray[np.float64]


class Filter(StrEnum):
    """Shapes of an equaliser's band."""

    PEAK = "peak"
    LOW_SHELF = "low shelf"
    HIGH_SHELF = "high shelf"


@dataclass(frozen=True)
class Band:
    """One band of an equaliser."""

    shape: Filter
    hertz: float
    gain_db: float
    quality: float = 0.8


def equalise(sound: Waveform, bands: tuple[Band, ...], lowest: float, highest: float) -> Waveform:
    """The sound [T] through the bands and between `lowest` and `highest` hertz, where 0 is no limit."""
    sections = [_section(band) for band in bands]
    if lowest:
        sections.extend(signal.butter(2, lowest, "highpass", fs=SAMPLE_RATE, output="sos"))
    if highest:
        sections.extend(signal.butter(6, highest, "lowpass", fs=SAMPLE_RATE, output="sos"))
    if not sections:
        return sound
    return np.asarray(signal.sosfilt(np.array(sections), sound), np.float32)


def _section(band: Band) -> Sections:
    """Coefficients after the Audio EQ Cookbook (Bristow-Johnson; W3C note of 2021)."""
    amplitude = 10 ** (band.gain_db / 40)
    omega = 2 * np.pi * band.hertz / SAMPLE_RATE
    cosine, alpha = np.cos(omega), np.sin(omega) / (2 * band.quality)
    if band.shape is Filter.PEAK:
        b = (1 + alpha * amplitude, -2 * cosine, 1 - alpha * amplitude)
        a = (1 + alpha / amplitude, -2 * cosine, 1 - alpha / amplitude)
        return np.asarray(np.array([*b, *a]) / a[0])
    sign = 1.0 if band.shape is Filter.LOW_SHELF else -1.0
    root = 2 * np.sqrt(amplitude) * alpha
    plus, minus = amplitude + 1, amplitude - 1
    b = (
        amplitude * (plus - sign * minus * cosine + root),
        sign * 2 * amplitude * (minus - sign * plus * cosine),
        amplitude * (plus - sign * minus * cosine - root),
    )
    a = (
        plus + sign * minus * cosine + root,
        sign * -2 * (minus + sign * plus * cosine),
        plus + sign * minus * cosine - root,
    )
    return np.asarray(np.array([*b, *a]) / a[0])
