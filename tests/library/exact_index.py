"""The same answers as any index must give, by a plain matrix product: what FAISS is compared with."""

from pathlib import Path
from typing import Self

import numpy as np

from library.index import Hits, RowMask, Rows, Vectors, check_vectors, no_hits
from library.index_rows import count_stems
from library.vector_ids import Ids


class ExactIndex:
    kind = "matrix product"

    def __init__(self, ids: Ids, vectors: Vectors, scan_rows: int = 0) -> None:
        check_vectors(ids, vectors, vectors.shape[1])
        self.dimension = vectors.shape[1]
        self.scan_rows = scan_rows
        self.widest = 1 << 40
        self.stems = count_stems(ids)
        self._ids = ids
        self._vectors = vectors

    @classmethod
    def load(cls, path: Path) -> Self:
        with np.load(path) as file:
            return cls(file["ids"], file["vectors"])

    def search(self, queries: Vectors, k: int, allowed: RowMask | None = None) -> Hits:
        rows = np.arange(len(self)) if allowed is None else np.flatnonzero(allowed)
        if not len(rows) or not len(queries):
            return no_hits()
        scores = queries @ self._vectors[rows].T
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        asked = np.repeat(np.arange(len(queries)), order.shape[1])
        return Hits(np.take_along_axis(scores, order, axis=1).ravel(), self._ids[rows][order].ravel(), asked)

    def ids(self) -> Ids:
        return self._ids

    def vectors(self, rows: Rows | slice) -> Vectors:
        return self._vectors[rows]

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.savez(file, ids=self._ids, vectors=self._vectors)

    def __len__(self) -> int:
        return len(self._ids)
