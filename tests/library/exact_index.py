"""The same answers as any index must give, by a plain matrix product: what FAISS is compared with."""

from pathlib import Path
from typing import Self

import numpy as np

from library.index import Hits, Vectors, check_vectors
from library.vector_ids import Ids


class ExactIndex:
    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._ids = np.empty(0, np.int64)
        self._vectors = np.empty((0, dimension), np.float32)

    @classmethod
    def load(cls, path: Path) -> Self:
        with np.load(path) as file:
            index = cls(file["vectors"].shape[1])
            index.add(file["ids"], file["vectors"])
        return index

    def add(self, ids: Ids, vectors: Vectors) -> None:
        check_vectors(ids, vectors, self.dimension)
        self._ids = np.concatenate([self._ids, ids])
        self._vectors = np.concatenate([self._vectors, vectors])

    def search(self, queries: Vectors, k: int) -> Hits:
        scores = queries @ self._vectors.T
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        rows = np.repeat(np.arange(len(queries)), order.shape[1])
        return Hits(np.take_along_axis(scores, order, axis=1).ravel(), self._ids[order].ravel(), rows)

    def ids(self) -> Ids:
        return self._ids

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.savez(file, ids=self._ids, vectors=self._vectors)

    def __len__(self) -> int:
        return len(self._ids)
