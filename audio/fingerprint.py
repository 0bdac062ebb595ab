"""A short fingerprint of a recording: it finds the same recording again, and a stem within its mix.

After J. Haitsma and T. Kalker, "A highly robust audio fingerprinting system" (ISMIR 2002): a bit says whether
the step between two neighbouring bands grows or shrinks with time. Here 16 words of 32 bits a second instead
of 86, that is 3.75 KB a minute.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.ndimage import uniform_filter1d

from audio.decode import SAMPLE_RATE, Waveform

Fingerprint = NDArray[np.uint32]
"""[N], a word each `HOP_SECONDS`; 0 where nothing plays."""

HOP_SAMPLES = 1000
HOP_SECONDS = HOP_SAMPLES / SAMPLE_RATE
FRAME_SAMPLES = 2048
# All at once, an hour's frames and spectra would take 1.5 GB, and longer: 64 frames stay in the cache.
FRAMES_AT_ONCE = 64
SMOOTHING_HOPS = 6  # 0.375 s, the paper's frame: half a hop's shift then changes few bits
BITS = 32
LOWEST_HERTZ, HIGHEST_HERTZ = 100.0, 6500.0
SILENCE_BELOW_LOUDEST = 1e-5  # power: −50 dB
SILENCE_POWER = 1e-7
LEAST_OVERLAP = 0.5
LEAST_WORDS = 8
# On 45 stems of 11 real songs: the same stem with another gain, codec, begin or length 0.56 to 1.00 (median
# 0.96), different stems at most 0.11.
SAME_RECORDING = 0.35
"""From this `similarity` on, two stems are one recording."""
# Mixes of 20 s against whole stems: 59 % of a song's own stems reach it, at least one in 10 songs of 11, and
# none of 399 stems of other songs (at most 4.9).
OWN_SONG = 6.0
"""From this `Occurrence.strength` on, a stem is heard in a mix: they are of one song."""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """A fingerprint [N] as it is compared. Making one is most of a comparison's work: worth keeping."""

    values: NDArray[np.complex64]
    """[size // 2 + 1, BITS]"""
    energies: NDArray[np.float32]
    """[N], of each word; empty if too few words play to tell anything."""
    size: int

    @classmethod
    def of(cls, words: Fingerprint, size: int) -> Self:
        """The spectrum of [N] over `size` hops; see `shared_size`."""
        if np.count_nonzero(words) < LEAST_WORDS:
            return cls(np.zeros((0, BITS), np.complex64), np.zeros(0, np.float32), size)
        signs = _signs(words)
        return cls(rfft(signs, size, axis=0), (signs**2).sum(axis=1), size)

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        return self.values.nbytes + self.energies.nbytes


@dataclass(frozen=True)
class Occurrence:
    """Where a stem fits a mix best, and how far that stands out from all other places."""

    seconds: float  # of the stem's begin in the mix; negative if the mix begins within the stem
    strength: float  # standard deviations above the mean of all places


def fingerprint(waveform: Waveform) -> Fingerprint:
    """Words [N] of [T]; gain, codecs and small trims change few bits. Below 0.13 s there are none."""
    if len(waveform) < FRAME_SAMPLES:
        return np.zeros(0, dtype=np.uint32)
    bands = uniform_filter1d(_band_powers(waveform), SMOOTHING_HOPS, axis=0, mode="nearest")
    steps = np.diff(np.log(bands + np.float32(1e-12)), axis=1)
    bits = np.diff(steps, axis=0, prepend=steps[:1]) > 0
    power = bands.mean(axis=1)
    bits[power <= max(float(power.max()) * SILENCE_BELOW_LOUDEST, SILENCE_POWER)] = False
    return np.packbits(bits, axis=1).view(">u4")[:, 0].astype(np.uint32)


def similarity(first: Fingerprint, second: Fingerprint) -> float:
    """How surely both are the same recording, 0 to 1: the bits' correlation at the best shift.

    At that shift at least half of what plays in either must play beside the other.
    """
    size = _least_size(len(first), len(second))
    return spectra_similarity(Spectrum.of(first, size), Spectrum.of(second, size))


def shared_size(first: int, second: int) -> int:
    """Size of the spectra by which fingerprints of these lengths are compared.

    In steps of half an octave, so that nearly all recordings of about a length can be compared by the same.
    """
    steps = math.ceil(2 * math.log2(max(first + second - 1, 1)))
    return int(next_fast_len(math.ceil(2 ** (steps / 2)), real=True))


def spectra_similarity(first: Spectrum, second: Spectrum) -> float:
    """`similarity` of the fingerprints that these are of; they must have one size."""
    correlation, first_energy, second_energy = _correlate(first, second)
    if not len(correlation):
        return 0.0
    least = LEAST_OVERLAP * min(float(first_energy.max()), float(second_energy.max()))
    enough = np.minimum(first_energy, second_energy) >= max(least, 1e-9)
    fits = correlation[enough] / np.sqrt(first_energy[enough] * second_energy[enough])
    return float(np.clip(fits.max(initial=0.0), 0.0, 1.0))


def find_in_mix(mix: Fingerprint, stem: Fingerprint) -> Occurrence | None:
    """Where `stem` sounds in `mix`, masked by other stems; None if one is too short to tell."""
    size = _least_size(len(mix), len(stem))
    return find_spectrum_in_mix(Spectrum.of(mix, size), Spectrum.of(stem, size))


def find_spectrum_in_mix(mix: Spectrum, stem: Spectrum) -> Occurrence | None:
    """`find_in_mix` of the fingerprints that these are of; they must have one size."""
    correlation, mix_energy, stem_energy = _correlate(mix, stem)
    if not len(correlation):
        return None
    enough = np.minimum(mix_energy, stem_energy) >= 0.25 * min(mix_energy.max(), stem_energy.max())
    shifts = np.flatnonzero(enough & (mix_energy > 0) & (stem_energy > 0))
    if len(shifts) < LEAST_WORDS:
        return None
    # Chance correlations of N bits spread like √N: so a short overlap is not favoured.
    fits = correlation[shifts] / np.sqrt(mix_energy[shifts] * stem_energy[shifts])
    scaled = fits * np.sqrt(stem_energy[shifts])
    best = int(scaled.argmax())
    spread = max(float(scaled.std()), 1e-9)
    place = int(shifts[best]) - (len(stem.energies) - 1)
    return Occurrence(place * HOP_SECONDS, float(scaled[best] - scaled.mean()) / spread)


def _band_powers(waveform: Waveform) -> NDArray[np.float32]:
    """Power of each band in each frame of [T], [N, BITS + 1]."""
    frames = np.lib.stride_tricks.sliding_window_view(waveform, FRAME_SAMPLES)[::HOP_SAMPLES]
    powers = np.empty((len(frames), BITS + 1), dtype=np.float32)
    for start in range(0, len(frames), FRAMES_AT_ONCE):
        some = slice(start, start + FRAMES_AT_ONCE)
        spectrum = rfft(frames[some] * _window(), axis=1)
        powers[some] = (spectrum.real**2 + spectrum.imag**2) @ _band_weights()
    return powers


def _least_size(first: int, second: int) -> int:
    """The quickest size at which no shift of two fingerprints of these lengths is taken for another."""
    return int(next_fast_len(max(first + second - 1, 1), real=True))


def _correlate(
    first: Spectrum, second: Spectrum
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """For each shift of `second` [M] against `first` [N], 1 − M to N − 1: correlation, both energies."""
    one, two = first.energies, second.energies
    if not len(one) or not len(two):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    around = irfft(np.vecdot(second.values, first.values), first.size)
    # The transform counts shifts around a circle: those below 0 are at its end.
    correlation = np.concatenate([around[first.size - (len(two) - 1) :], around[: len(one)]])
    return correlation.astype(np.float64), _overlap_sums(one, len(two)), _overlap_sums(two[::-1], len(one))


def _overlap_sums(energies: NDArray[np.float32], length: int) -> NDArray[np.float64]:
    """Sums of [N] within a frame of `length` that slides over it, [N + length − 1]."""
    total = np.concatenate([[0.0], np.cumsum(energies, dtype=np.float64)])
    ends = np.arange(1, len(energies) + length)
    return np.asarray(total[np.minimum(ends, len(energies))] - total[np.maximum(ends - length, 0)])


def _signs(words: Fingerprint) -> NDArray[np.float32]:
    """[N, BITS]: bits less their column's mean, so one always set says nothing; 0 where nothing plays."""
    bits = np.unpackbits(words.astype(">u4").view(np.uint8).reshape(-1, 4), axis=1).astype(np.float32)
    plays = words > 0
    centred = bits - bits[plays].mean(axis=0)
    return np.where(plays[:, None], centred, np.float32(0))


@cache
def _window() -> NDArray[np.float32]:
    return (np.hanning(FRAME_SAMPLES) / math.sqrt(FRAME_SAMPLES)).astype(np.float32)


@cache
def _band_weights() -> NDArray[np.float32]:
    """[bins, BITS + 1]: each band the mean power of its bins."""
    hertz = np.arange(FRAME_SAMPLES // 2 + 1) * SAMPLE_RATE / FRAME_SAMPLES
    edges = np.geomspace(LOWEST_HERTZ, HIGHEST_HERTZ, BITS + 2)
    inside = (hertz[:, None] >= edges[:-1]) & (hertz[:, None] < edges[1:])
    return np.asarray(inside / np.maximum(inside.sum(axis=0), 1), dtype=np.float32)
