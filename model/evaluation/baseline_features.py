"""What the rule baselines hear in a recording: level, length, brightness, onsets, chroma and pulse.

Written out in numpy from the field's textbook (Müller, "Fundamentals of Music Processing", 2015), so that a
rule costs milliseconds and needs no further package.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.ndimage import uniform_filter1d

from audio.decode import SAMPLE_RATE, Waveform
from audio.windows import SILENCE_BELOW_LOUDEST_DB, SILENCE_DBFS

Frames = NDArray[np.float32]
"""[F, N]: F features in each of N frames."""

ONSET_HOP = 250  # samples: twice as dense as the offsets that the network is asked at
CHROMA_HOP = 500  # samples, 31.25 ms: exactly as dense
_ONSET_SIZE = 512
_CHROMA_SIZE = 4096
_BLOCK = 2048  # frames that are transformed at once, to bound memory
_QUIETEST_DB = -120.0
_PULSE_SECONDS = (0.2, 2.0)  # periods from sixteenths to bars
_PULSE_STEPS = 96
_BAND_EDGES = (20.0, 220.0, 1760.0, 8000.0)  # low, middle, high: AutoMashupper (Davies et al. 2014), III-C


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording as the rules know it."""

    seconds: float
    level: float  # RMS in dBFS
    centroid: float  # of the mean power spectrum, in octaves above 1 Hz
    bands: NDArray[np.float32]  # [3] mean power, low, middle, high
    onsets: Frames  # [1, N] onset strength, mean 0, every ONSET_HOP samples
    chroma: Frames  # [12, N] mean 0 over the classes, unit length, 0 in silence, every CHROMA_HOP samples
    pulse: NDArray[np.float32]  # [periods] autocorrelation of the onsets, mean 0, unit length


@dataclass(frozen=True)
class Listener:
    """Hears each recording once, however many rules ask for it."""

    heard: dict[bytes, Heard] = field(default_factory=dict)

    def listen(self, waveform: Waveform) -> Heard:
        """All features of [T]."""
        digest = hashlib.blake2b(np.ascontiguousarray(waveform).data, digest_size=16).digest()
        if digest not in self.heard:
            self.heard[digest] = hear(waveform)
        return self.heard[digest]


def hear(waveform: Waveform) -> Heard:
    """All features of [T]; silence has zeros for onsets, chroma and pulse."""
    onsets = onset_strength(waveform)
    chroma, power = _chroma_and_power(waveform)
    hertz = np.fft.rfftfreq(_CHROMA_SIZE, 1 / SAMPLE_RATE)
    bands = [power[(hertz >= low) & (hertz < high)].sum() for low, high in pairwise(_BAND_EDGES)]
    return Heard(
        seconds=len(waveform) / SAMPLE_RATE,
        level=_decibels(float(np.dot(waveform, waveform)) / max(len(waveform), 1)),
        centroid=float(np.log2(max(hertz @ power / power.sum(), 1.0))) if power.sum() > 0 else 0.0,
        bands=np.array(bands, np.float32),
        onsets=onsets[None],
        chroma=chroma,
        pulse=_pulse(onsets),
    )


def onset_strength(waveform: Waveform) -> NDArray[np.float32]:
    """Half-wave rectified flux of the log spectrum less its local mean, [N], mean 0 (Müller, section 6.1.2).

    The square root keeps a few loud strokes from deciding alone.
    """
    flux = [np.zeros(0, np.float32)]
    last: Frames | None = None
    # Compression relative to the loudest frame: a rule must not know at which level a stem was saved.
    peak = max(float(np.abs(waveform).max(initial=0.0)), 1e-9)
    for magnitudes in _spectra(waveform / np.float32(peak), _ONSET_SIZE, ONSET_HOP):
        compressed = np.log1p(np.float32(20) * magnitudes)
        rows = np.concatenate([compressed[:1] if last is None else last, compressed])
        flux.append(np.maximum(np.diff(rows, axis=0), 0).mean(axis=1))
        last = compressed[-1:]
    strength = np.concatenate(flux)
    local = uniform_filter1d(strength, round(SAMPLE_RATE / ONSET_HOP)) if len(strength) else strength
    strength = np.sqrt(np.maximum(strength - local, 0))
    return np.asarray(strength - strength.mean() if len(strength) else strength, np.float32)


def _chroma_and_power(waveform: Waveform) -> tuple[Frames, NDArray[np.float32]]:
    """Chroma [12, N] and the mean power spectrum [bins]."""
    fold = _chroma_fold()
    rows, power, frames = [np.zeros((0, 12), np.float32)], np.zeros(_CHROMA_SIZE // 2 + 1, np.float32), 0
    levels = [np.zeros(0, np.float32)]
    for magnitudes in _spectra(waveform, _CHROMA_SIZE, CHROMA_HOP):
        squares = magnitudes**2
        power += squares.sum(axis=0)
        frames += len(squares)
        levels.append(squares.sum(axis=1))
        rows.append(np.sqrt(magnitudes) @ fold.T)
    chroma, energy = np.concatenate(rows), np.concatenate(levels)
    chroma -= chroma.mean(axis=1, keepdims=True)
    chroma /= np.maximum(np.linalg.norm(chroma, axis=1, keepdims=True), 1e-9)
    loudest = _decibels(float(energy.max(initial=0)))
    gate = 10 ** (max(SILENCE_DBFS, loudest - SILENCE_BELOW_LOUDEST_DB) / 10)
    chroma[energy <= gate] = 0
    return np.ascontiguousarray(chroma.T), np.asarray(power / max(frames, 1), np.float32)


def _chroma_fold() -> NDArray[np.float32]:
    """[12, bins]: how much of a bin's magnitude counts for a pitch class; C is 0, A is 440 Hz.

    From 55 Hz, below which a bin is wider than a tone, to 2 kHz, above which overtones rule.
    """
    hertz = np.fft.rfftfreq(_CHROMA_SIZE, 1 / SAMPLE_RATE)
    pitch = 69 + 12 * np.log2(np.maximum(hertz, 1.0) / 440)
    distance = (pitch[None] - np.arange(12)[:, None] + 6) % 12 - 6
    weights = np.exp(-0.5 * (distance / 0.4) ** 2)
    weights[:, (hertz < 55) | (hertz > 2000)] = 0  # noqa: PLR2004 - said above
    return np.asarray(weights / np.maximum(weights.sum(axis=0), 1e-3) ** 0.5, np.float32)


def _pulse(onsets: NDArray[np.float32]) -> NDArray[np.float32]:
    """Autocorrelation of onset strength at periods spaced evenly in octaves."""
    shortest, longest = _PULSE_SECONDS
    periods = np.geomspace(shortest, longest, _PULSE_STEPS) * SAMPLE_RATE / ONSET_HOP
    size = next_fast_len(2 * max(len(onsets), int(periods[-1]) + 2), real=True)
    correlation = irfft(np.abs(rfft(onsets, size)) ** 2, size)
    # A tempo that is one step off is still nearly the tempo.
    profile = np.interp(periods, np.arange(size), uniform_filter1d(correlation, 3))
    profile -= profile.mean()
    return np.asarray(profile / max(float(np.linalg.norm(profile)), 1e-9), np.float32)


def _spectra(waveform: Waveform, size: int, hop: int) -> Iterator[Frames]:
    """Magnitudes [frames, bins] of Hann windows around each hop, in blocks."""
    padded = np.pad(waveform, size // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    window = (np.hanning(size + 1)[:-1] * 2 / size).astype(np.float32)
    for first in range(0, len(waveform) // hop, _BLOCK):
        block = frames[first : min(first + _BLOCK, len(waveform) // hop)]
        yield np.abs(rfft(block * window, axis=1))


def _decibels(power: float) -> float:
    return float(10 * np.log10(max(power, 10 ** (_QUIETEST_DB / 10))))
