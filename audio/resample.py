"""Bring a stream of mono blocks to another sample rate, in memory that grows with the result alone."""

import numpy as np
import soxr  # type: ignore[import-untyped]  # it publishes no types
from numpy.typing import NDArray


class Resampler:
    """Collects blocks [N] float32 at one rate; `finish` gives the whole at the other."""

    def __init__(self, from_rate: int, to_rate: int) -> None:
        self._stream = soxr.ResampleStream(from_rate, to_rate, 1) if from_rate != to_rate else None
        self._collected = np.empty(to_rate, dtype=np.float32)
        self._length = 0

    def add(self, block: NDArray[np.float32]) -> None:
        self._append(block if self._stream is None else self._stream.resample_chunk(block))

    def finish(self) -> NDArray[np.float32]:
        """What was added, resampled, [T] float32. Nothing can be added after it."""
        if self._stream is not None:
            self._append(self._stream.resample_chunk(np.empty(0, dtype=np.float32), last=True))
        self._collected.resize(self._length, refcheck=False)
        return self._collected

    def _append(self, block: NDArray[np.float32]) -> None:
        end = self._length + len(block)
        if end > len(self._collected):
            # In place: a list of blocks to concatenate would hold an hour of audio twice.
            self._collected.resize(max(end, 2 * len(self._collected)), refcheck=False)
        self._collected[self._length : end] = block
        self._length = end
