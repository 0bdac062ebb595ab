"""A second look at stems that a search brought: how far they agree with a mix in rhythm and harmony.

A network says what goes together; the sketches of both say whether it is in time and in key here. Each is
wrong where the other is not: among songs of one tempo rhythm tells nothing and harmony much, in recordings,
which the network has never heard, it is the other way round.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from audio.decode import SAMPLE_RATE
from audio.onsets import HOP_SAMPLES as ONSET_HOP
from audio.sketch import CHROMA_HOP, Frames, Sketch
from audio.stems import StemType
from audio.windows import WINDOW_SECONDS

# What a correlation of 1 adds to the evidence of a lag, see `audio.alignment`. Chosen on validation songs.
RHYTHM_WEIGHT = 0.2
HARMONY_WEIGHT = 0.4
LOOKED_AT = 50
"""Stems that are looked at, of those that a search brought; more if more are wanted."""

COMPARED_SECONDS = 60.0
"""Of a mix, from its middle; of stems all is compared."""

ENOUGH_SECONDS = 20.0  # of overlap: what is longer proves no more
LEAST_RMS = 0.05  # of frames: what moves less is a drone, of which the rounding would correlate


class Agreement:
    """A mix, ready to be compared with many stems."""

    def __init__(self, mix: Sketch) -> None:
        onsets, enough = _onsets(mix), round(ENOUGH_SECONDS * SAMPLE_RATE / ONSET_HOP)
        # 5 s of onsets are 312 frames and prove as much as they ever will. Of chroma they are 20, which are
        # like some place of any long stem: of harmony a short mix has no proof.
        self._rhythm = _Correlator(onsets, ONSET_HOP, min(onsets.shape[1], enough))
        self._harmony = _Correlator(
            _moving_chroma(mix), CHROMA_HOP, round(ENOUGH_SECONDS * SAMPLE_RATE / CHROMA_HOP)
        )

    def rhythm(self, stem: Sketch) -> float:
        """Correlation of onset strengths at the best lag, 0 to 1."""
        return float(self._rhythm.correlate(_onsets(stem)).max(initial=0.0))

    def harmony(self, stem: Sketch) -> float:
        """Correlation of chroma less its mean over time, at the best lag: of the chords' movement, 0 to 1.

        Of a mix shorter than `ENOUGH_SECONDS` it is less: 0.5 at most of 5 s.
        With the key left in, one key fits too many (`model/evaluation/baselines.py` has figures).
        """
        return float(self._harmony.correlate(_moving_chroma(stem)).max(initial=0.0))

    def bonus(self, stem: Sketch, stem_type: StemType) -> float:
        """What is added to a stem's evidence; drums have no harmony."""
        rhythm = RHYTHM_WEIGHT * self.rhythm(stem)
        return rhythm if stem_type is StemType.DRUMS else rhythm + HARMONY_WEIGHT * self.harmony(stem)

    def bonuses(self, stems: Sequence[Sketch | None], stem_type: StemType) -> NDArray[np.float32]:
        """The bonus of each of `stems` [C]; 0 where there is no sketch."""
        return np.array([0.0 if stem is None else self.bonus(stem, stem_type) for stem in stems], np.float32)


class _Correlator:
    """Frames of a mix [F, N], compared with those of stems at every lag."""

    def __init__(self, mix: Frames, hop: int, enough: int) -> None:
        self._mix = mix
        self._window = round(WINDOW_SECONDS * SAMPLE_RATE / hop)
        self._enough = max(enough, 1)
        self._total = _running_energy(mix)
        self._spectra: dict[int, NDArray[np.complexfloating]] = {}

    def correlate(self, stem: Frames) -> NDArray[np.float32]:
        """Cosine of mix and stem [F, S] where they overlap, at every lag [L], weighed by the overlap.

        A correlation over n frames has a standard error of 1/√n, so a lag weighs as the root of its overlap,
        up to as many frames as are enough. Lags with less overlap than one window are left out,
        unless mix or stem is shorter. There are none if either is empty.
        """
        length, frames = self._mix.shape[1], stem.shape[1]
        if not length or not frames:
            return np.zeros(0, np.float32)
        least = max(1, min(self._window, length, frames))
        size = _common_size(length + frames)
        product = irfft((rfft(stem, size, axis=1) * self._spectrum(size).conj()).sum(axis=0), size)
        lags = np.arange(least - length, frames - least + 1)  # the mix begins on this frame of the stem
        begin, end = np.maximum(lags, 0), np.minimum(lags + length, frames)
        total, floor = _running_energy(stem), LEAST_RMS**2 * (end - begin)
        of_stem = np.maximum(total[end] - total[begin], floor)
        of_mix = np.maximum(self._total[end - lags] - self._total[begin - lags], floor)
        cosines = product[lags] / np.sqrt(of_stem * of_mix)
        return np.asarray(cosines * np.sqrt(np.minimum((end - begin) / self._enough, 1.0)), np.float32)

    def _spectrum(self, size: int) -> NDArray[np.complexfloating]:
        if size not in self._spectra:
            self._spectra[size] = rfft(self._mix, size, axis=1)
        return self._spectra[size]


def _common_size(least: int) -> int:
    """A length of transforms that many stems share, so that the mix is seldom transformed again."""
    step = 1 << max(least.bit_length() - 3, 0)
    return int(next_fast_len(-(-least // step) * step, real=True))


def _running_energy(frames: Frames) -> NDArray[np.float64]:
    """Energy of [F, N] before each frame [N + 1]."""
    return np.concatenate([[0.0], np.cumsum((frames.astype(np.float64) ** 2).sum(axis=0))])


def _onsets(drawn: Sketch) -> Frames:
    """[1, N], mean 0."""
    onsets = drawn.onsets.astype(np.float32) / np.float32(127)
    return (onsets - onsets.mean() if len(onsets) else onsets)[None]


def _moving_chroma(drawn: Sketch) -> Frames:
    """[12, M], each class less its mean over time."""
    chroma = drawn.chroma.astype(np.float32) / np.float32(127)
    return np.asarray(chroma - chroma.mean(axis=1, keepdims=True) if chroma.size else chroma, np.float32)
