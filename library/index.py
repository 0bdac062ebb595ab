"""What an index of stems is: vectors under ids, to be asked for those nearest to some queries."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from library.vector_ids import Ids

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]
"""Places of vectors within an index, in ascending order of their ids."""
RowMask = NDArray[np.bool_]
"""One truth value a row [N]."""

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
    """The vectors of one stem type. Immutable; safe to ask from several threads."""

    @property
    def dimension(self) -> int: ...

    @property
    def kind(self) -> str:
        """How the vectors are kept, for people to read: "flat" is exact."""

    @property
    def scan_rows(self) -> int:
        """Up to how many rows it is quicker to score every one than to search."""

    @property
    def widest(self) -> int:
        """The largest `k` that `search` takes."""

    @property
    def stems(self) -> int:
        """How many stems the vectors belong to."""

    def search(self, queries: Vectors, k: int, allowed: RowMask | None = None) -> Hits:
        """The `k` vectors with the largest inner product for each of `queries` [Q, D], or all there are.

        With `allowed` [N], only rows for which it holds are found.
        """

    def ids(self) -> Ids:
        """Every id, ascending [N]."""

    def vectors(self, rows: Rows | slice) -> Vectors:
        """What is stored in `rows`, [B, D]."""

    def save(self, path: Path) -> None: ...

    def __len__(self) -> int: ...


class IndexMismatchError(ValueError):
    """Vectors that do not belong into this index: of another length, not normalised, or out of order."""


def no_hits() -> Hits:
    """The answer of an index without vectors."""
    return Hits(np.empty(0, np.float32), np.empty(0, np.int64), np.empty(0, np.int64))


def have_length_one(vectors: Vectors) -> bool:
    """Whether all of `vectors` [B, D] can be scored against each other; numbers that are none cannot."""
    lengths = np.sqrt(np.einsum("bd,bd->b", vectors, vectors, dtype=np.float64))
    return bool(np.all(np.abs(lengths - 1) < _LENGTH_TOLERANCE))


def check_vectors(ids: Ids, vectors: Vectors, dimension: int, last_id: int = -1) -> None:
    """Refuse what would make scores or look-ups wrong later; `last_id` is the one added before.

    Raises:
        IndexMismatchError: the vectors are not [B, D] with one id each, not of length 1, or the ids do not
            ascend.
    """
    if vectors.shape != (len(ids), dimension):
        raise IndexMismatchError(
            f"This index takes {len(ids)} vectors of length {dimension}, not an array {vectors.shape}."
        )
    if not have_length_one(vectors):
        raise IndexMismatchError("Vectors in an index must have length 1; the network normalises them.")
    if np.any(np.diff(ids, prepend=np.int64(last_id)) <= 0):
        raise IndexMismatchError(
            "Vectors are added in the order of their ids, each id once: sort the stems by number and their "
            "windows by time."
        )
