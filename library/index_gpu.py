"""Exact search on a GPU, over the vectors of an index that the processor keeps as well."""

import threading
from typing import Any, Final, Literal

import faiss
import numpy as np
from numpy.typing import NDArray

from library.index import Vectors

IndexDevice = Literal["cpu", "cuda"]

_VECTORS_AT_ONCE = 65_536
_WIDEST: Final = 2048  # FAISS's limit on a GPU


class NoGpuError(RuntimeError):
    """A GPU was asked for, and FAISS has none."""

    def __init__(self) -> None:
        super().__init__(
            "The index was asked to run on a GPU, but FAISS sees none here. "
            "Set COUNTERPART_INDEX_DEVICE=cpu, or use the GPU image "
            "(it has faiss-gpu in place of faiss-cpu) on a machine with an NVIDIA GPU."
        )


def count_gpus() -> int:
    """How many GPUs FAISS can use; 0 with faiss-cpu."""
    return int(faiss.get_num_gpus())  # StandardGpuResources() succeeds even without one


def check_device(device: IndexDevice) -> None:
    """Refuse a GPU that is not there before anything is loaded.

    Raises:
        NoGpuError: `device` is cuda and FAISS sees none.
    """
    if device == "cuda" and not count_gpus():
        raise NoGpuError


class GpuSearch:
    """All vectors of an index in half precision on the first GPU, searched without quantisation."""

    widest = _WIDEST

    def __init__(self, vectors: NDArray[np.floating[Any]], device: IndexDevice) -> None:
        """Copy `vectors` [N, D] to the GPU.

        Raises:
            NoGpuError: there is none.
            ValueError: `device` is not a GPU's name.
        """
        if device != "cuda":
            raise ValueError(f"An index runs on cpu or cuda, not on {device!r}.")
        check_device(device)
        settings = faiss.GpuIndexFlatConfig()
        settings.useFloat16 = True
        self._resources = faiss.StandardGpuResources()
        self._index = faiss.GpuIndexFlatIP(self._resources, vectors.shape[1], settings)
        self._lock = threading.Lock()  # the resources' working memory takes one search at a time
        for start in range(0, len(vectors), _VECTORS_AT_ONCE):
            self._index.add(np.ascontiguousarray(vectors[start : start + _VECTORS_AT_ONCE], np.float32))

    def search(self, queries: Vectors, k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Scores and rows [Q, k], best first."""
        with self._lock:
            scores, rows = self._index.search(queries, k)
        return scores, rows
