"""How much of an exact search's answer a quantised index gives, and the least effort that will do."""

from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from library.index import Vectors
from library.index_faiss import find_lists

RECALL_AT = 10
# Over the 0.98 that is promised: where the questions made here found 0.993, real mixes' queries found 0.985.
WANTED_RECALL = 0.995

_QUESTIONS = 128
_MIXED = 8  # vectors whose mixture stands for what a question has beside its answer
_LIKENESS = 0.4  # how alike a mix's query and the best window of a library of 6,500 are (median, real songs)
_FACTORS = (4, 8, 16, 32, 64, 128)
_SHARES = (1 / 128, 1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)
_ROWS_AT_ONCE = 8192
_ROUNDING = 1e-5


@dataclass(frozen=True, slots=True)
class Measurement:
    """Recall@10 against exact search over the same index."""

    recall: float
    queries: int
    """How many questions it was measured with; 0 if there was nothing to measure, the search being exact."""


def choose_effort(refined: Any, generator: np.random.Generator) -> Measurement:
    """Set how many lists the IndexRefine `refined` visits and how many candidates it re-ranks."""
    stored = faiss.downcast_index(refined.refine_index)
    lists = find_lists(refined)
    questions = make_questions(stored, generator)
    exact = search_exactly(stored, questions)
    probes = [max(1, round(share * lists.nlist)) for share in _SHARES] if lists.nlist > 1 else [1]
    recall = 0.0
    # First the lists, with as many candidates as there may be; then no more candidates than these lists need.
    for probed in probes:
        recall = try_effort(refined, probed, _FACTORS[-1], questions, exact)
        if recall >= WANTED_RECALL:
            break
    for factor in _FACTORS:
        recall = try_effort(refined, lists.nprobe, factor, questions, exact)
        if recall >= WANTED_RECALL:
            break
    return Measurement(round(recall, 4), len(questions))


def make_questions(stored: Any, generator: np.random.Generator) -> Vectors:
    """Vectors [Q, D] that lie to the stored ones as the queries of mixes do.

    Each is a stored vector seen through a mixture of others: a stored vector itself would be answered too
    easily, noise in all directions unlike anything that a network gives.
    """
    count = min(_QUESTIONS, stored.ntotal)
    answers = _normalise(stored.reconstruct_batch(_choose_rows(stored, count, generator)))
    rows = _choose_rows(stored, count * _MIXED, generator)
    parts = stored.reconstruct_batch(rows).reshape(count, _MIXED, stored.d)
    signs = generator.choice([-1.0, 1.0], (count, _MIXED, 1)).astype(np.float32)
    mixtures = _normalise((parts * signs).sum(axis=1))
    return _normalise(_LIKENESS * answers + np.sqrt(1 - _LIKENESS**2) * mixtures)


def search_exactly(stored: Any, questions: Vectors) -> NDArray[np.float32]:
    """Scores of the ten best rows for each question [Q, 10], ascending; fewer if there are fewer."""
    best = np.empty((len(questions), 0), np.float32)
    for start in range(0, stored.ntotal, _ROWS_AT_ONCE):
        count = min(_ROWS_AT_ONCE, stored.ntotal - start)
        scores = questions @ stored.reconstruct_n(start, count).T
        best = np.sort(np.concatenate([best, scores], axis=1), axis=1)[:, -RECALL_AT:]
    return best


def try_effort(
    refined: Any, probes: int, factor: int, questions: Vectors, exact: NDArray[np.float32]
) -> float:
    """Set the effort; share of the ten best found with it. Of equally good rows any is as good as another."""
    find_lists(refined).nprobe = probes
    refined.k_factor = factor
    scores, rows = refined.search(questions, exact.shape[1])
    right = (rows >= 0) & (scores >= exact[:, :1] - _ROUNDING)
    return float(right.mean())


def _choose_rows(stored: Any, count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    return generator.integers(stored.ntotal, size=count)


def _normalise(vectors: NDArray[np.float32]) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)
