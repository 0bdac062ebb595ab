"""One suite over FAISS and the plain matrix product: an index is what passes it."""

from pathlib import Path
from typing import cast

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from library.index import FaissIndex, IndexMismatchError, StemIndex
from tests.library.exact_index import ExactIndex

DIMENSION = 8


def unit_vectors(count: int, seed: int = 1) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@pytest.fixture(params=[FaissIndex.empty, ExactIndex], ids=["faiss", "exact"])
def index(request: pytest.FixtureRequest) -> StemIndex:
    return cast("StemIndex", request.param(DIMENSION))


def test_a_vector_finds_itself_first(index: StemIndex) -> None:
    vectors = unit_vectors(20)
    index.add(np.arange(20) + 100, vectors)
    hits = index.search(vectors[[7]], 3)
    assert hits.ids[0] == 107
    assert hits.scores[0] == pytest.approx(1, abs=1e-5)


def test_hits_come_by_query_and_best_first(index: StemIndex) -> None:
    index.add(np.arange(20), unit_vectors(20))
    hits = index.search(unit_vectors(3, seed=2), 5)
    assert hits.queries.tolist() == [0] * 5 + [1] * 5 + [2] * 5
    assert all(np.all(np.diff(hits.scores[hits.queries == query]) <= 0) for query in range(3))


def test_asking_for_more_than_there_is_gives_all_there_is(index: StemIndex) -> None:
    index.add(np.arange(4), unit_vectors(4))
    hits = index.search(unit_vectors(2, seed=2), 10)
    assert sorted(hits.ids[hits.queries == 0].tolist()) == [0, 1, 2, 3]
    assert len(hits) == 8


def test_an_empty_index_finds_nothing(index: StemIndex) -> None:
    assert len(index.search(unit_vectors(2), 3)) == 0


def test_no_query_finds_nothing(index: StemIndex) -> None:
    index.add(np.arange(4), unit_vectors(4))
    assert len(index.search(np.empty((0, DIMENSION), np.float32), 3)) == 0


def test_large_ids_survive(index: StemIndex) -> None:
    index.add(np.array([2**62 + 1]), unit_vectors(1))
    assert index.search(unit_vectors(1), 1).ids.tolist() == [2**62 + 1]


def test_it_counts_and_lists_what_was_added(index: StemIndex) -> None:
    index.add(np.array([5, 3]), unit_vectors(2))
    index.add(np.array([9]), unit_vectors(1, seed=4))
    assert len(index) == 3
    assert index.ids().tolist() == [5, 3, 9]
    assert index.dimension == DIMENSION


def test_vectors_of_another_length_are_refused(index: StemIndex) -> None:
    with pytest.raises(IndexMismatchError, match="vectors of length 8"):
        index.add(np.arange(2), np.ones((2, 5), np.float32))


def test_vectors_that_are_not_normalised_are_refused(index: StemIndex) -> None:
    with pytest.raises(IndexMismatchError, match="length 1"):
        index.add(np.arange(2), 3 * unit_vectors(2))


def test_vectors_with_nan_are_refused(index: StemIndex) -> None:
    with pytest.raises(IndexMismatchError, match="length 1"):
        index.add(np.arange(2), np.full((2, DIMENSION), np.nan, np.float32))


@pytest.mark.parametrize("kind", [FaissIndex, ExactIndex])
def test_a_saved_index_answers_the_same(kind: type[FaissIndex | ExactIndex], tmp_path: Path) -> None:
    index = FaissIndex.empty(DIMENSION) if kind is FaissIndex else ExactIndex(DIMENSION)
    index.add(np.arange(20), unit_vectors(20))
    index.save(tmp_path / "index")
    queries = unit_vectors(4, seed=2)
    before, after = index.search(queries, 5), kind.load(tmp_path / "index").search(queries, 5)
    assert np.array_equal(before.ids, after.ids)
    assert np.array_equal(before.scores, after.scores)


def test_faiss_agrees_with_the_matrix_product() -> None:
    fast, exact = FaissIndex.empty(DIMENSION), ExactIndex(DIMENSION)
    for index in (fast, exact):
        index.add(np.arange(200), unit_vectors(200))
    queries = unit_vectors(30, seed=2)
    found, expected = fast.search(queries, 10), exact.search(queries, 10)
    assert np.array_equal(found.ids, expected.ids)
    assert np.allclose(found.scores, expected.scores, atol=1e-5)


def test_searching_keeps_batches_on_the_fast_path() -> None:
    index = FaissIndex.empty(DIMENSION)
    index.add(np.arange(4), unit_vectors(4))
    faiss.cvar.distance_compute_blas_threshold = 20  # FAISS's default
    index.search(unit_vectors(2), 1)
    assert faiss.cvar.distance_compute_blas_threshold == 1


def test_a_file_that_is_no_index_cannot_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "index").write_bytes(b"not an index")
    with pytest.raises(OSError, match="cannot be read"):
        FaissIndex.load(tmp_path / "index")
