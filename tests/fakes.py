"""An embedder without a network: a vector is how loud each pitch class is, in each half of a window.

It keeps what retrieval needs of the real one: a mix that holds a song's notes finds that song's stems, best
at the right offset; another waveform gives another vector; and the same waveform always gives the same one.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from audio.stems import STEM_TYPES, StemType

PITCHES = 12
WINDOW_SAMPLES = 128_000
HOP_SAMPLES = 8_000
FRAMES = WINDOW_SAMPLES // HOP_SAMPLES
_LOWEST_HERTZ = 50.0
_SAMPLE_RATE = 16_000


@dataclass(frozen=True)
class FakeCard:
    name: str = "fake"
    version: str = "1"
    dimension: int = 2 * PITCHES
    stem_types: tuple[str, ...] = STEM_TYPES
    sample_rate: int = _SAMPLE_RATE
    window_samples: int = WINDOW_SAMPLES
    query_hop_samples: int = HOP_SAMPLES

    @property
    def id(self) -> str:
        return f"{self.name}-{self.version}-00000000"


@dataclass(frozen=True)
class FakeQueries:
    vectors: NDArray[np.float32]
    starts: NDArray[np.float64]


@dataclass
class FakeEmbedder:
    """Stands for `model.embedder.Embedder`; counts the windows that it embedded."""

    card: FakeCard = field(default_factory=FakeCard)
    provider: str = "CPUExecutionProvider"
    embedded_windows: int = 0

    def embed_context(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        """Pitch classes of every half second [N, 12] of `waveform` [T], at least a window's worth."""
        frames = max(FRAMES, -(-len(waveform) // HOP_SAMPLES))
        padded = np.zeros(frames * HOP_SAMPLES, np.float32)
        padded[: len(waveform)] = waveform
        return _pitch_classes(padded.reshape(frames, HOP_SAMPLES))

    def predict(self, latents: NDArray[np.float32], stem_type: StemType) -> FakeQueries:
        """One query for each half second at which a whole window fits."""
        starts = np.arange(len(latents) - FRAMES + 1)
        windows = np.stack([latents[start : start + FRAMES] for start in starts])
        return FakeQueries(_vectors(windows), starts.astype(np.float64) * (HOP_SAMPLES / _SAMPLE_RATE))

    def embed_stems(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Vectors [B, 24] of `windows` [B, 128000]."""
        self.embedded_windows += len(windows)
        frames = _pitch_classes(windows.reshape(-1, HOP_SAMPLES))
        return _vectors(frames.reshape(len(windows), FRAMES, PITCHES))

    def compatibility(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.clip((scores + 1) / 2, 0, 1).astype(np.float32)


def _pitch_classes(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    hertz = np.fft.rfftfreq(frames.shape[1], 1 / _SAMPLE_RATE)
    heard = hertz >= _LOWEST_HERTZ
    pitch = np.round(12 * np.log2(hertz[heard] / 440.0)).astype(int) % PITCHES
    bins_of = np.eye(PITCHES)[pitch]
    return np.asarray(power[:, heard] @ bins_of, np.float32)


def _vectors(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """[B, 16, 12] to [B, 24], of length 1; silence becomes the same vector everywhere."""
    halves = windows.reshape(len(windows), 2, FRAMES // 2, PITCHES).sum(axis=2)
    flat = np.sqrt(halves.reshape(len(windows), 2 * PITCHES).astype(np.float64)) + 1e-9
    return np.asarray(flat / np.linalg.norm(flat, axis=1, keepdims=True), np.float32)
