"""A sketch of a recording: when something begins in it, and which notes sound; 110 bytes a second.

Small enough to be kept of every stem of a library, and enough to look a second time at those that a search
brought: a network knows what goes together, the sketch whether it is in time and in key here.
"""

from dataclasses import dataclass
from functools import cache
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft

from audio.decode import SAMPLE_RATE, Waveform
from audio.onsets import HOP_SAMPLES as ONSET_HOP
from audio.onsets import onset_strength

CLASSES = 12
ONSETS_A_CHROMA = 16
CHROMA_HOP = ONSETS_A_CHROMA * ONSET_HOP  # samples: a quarter of a second
CHROMA_FRAME = 2 * CHROMA_HOP
LOWEST_HERTZ, HIGHEST_HERTZ = 55.0, 2000.0  # below, a bin is wider than a tone; above, overtones rule
FRAMES_AT_ONCE = 64  # so that an hour takes no more memory than a minute
LEAST_ONSET = 0.05**0.5  # root of the strength that ripples of a pad reach: what is less stays small
SILENCE_BELOW_LOUDEST = 1e-4  # power: −40 dB
SILENCE_POWER = 1e-6  # of a frame's mean square: −60 dBFS

Frames = NDArray[np.float32]
"""[F, N]: F features in each of N frames."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is kept of a recording."""

    onsets: NDArray[np.int8]
    """[N] every `ONSET_HOP` samples: the root of the onset strength, at most 127."""
    chroma: NDArray[np.int8]
    """[12, M] every `CHROMA_HOP` samples, from C on: mean 0 and one length where something plays, else 0."""

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        return self.onsets.nbytes + self.chroma.nbytes

    def to_bytes(self) -> bytes:
        """What a catalogue keeps."""
        return len(self.onsets).to_bytes(4, "little") + self.onsets.tobytes() + self.chroma.tobytes()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """The inverse of `to_bytes`."""
        end = 4 + int.from_bytes(content[:4], "little")
        values = np.frombuffer(content, np.int8)
        return cls(values[4:end], values[end:].reshape(CLASSES, -1))


def sketch(waveform: Waveform) -> Sketch:
    """The sketch of [T]; silence, and what is shorter than a frame, has zeros or nothing."""
    # The root keeps a few loud strokes from deciding alone.
    onsets = np.sqrt(onset_strength(waveform))
    loudest = max(float(onsets.max(initial=0.0)), LEAST_ONSET)
    return Sketch(
        onsets=np.rint(onsets * (127 / loudest)).astype(np.int8),
        chroma=np.rint(127 * _chroma(waveform)).astype(np.int8),
    )


def _chroma(waveform: Waveform) -> Frames:
    """[12, M]; M counts the frames of which half or more lies within [T]."""
    count = max(len(waveform) // CHROMA_HOP, 1)
    portions = [
        _classes(_frames(waveform, first, min(first + FRAMES_AT_ONCE, count)))
        for first in range(0, count, FRAMES_AT_ONCE)
    ]
    classes = np.concatenate([portion for portion, _ in portions])
    power = np.concatenate([portion for _, portion in portions])
    classes -= classes.mean(axis=1, keepdims=True)
    classes /= np.maximum(np.linalg.norm(classes, axis=1, keepdims=True), 1e-9)
    classes[power <= max(float(power.max()) * SILENCE_BELOW_LOUDEST, SILENCE_POWER)] = 0
    return np.ascontiguousarray(classes.T)


def _frames(waveform: Waveform, first: int, last: int) -> NDArray[np.float32]:
    """The frames `first` to `last` - 1 of [T], each around the middle of its hop, silence beyond the ends."""
    begin = first * CHROMA_HOP - CHROMA_HOP // 2
    end = begin + (last - 1 - first) * CHROMA_HOP + CHROMA_FRAME
    piece = waveform[max(begin, 0) : end]
    padded = np.pad(piece, (max(-begin, 0), end - max(begin, 0) - len(piece)))
    return np.lib.stride_tricks.sliding_window_view(padded, CHROMA_FRAME)[::CHROMA_HOP]


def _classes(frames: NDArray[np.float32]) -> tuple[Frames, NDArray[np.float32]]:
    """How much of each pitch class is in [frames, samples], and the frames' mean squares."""
    spectrum = np.abs(rfft(frames * np.hanning(CHROMA_FRAME).astype(np.float32), axis=1))
    return np.sqrt(spectrum) @ _fold().T, np.mean(np.square(frames), axis=1)


@cache
def _fold() -> NDArray[np.float32]:
    """[12, bins]: how much of a bin's magnitude counts for a pitch class; C is 0, A is 440 Hz."""
    hertz = np.fft.rfftfreq(CHROMA_FRAME, 1 / SAMPLE_RATE)
    pitch = 69 + 12 * np.log2(np.maximum(hertz, 1.0) / 440)
    distance = (pitch[None] - np.arange(CLASSES)[:, None] + 6) % 12 - 6
    weights = np.exp(-0.5 * (distance / 0.4) ** 2)
    weights[:, (hertz < LOWEST_HERTZ) | (hertz > HIGHEST_HERTZ)] = 0
    return np.asarray(weights / np.maximum(weights.sum(axis=0), 1e-3) ** 0.5, np.float32)
