"""How strongly a recording plays each of the twelve pitch classes."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft
from scipy.ndimage import uniform_filter1d

from audio.decode import SAMPLE_RATE, Waveform
from audio.windows import choose_sections

FRAME_SAMPLES = 8192  # half a second: from A1 on, neighbouring semitones fall on different bins
HOP_SAMPLES = 4096
LOWEST_HERTZ = 50.0
HIGHEST_HERTZ = 2100.0
SECTION_SECONDS = 15.0
SECTIONS = 4
LEAST_PEAK = 1e-4  # of the frame's largest: −40 dB
NOISE_BINS = 65
ABOVE_NOISE = 6.0


@dataclass(frozen=True)
class Chroma:
    """What a recording's notes are, and how surely they are notes."""

    classes: NDArray[np.float64]  # [12] from C on, their sum 1
    tuning: float  # of the recording against A = 440 Hz, in semitones, −0.5 to 0.5
    tonality: float  # the share of the power that stands in peaks, 0 to 1: low for drums and noise
    steadiness: float  # how alike neighbouring frames' pitch classes are, 0 to 1


@dataclass(frozen=True)
class _Peaks:
    """Spectral peaks, one entry each."""

    frames: NDArray[np.int64]
    pitches: NDArray[np.float64]  # MIDI numbers with fractions
    weights: NDArray[np.float64]


def measure_chroma(waveform: Waveform) -> Chroma | None:
    """Chroma of up to a minute of [T], spread over it; None for silence or less than half a second.

    After E. Gómez, "Tonal description of music audio signals" (2006): spectral peaks, tuned together.
    """
    sections = [section for _, section in choose_sections(waveform, SECTION_SECONDS, SECTIONS)]
    powers = [_power_spectra(section) for section in sections if len(section) >= FRAME_SAMPLES]
    if not powers:
        return None
    power = np.concatenate(powers)
    peaks, tonality = _find_peaks(power)
    if not len(peaks.weights):
        return None
    tuning = float(np.angle(np.sum(peaks.weights * np.exp(2j * np.pi * peaks.pitches)))) / (2 * np.pi)
    pitches = peaks.pitches - tuning
    nearest = np.round(pitches)
    weights = peaks.weights * np.cos(np.pi * (pitches - nearest)) ** 2
    classes = nearest.astype(np.int64) % 12
    counts = np.bincount(peaks.frames * 12 + classes, weights, minlength=12 * len(power))
    cells = np.asarray(counts, dtype=np.float64).reshape(-1, 12)
    total = cells.sum(axis=0)
    return Chroma(total / total.sum(), tuning, tonality, _steadiness(cells))


def _power_spectra(waveform: Waveform) -> NDArray[np.float32]:
    """[frames, bins] up to `HIGHEST_HERTZ`."""
    frames = np.lib.stride_tricks.sliding_window_view(waveform, FRAME_SAMPLES)[::HOP_SAMPLES]
    # Without their mean: a constant offset is no tone, and would be most of the power.
    swinging = frames - frames.mean(axis=1, keepdims=True)
    spectrum = rfft(swinging * _window(), axis=1)[:, : _bin(HIGHEST_HERTZ) + 2]
    return np.asarray(spectrum.real**2 + spectrum.imag**2, dtype=np.float32)


def _find_peaks(power: NDArray[np.float32]) -> tuple[_Peaks, float]:
    """Peaks of [frames, bins], and the share of all power that stands within a bin of one."""
    middle = power[:, 1:-1]
    noise = uniform_filter1d(power, NOISE_BINS, axis=1, mode="nearest")[:, 1:-1]
    is_peak = (middle > power[:, :-2]) & (middle >= power[:, 2:]) & (middle > noise * ABOVE_NOISE)
    is_peak &= middle > middle.max(axis=1, keepdims=True) * LEAST_PEAK
    is_peak[:, : _bin(LOWEST_HERTZ) - 1] = False
    frames, columns = np.nonzero(is_peak)
    bins = columns + 1
    left, peak, right = (power[frames, bins + step].astype(np.float64) + 1e-30 for step in (-1, 0, 1))
    # A parabola through three logarithmic points is exact for a Gaussian, and near it for a Hann window.
    a, b, c = np.log(left), np.log(peak), np.log(right)
    offset = 0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-9)
    hertz = (bins + offset) * SAMPLE_RATE / FRAME_SAMPLES
    tonality = float((left + peak + right).sum() / max(float(power.sum(dtype=np.float64)), 1e-30))
    # The fourth root of the power: a loud note must not hide the chord that it stands in.
    return _Peaks(frames, 69 + 12 * np.log2(hertz / 440), peak**0.25), min(tonality, 1.0)


def _steadiness(cells: NDArray[np.float64]) -> float:
    lengths = np.linalg.norm(cells, axis=1)
    heard = lengths > 0
    unit = cells / np.where(heard, lengths, 1)[:, None]
    pairs = heard[:-1] & heard[1:]
    return float((unit[:-1] * unit[1:]).sum(axis=1)[pairs].mean()) if pairs.any() else 0.0


def _bin(hertz: float) -> int:
    return round(hertz * FRAME_SAMPLES / SAMPLE_RATE)


@cache
def _window() -> NDArray[np.float32]:
    return np.hanning(FRAME_SAMPLES).astype(np.float32)
