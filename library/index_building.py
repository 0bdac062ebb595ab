"""Fill an index portion by portion, then measure how many candidates its search needs."""

from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np

from library.index import Vectors, check_vectors
from library.index_faiss import FaissIndex
from library.index_kinds import IndexPlan
from library.index_recall import Measurement, choose_effort
from library.vector_ids import Ids

_CODES = 16  # of four bits
_CODED_TOGETHER = 2  # numbers that share a code
# Of the vectors' squared length. Most of a search's time goes into reading codes, and candidates cost little:
# of the 512 directions of release 0.3.0 this keeps 158, where 0.002 kept 228, and twice the
# candidates find as much.
_GIVEN_UP = 0.015


class NotEnoughTrainingError(ValueError):
    """Fewer vectors to learn from than there are codes or lists to be learned."""


@dataclass(frozen=True, slots=True)
class BuiltIndex:
    """An index that is complete, and how good it is."""

    index: FaissIndex
    measured: Measurement


class IndexBuilder:
    """Takes the vectors of one stem type in the order of their ids; `finish` gives the index."""

    def __init__(self, plan: IndexPlan, training: Vectors | None = None) -> None:
        """Start an index as planned; `training` [B, D] is a sample of what will be added.

        Raises:
            NotEnoughTrainingError: the plan needs training vectors, and there are none.
        """
        self._plan = plan
        self._last_id = -1
        self._inner = _make_flat(plan) if plan.kind == "flat" else _make_quantised(plan, training)
        self._filled = faiss.IndexIDMap(self._inner)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Add `vectors` [B, D] of length 1 under `ids` [B], which ascend from portion to portion.

        Raises:
            IndexMismatchError: they do not, or the vectors are not [B, D], or not of length 1.
        """
        check_vectors(ids, vectors, self._plan.dimension, self._last_id)
        if not len(ids):
            return
        self._filled.add_with_ids(
            np.ascontiguousarray(vectors, np.float32), np.ascontiguousarray(ids, np.int64)
        )
        self._last_id = int(ids[-1])

    def finish(self, generator: np.random.Generator) -> BuiltIndex:
        """The index, set so that it reaches the wanted recall, and what was measured."""
        if self._plan.kind == "flat" or not len(self):
            return BuiltIndex(FaissIndex(self._filled), Measurement(recall=1.0, queries=0))
        measured = choose_effort(self._inner, generator)
        return BuiltIndex(FaissIndex(self._filled), measured)

    def __len__(self) -> int:
        return int(self._filled.ntotal)


def build_index(
    plan: IndexPlan, ids: Ids, vectors: Vectors, generator: np.random.Generator | None = None
) -> BuiltIndex:
    """An index over vectors that are all in memory."""
    builder = IndexBuilder(plan, vectors[: plan.training])
    builder.add(ids, vectors)
    return builder.finish(generator or np.random.default_rng(0))


def _make_flat(plan: IndexPlan) -> Any:
    return faiss.IndexFlatIP(plan.dimension)


def _make_quantised(plan: IndexPlan, training: Vectors | None) -> Any:
    needed, given = max(_CODES, plan.lists), 0 if training is None else len(training)
    if training is None or given < needed:
        raise NotEnoughTrainingError(
            f"A quantised index learns its codes from at least {needed} vectors, not {given}."
        )
    axes = learn_axes(training)
    lists = _make_lists(plan.lists, len(axes))
    turned = faiss.IndexPreTransform(_turn_onto(axes), lists)
    stored = faiss.IndexScalarQuantizer(
        plan.dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    refined = faiss.IndexRefine(turned, stored)
    refined.train(np.ascontiguousarray(training, np.float32))
    return refined


def learn_axes(training: Vectors) -> Vectors:
    """The directions [d, D] that hold nearly all of the vectors' lengths, turned at random among themselves.

    A network's vectors fill few of their dimensions: of release 0.3.0's 158 of 512 hold 98.5 %. The turn
    gives every code an equal part.
    """
    shares, axes = np.linalg.eigh(training.T.astype(np.float64) @ training)  # in ascending order
    # From the smallest on: all that together hold less than is given up.
    given_up = int(np.searchsorted(np.cumsum(np.maximum(shares, 0)), _GIVEN_UP * shares.sum()))
    kept = len(axes) - given_up
    kept = min(len(axes), kept + kept % _CODED_TOGETHER)
    turn, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((kept, kept)))
    return np.ascontiguousarray(turn @ axes[:, len(axes) - kept :].T, np.float32)


def _turn_onto(axes: Vectors) -> Any:
    transform = faiss.LinearTransform(axes.shape[1], len(axes), False)
    faiss.copy_array_to_vector(axes.ravel(), transform.A)
    transform.is_trained = True
    return transform


def _make_lists(lists: int, dimension: int) -> Any:
    # One list is a plain scan over all codes. It is used in place of IndexPQFastScan because that one cannot
    # leave out rows.
    width = _CODED_TOGETHER if dimension % _CODED_TOGETHER == 0 else 1
    quantiser = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFPQFastScan(
        quantiser, dimension, lists, dimension // width, 4, faiss.METRIC_INNER_PRODUCT
    )
    index.by_residual = False
    index.cp.min_points_per_centroid = index.pq.cp.min_points_per_centroid = 1  # few are no mistake in a test
    return index
