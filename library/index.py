"""Nearest vectors of one stem type. The only file that knows FAISS."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from library.vector_ids import Ids

Vectors = NDArray[np.float32]

# A vector of a network that ends in a normalisation is off by rounding only; half precision loses about 1e-3.
_LENGTH_TOLERANCE = 1e-2


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found: H hits, those of the first query first, each query's best first."""

    scores: NDArray[np.float32]
    """Inner products [H]."""
    ids: Ids
    """Vector ids [H]."""
    queries: NDArray[np.int64]
    """Which row of the queries each hit answers [H]."""

    def __len__(self) -> int:
        return len(self.ids)


class StemIndex(Protocol):
    """The vectors of one stem type, to be asked for those nearest to some queries."""

    @property
    def dimension(self) -> int: ...

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Add `vectors` [B, D] of length 1 under `ids` [B]."""

    def search(self, queries: Vectors, k: int) -> Hits:
        """The `k` vectors with the largest inner product for each of `queries` [Q, D], or all there are."""

    def ids(self) -> Ids:
        """Every id, in the order of adding [N]."""

    def save(self, path: Path) -> None: ...

    def __len__(self) -> int: ...


class IndexMismatchError(ValueError):
    """Vectors that do not belong into this index: of another length, or not normalised."""


class FaissIndex:
    """Exact inner product over vectors kept in memory."""

    kind = "flat"

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def empty(cls, dimension: int) -> Self:
        """An index without vectors."""
        return cls(faiss.IndexIDMap2(faiss.IndexFlatIP(dimension)))

    @classmethod
    def load(cls, path: Path) -> Self:
        """The index that `save` wrote.

        Raises:
            OSError: the file is not there or is no index.
        """
        try:
            return cls(faiss.read_index(str(path)))
        except RuntimeError as error:
            raise OSError(f"{path} cannot be read as a FAISS index.") from error

    @property
    def dimension(self) -> int:
        """Length of a vector, D."""
        return int(self._index.d)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Add `vectors` [B, D] of length 1 under `ids` [B].

        Raises:
            IndexMismatchError: the vectors are not [B, D], or not normalised.
        """
        check_vectors(ids, vectors, self.dimension)
        self._index.add_with_ids(
            np.ascontiguousarray(vectors, np.float32), np.ascontiguousarray(ids, np.int64)
        )

    def search(self, queries: Vectors, k: int) -> Hits:
        """The `k` best of each of `queries` [Q, D]. FAISS pads with id -1; that stays in here."""
        # Batches with Q * D <= 128000 would take FAISS's scalar loop: 12 times slower at Q = 300. The setting
        # is the process's, so it is set here, where it matters, and not by whoever imports this file.
        faiss.cvar.distance_compute_blas_threshold = 1
        # The count is the calling thread's. One: parallel requests use the cores already, and two OpenMP
        # threads that wait for each other took 22-67 ms for a search that one does in 0.3.
        faiss.omp_set_num_threads(1)
        wanted = min(k, len(self))
        if wanted < 1 or not len(queries):
            return no_hits()
        scores, ids = self._index.search(np.ascontiguousarray(queries, np.float32), wanted)
        found = ids >= 0
        return Hits(scores[found], ids[found], np.nonzero(found)[0].astype(np.int64))

    def ids(self) -> Ids:
        """Every id, in the order of adding [N]."""
        return np.asarray(faiss.vector_to_array(self._index.id_map), np.int64)

    def save(self, path: Path) -> None:
        """Write the index to `path`."""
        faiss.write_index(self._index, str(path))

    def __len__(self) -> int:
        return int(self._index.ntotal)


def no_hits() -> Hits:
    """The answer of an index without vectors."""
    return Hits(np.empty(0, np.float32), np.empty(0, np.int64), np.empty(0, np.int64))


def check_vectors(ids: Ids, vectors: Vectors, dimension: int) -> None:
    """Refuse what would make scores wrong later.

    Raises:
        IndexMismatchError: the vectors are not [B, D] with one id each, or not of length 1.
    """
    if vectors.shape != (len(ids), dimension):
        raise IndexMismatchError(
            f"This index takes {len(ids)} vectors of length {dimension}, not an array {vectors.shape}."
        )
    lengths = np.sqrt(np.einsum("bd,bd->b", vectors, vectors, dtype=np.float64))
    if not np.all(np.abs(lengths - 1) < _LENGTH_TOLERANCE):
        raise IndexMismatchError("Vectors in an index must have length 1; the network normalises them.")
