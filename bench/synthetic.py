"""Vectors like those of a large library, made from those of a small one.

Real windows are the seed: those of the demo's stems, by the shipped release. A synthetic stem is a real
window mixed with a draw from a Gaussian of the real windows' covariance, so that the library has their few
strong directions and no two stems alike; its windows vary around it by other draws. Queries are real ones.
`describe` tells what matters for an index: how near the nearest neighbours are.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from audio.decode import decode
from audio.stems import STEM_TYPES
from audio.windows import cut_windows
from model.embedder import Embedder

Vectors = NDArray[np.float32]

WINDOWS_A_STEM = 10
_STEM_FROM_REAL = 0.6
_WINDOW_FROM_STEM = 0.8
_VECTORS_AT_ONCE = 65_536
_POOL = 16_384


@dataclass(frozen=True)
class Seed:
    """Real windows [N, D] and real queries [Q, D]."""

    windows: Vectors
    queries: Vectors

    @classmethod
    def embed_demo(cls, embedder: Embedder, demo: Path) -> Self:
        """All windows of the demo's stems; dense queries of its mixes, for every type."""
        stems = [decode(path).waveform for path in sorted((demo / "stems").rglob("*.ogg"))]
        windows = [embedder.embed_stems(cut_windows(stem).samples) for stem in stems]
        mixes = [decode(path).waveform for path in sorted((demo / "mixes").iterdir())]
        latents = [embedder.embed_context(mix[: 16 * 16_000]) for mix in mixes]
        queries = [embedder.predict(each, kind).vectors for each in latents for kind in STEM_TYPES]
        return cls(np.concatenate(windows), np.concatenate(queries))

    @classmethod
    def load(cls, path: Path) -> Self:
        """What `save` wrote."""
        with np.load(path) as file:
            return cls(file["windows"], file["queries"])

    def save(self, path: Path) -> None:
        """Keep them for the next run: embedding takes longer than most of what is measured."""
        np.savez(path, windows=self.windows, queries=self.queries)

    def shorten(self, dimension: int) -> Self:
        """The same in fewer dimensions: those in which the windows vary most."""
        if dimension == self.windows.shape[1]:
            return self
        _, _, axes = np.linalg.svd(self.windows, full_matrices=False)
        return type(self)(_unit(self.windows @ axes[:dimension].T), _unit(self.queries @ axes[:dimension].T))


class Library:
    """`count` windows of synthetic stems, made portion by portion, the same every time."""

    def __init__(self, seed: Seed, count: int) -> None:
        self._seed = seed
        self.count = count
        self._draw = _Gaussian(seed.windows)

    def windows(self, start: int, end: int) -> Vectors:
        """Windows number `start` to `end` [B, D]."""
        first, last = start // _VECTORS_AT_ONCE, -(-end // _VECTORS_AT_ONCE)
        portions = np.concatenate([self._portion(number) for number in range(first, last)])
        return portions[start - first * _VECTORS_AT_ONCE :][: end - start]

    def _portion(self, number: int) -> Vectors:
        generator = np.random.default_rng(number)
        stems = -(-_VECTORS_AT_ONCE // WINDOWS_A_STEM)
        real = self._seed.windows[generator.integers(len(self._seed.windows), size=stems)]
        centres = _mix(real, self._draw(stems, generator), _STEM_FROM_REAL)
        owners = np.arange(_VECTORS_AT_ONCE) // WINDOWS_A_STEM
        return _mix(centres[owners], self._draw(_VECTORS_AT_ONCE, generator), _WINDOW_FROM_STEM)


def draw_queries(seed: Seed, count: int) -> Vectors:
    """`count` queries [count, D]: real ones, neighbours in time, as a mix asks them."""
    starts = np.random.default_rng(1).integers(len(seed.queries) - 64, size=-(-count // 64))
    return np.concatenate([seed.queries[start : start + 64] for start in starts])[:count]


def describe(windows: Vectors, queries: Vectors) -> str:
    """Medians: a window's nearest other window, and a query's best window."""
    alike = windows[:500] @ windows.T
    alike[np.arange(len(alike)), np.arange(len(alike))] = -1
    best = (queries @ windows.T).max(axis=1)
    return f"nearest window {np.median(alike.max(axis=1)):.2f}, query's best window {np.median(best):.2f}"


class _Gaussian:
    """Draws vectors of length about 1 with the covariance of real ones.

    Each is the sum of three out of a pool, with random signs: a Gaussian draw a vector would cost more than
    building the index.
    """

    def __init__(self, windows: Vectors) -> None:
        values, vectors = np.linalg.eigh(np.cov(windows.T))
        root = (vectors * np.sqrt(np.maximum(values, 0))).T.astype(np.float32)
        normal = np.random.default_rng(0).standard_normal((_POOL, len(root)), np.float32)
        self._pool = normal @ root / np.sqrt(3, dtype=np.float32)

    def __call__(self, count: int, generator: np.random.Generator) -> Vectors:
        total = np.zeros((count, self._pool.shape[1]), np.float32)
        for _ in range(3):
            signs = generator.choice(np.array([-1, 1], np.float32), (count, 1))
            total += self._pool[generator.integers(_POOL, size=count)] * signs
        return total


def _mix(some: Vectors, others: Vectors, share: float) -> Vectors:
    return _unit(share * some + np.sqrt(1 - share**2) * others)


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
