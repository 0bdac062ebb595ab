"""An index in FAISS: exact, or quantised with exact re-ranking; on the processor or on a GPU."""

import errno
from math import ceil
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from library.index import Hits, RowMask, Rows, Vectors, no_hits
from library.index_gpu import GpuSearch, IndexDevice
from library.index_rows import count_stems
from library.vector_ids import Ids

# Scoring a row of an exact index costs about as much as searching it. In a quantised one it costs 13 times as
# much (64 queries of 512 numbers: 2 µs a row, 0.15 µs to search it), so that only small parts are scored.
_SCAN_SHARE = 16
_SCAN_AT_LEAST = 2_000
_SCAN_AT_MOST = 100_000
_NO_LIMIT = 1 << 40


class UnknownIndexError(ValueError):
    """An index that this version does not know."""


class FaissIndex:
    """Vectors of one stem type. Those of a quantised index are kept in half precision as well.

    A search in a quantised index finds candidates by their codes, and scores those by the stored vectors.
    """

    def __init__(self, filled: Any, device: IndexDevice = "cpu") -> None:
        """Wrap `filled`, an IndexIDMap whose ids ascend.

        Raises:
            NoGpuError: `device` is cuda and there is none.
        """
        self._filled = filled  # owns the memory that the two arrays below look at
        self._index = faiss.downcast_index(filled.index)
        self._ids = _view_ids(filled)
        self._vectors = _view_vectors(stored_vectors(self._index))
        self._gpu = GpuSearch(self._vectors, device) if device != "cpu" else None
        self.stems = count_stems(self._ids)

    @classmethod
    def load(cls, path: Path, device: IndexDevice = "cpu") -> Self:
        """The index that `save` wrote. Vectors stay on the disk until they are looked at, where FAISS can.

        Raises:
            OSError: the file is not there, FAISS cannot read it, or the system did not let it.
            UnknownIndexError: it is the index of another version.
            NoGpuError: `device` is cuda and there is none.
        """
        try:
            filled = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise OSError(f"{path} cannot be read as a FAISS index.") from error
        if not isinstance(filled, faiss.IndexIDMap):
            raise UnknownIndexError(f"{path} is an index of another version.")
        return cls(filled, device)

    @property
    def dimension(self) -> int:
        """Length of a vector, D."""
        return int(self._index.d)

    @property
    def kind(self) -> str:
        """Structure and parameters as people write them: flat, or PCA256,PQ128x4fs+fp16, say."""
        if not isinstance(self._index, faiss.IndexRefine):
            return "flat"
        lists = find_lists(self._index)
        inverted = f"IVF{lists.nlist}/{lists.nprobe}," if lists.nlist > 1 else ""
        codes = f"PCA{lists.d},{inverted}PQ{lists.pq.M}x{lists.pq.nbits}fs+fp16"
        return f"{codes}, {self._index.k_factor:g} candidates a hit"

    @property
    def scan_rows(self) -> int:
        """Up to how many rows it is quicker to score every one than to search."""
        if self._gpu is not None:
            return _SCAN_AT_LEAST
        if not isinstance(self._index, faiss.IndexRefine):
            return len(self)
        return min(max(len(self) // _SCAN_SHARE, _SCAN_AT_LEAST), _SCAN_AT_MOST)

    @property
    def widest(self) -> int:
        """The largest `k` that `search` takes."""
        return _NO_LIMIT if self._gpu is None else self._gpu.widest

    def search(self, queries: Vectors, k: int, allowed: RowMask | None = None) -> Hits:
        """The `k` best of each of `queries` [Q, D], among the rows `allowed` [N] if it is given.

        FAISS pads with row -1; that stays in here.
        """
        wanted = min(k, len(self))
        if wanted < 1 or not len(queries):
            return no_hits()
        asked = np.ascontiguousarray(queries, np.float32)
        if self._gpu is not None and allowed is None:
            scores, rows = self._gpu.search(asked, wanted)
        else:
            prepare_thread()
            scores, rows = self._index.search(asked, wanted, params=self._parameters(wanted, allowed))
        found = rows >= 0
        return Hits(scores[found], self._ids[rows[found]], np.nonzero(found)[0].astype(np.int64))

    def ids(self) -> Ids:
        """Every id, ascending [N]."""
        return self._ids

    def vectors(self, rows: Rows | slice) -> Vectors:
        """What is stored in `rows`, [B, D]."""
        return np.asarray(self._vectors[rows], np.float32)

    def save(self, path: Path) -> None:
        """Write the index to `path`.

        Raises:
            OSError: there is no room, or the folder may not be written to.
        """
        try:
            faiss.write_index(self._filled, str(path))
        except RuntimeError as error:  # all that FAISS says of a write that failed
            raise OSError(errno.EIO, "the index could not be written; is there room?", str(path)) from error

    def __len__(self) -> int:
        return int(self._filled.ntotal)

    def _parameters(self, k: int, allowed: RowMask | None) -> Any:
        selector = None if allowed is None else _select(allowed)
        if not isinstance(self._index, faiss.IndexRefine):
            return None if selector is None else faiss.SearchParameters(sel=selector)
        lists = find_lists(self._index)
        # Wide searches look into more lists, so do those that may take little of each; the widest into all.
        share = 1.0 if allowed is None else max(float(allowed.mean()), 1 / len(self))
        wanted = max(lists.nprobe, 4 * k * lists.nlist / len(self)) / share
        inner = faiss.SearchParametersPreTransform(
            index_params=faiss.SearchParametersIVF(nprobe=min(lists.nlist, ceil(wanted)), sel=selector)
        )
        # The measured number of candidates is for ten hits; a wider search has as many anyway.
        candidates = max(self._index.k_factor * REFINED_HITS, k)
        return faiss.IndexRefineSearchParameters(k_factor=candidates / k, base_index_params=inner)


REFINED_HITS = 10
"""For how many hits the number of candidates is measured."""


def prepare_thread() -> None:
    """Set what FAISS keeps for the process or the thread, where it matters: before a search."""
    # Batches with Q * D <= 128000 would take FAISS's scalar loop: 12 times slower at Q = 300.
    faiss.cvar.distance_compute_blas_threshold = 1
    # The count is the calling thread's. One: parallel requests use the cores already, and two OpenMP
    # threads that wait for each other took 22-67 ms for a search that one does in 0.3.
    faiss.omp_set_num_threads(1)


def stored_vectors(index: Any) -> Any:
    """The part of `index` that keeps whole vectors."""
    return faiss.downcast_index(index.refine_index) if isinstance(index, faiss.IndexRefine) else index


def find_lists(index: Any) -> Any:
    """The inverted lists of a quantised index."""
    return faiss.downcast_index(faiss.downcast_index(index.base_index).index)


def _select(allowed: RowMask) -> Any:
    return faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))


def _view_ids(filled: Any) -> Ids:
    if not filled.ntotal:
        return np.empty(0, np.int64)
    return np.asarray(faiss.rev_swig_ptr(filled.id_map.data(), filled.ntotal))


def _view_vectors(stored: Any) -> NDArray[np.floating[Any]]:
    """The stored vectors [N, D] without a copy, in the precision that they have."""
    exact = isinstance(stored, faiss.IndexFlat)
    if not stored.ntotal:
        return np.empty((0, stored.d), np.float32)
    codes = faiss.rev_swig_ptr(stored.codes.data(), stored.ntotal * stored.code_size)
    return np.asarray(codes.view(np.float32 if exact else np.float16).reshape(-1, stored.d))
