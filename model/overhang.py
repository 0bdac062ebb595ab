"""Windows that hang over the ends of a short mix: what they lack there is left out of their queries.

A stem's windows lie `HOP_SECONDS` apart in an index. So that one of them begins with a window of the mix,
wherever in the song that is from, these must begin at as many moments as lie between two windows of a stem. A
mix of 20 s has room for that; in one of 5 s not even one window fits. So some begin before the mix does, or
end after it.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from audio.windows import HOP_SECONDS, WINDOW_SECONDS


@dataclass(frozen=True)
class Queries:
    """What is searched with: vector k asks with the window of the mix that begins at `starts[k]`."""

    vectors: NDArray[np.float32]  # [K, D], of length 1 where a token or more is of the mix
    starts: NDArray[np.float64]  # [K] seconds, negative for a window that begins before the mix does

    @classmethod
    def in_a_row(cls, vectors: NDArray[np.float32], seconds: float, first: int = 0) -> Self:
        """Queries [K, D] whose windows begin `seconds` apart, the first of them after `first` of these."""
        return cls(vectors, np.asarray((np.arange(len(vectors)) + first) * seconds, np.float64))


def missing_samples(samples: int, hop_samples: int) -> int:
    """Samples of silence that fill a mix up to whole hops; an empty one, to one."""
    return -samples % hop_samples if samples else hop_samples


def played_until_the_end(windows: NDArray[np.float32], hop_samples: int) -> NDArray[np.float32]:
    """1 where windows [B, T] of stems go on, 0 for moments after the last sound [B, T / hop samples].

    A stem's last window is filled up with zeros. Were they heard, a short mix could be laid beside a short
    stem where the two never sound together.
    """
    ends = windows.shape[1] - np.argmax(windows[:, ::-1] != 0, axis=1)
    ends[~windows.any(axis=1)] = 0
    begins = np.arange(windows.shape[1] // hop_samples) * hop_samples
    return np.asarray(begins[None] < ends[:, None], np.float32)


def of_length_one(candidates: NDArray[np.float32]) -> NDArray[np.float32]:
    """Candidates [B, D] of length 1, also of windows that play for less than two tokens (half a second).

    One token less the average of all of them is nothing: of such windows, the average over time speaks alone.
    """
    lengths = np.linalg.norm(candidates, axis=1, keepdims=True)
    return np.asarray(candidates / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)


@dataclass(frozen=True)
class Overhang:
    """How far windows hang over the ends of a mix, counted in its latents."""

    before: int
    """Latents that are missing before the mix."""
    moments: int
    """Latents of the mix."""
    after: int
    """Latents that are missing after it."""
    moment_seconds: float

    @classmethod
    def of(cls, moments: int, moment_seconds: float) -> Self:
        """As little as lets windows begin at every place that a stem's windows may ask for."""
        missing = max(round((WINDOW_SECONDS + HOP_SECONDS) / moment_seconds) - 1 - moments, 0)
        return cls(missing - missing // 2, moments, missing // 2, moment_seconds)

    def pad(self, latents: NDArray[np.float32]) -> NDArray[np.float32]:
        """Latents of mixes [B, moments, D] with nothing before and after them."""
        return np.pad(latents, ((0, 0), (self.before, self.after), (0, 0)))

    def played(self, mixes: int) -> NDArray[np.float32]:
        """Where padded latents are of the mix: [B, before + moments + after]."""
        return np.pad(np.ones((mixes, self.moments), np.float32), ((0, 0), (self.before, self.after)))

    def queries(self, vectors: NDArray[np.float32]) -> Queries:
        """The predictor's vectors [K, D] of padded latents as queries; one alone asks with the whole mix."""
        return Queries.in_a_row(vectors, self.moment_seconds, -self.before if len(vectors) > 1 else 0)
