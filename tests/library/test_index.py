"""One suite over every kind of index and the plain matrix product: an index is what passes it."""

from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from library.index import IndexMismatchError, StemIndex, Vectors
from library.index_building import IndexBuilder, NotEnoughTrainingError, build_index, learn_axes
from library.index_faiss import FaissIndex, UnknownIndexError
from library.index_gpu import GpuSearch, IndexDevice, NoGpuError, count_gpus
from library.index_kinds import IndexPlan, plan_index, plan_quantised
from library.vector_ids import Ids, pack_ids
from tests.library.exact_index import ExactIndex

DIMENSION = 8
PLANS = {
    "flat": plan_index(10, DIMENSION),
    "quantised": plan_quantised(DIMENSION, lists=1),
    "lists": plan_quantised(DIMENSION, lists=4),
}
# The same suite runs on a GPU where there is one.
DEVICES: list[IndexDevice] = ["cpu", "cuda"] if count_gpus() else ["cpu"]

Maker = Callable[[Ids, Vectors], StemIndex]


def unit_vectors(count: int, seed: int = 1, dimension: int = DIMENSION) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def make_with(plan: IndexPlan, device: IndexDevice = "cpu") -> Maker:
    def make(ids: Ids, vectors: Vectors) -> StemIndex:
        padding = unit_vectors(20, seed=9, dimension=plan.dimension)  # codes cannot be learned from less
        builder = IndexBuilder(plan, np.concatenate([vectors, padding]))
        builder.add(ids, vectors)
        index = builder.finish(np.random.default_rng(0)).index
        return FaissIndex(index._filled, device)

    return make


MAKERS: dict[str, Maker] = {"matrix product": ExactIndex} | {
    f"{name} on {device}": make_with(plan, device) for name, plan in PLANS.items() for device in DEVICES
}
LOADERS: dict[str, tuple[Maker, Callable[[Path], StemIndex]]] = {
    "matrix product": (ExactIndex, ExactIndex.load)
} | {name: (make_with(plan), FaissIndex.load) for name, plan in PLANS.items()}


@pytest.fixture(params=list(MAKERS.values()), ids=list(MAKERS))
def make(request: pytest.FixtureRequest) -> Maker:
    maker: Maker = request.param
    return maker


def test_a_vector_finds_itself_first(make: Maker) -> None:
    vectors = unit_vectors(20)
    hits = make(np.arange(20) + 100, vectors).search(vectors[[7]], 3)
    assert hits.ids[0] == 107
    assert hits.scores[0] == pytest.approx(1, abs=2e-3)


def test_hits_come_by_query_and_best_first(make: Maker) -> None:
    hits = make(np.arange(20), unit_vectors(20)).search(unit_vectors(3, seed=2), 5)
    assert hits.queries.tolist() == [0] * 5 + [1] * 5 + [2] * 5
    assert all(np.all(np.diff(hits.scores[hits.queries == query]) <= 0) for query in range(3))


def test_asking_for_more_than_there_is_gives_all_there_is(make: Maker) -> None:
    hits = make(np.arange(30), unit_vectors(30)).search(unit_vectors(2, seed=2), 100)
    assert sorted(hits.ids[hits.queries == 0].tolist()) == list(range(30))
    assert len(hits) == 60


def test_an_empty_index_finds_nothing(make: Maker) -> None:
    index = make(np.empty(0, np.int64), np.empty((0, DIMENSION), np.float32))
    assert len(index.search(unit_vectors(2), 3)) == 0
    assert (len(index), index.stems, len(index.ids())) == (0, 0, 0)


def test_no_query_finds_nothing(make: Maker) -> None:
    assert len(make(np.arange(4), unit_vectors(4)).search(np.empty((0, DIMENSION), np.float32), 3)) == 0


def test_large_ids_survive(make: Maker) -> None:
    assert make(np.array([2**62 + 1]), unit_vectors(1)).search(unit_vectors(1), 1).ids.tolist() == [2**62 + 1]


def test_it_counts_vectors_and_stems_and_lists_ids(make: Maker) -> None:
    ids = np.concatenate([pack_ids(number, np.array([0, 2])) for number in (3, 5, 9)])
    index = make(ids, unit_vectors(6))
    assert (len(index), index.stems, index.dimension) == (6, 3, DIMENSION)
    assert np.array_equal(index.ids(), ids)


def test_only_allowed_rows_are_found_however_few(make: Maker) -> None:
    vectors = unit_vectors(60)
    index = make(np.arange(60) + 500, vectors)
    for count in (1, 5, 40, 60):
        allowed = np.zeros(60, np.bool_)
        allowed[np.random.default_rng(count).choice(60, count, replace=False)] = True
        hits = index.search(vectors[:1], 60, allowed)
        assert set(hits.ids.tolist()) == set((np.flatnonzero(allowed) + 500).tolist())


def test_nothing_allowed_finds_nothing(make: Maker) -> None:
    assert len(make(np.arange(9), unit_vectors(9)).search(unit_vectors(1), 3, np.zeros(9, np.bool_))) == 0


def test_stored_vectors_come_back(make: Maker) -> None:
    vectors = unit_vectors(30)
    index = make(np.arange(30), vectors)
    assert np.allclose(index.vectors(np.array([4, 29, 4])), vectors[[4, 29, 4]], atol=1e-3)
    assert np.allclose(index.vectors(slice(10, 12)), vectors[10:12], atol=1e-3)
    assert index.vectors(np.arange(2)).dtype == np.float32


def test_every_kind_agrees_with_the_matrix_product(make: Maker) -> None:
    ids, vectors, queries = np.arange(400), unit_vectors(400), unit_vectors(30, seed=2)
    found, exact = make(ids, vectors).search(queries, 10), ExactIndex(ids, vectors).search(queries, 10)
    assert len(found) == len(exact)
    assert np.mean([found.ids[i] in exact.ids[exact.queries == found.queries[i]] for i in range(300)]) > 0.97


@pytest.mark.parametrize("name", LOADERS)
def test_a_saved_index_answers_the_same(name: str, tmp_path: Path) -> None:
    make, load = LOADERS[name]
    index = make(np.arange(100), unit_vectors(100))
    index.save(tmp_path / "index")
    again, queries = load(tmp_path / "index"), unit_vectors(4, seed=2)
    before, after = index.search(queries, 5), again.search(queries, 5)
    assert np.array_equal(before.ids, after.ids)
    assert np.array_equal(before.scores, after.scores)
    assert (again.kind, again.stems) == (index.kind, index.stems)
    assert np.array_equal(again.vectors(np.array([3])), index.vectors(np.array([3])))


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
def test_an_open_index_outlives_its_file(plan: IndexPlan, tmp_path: Path) -> None:
    make_with(plan)(np.arange(100), unit_vectors(100)).save(tmp_path / "index")
    index = FaissIndex.load(tmp_path / "index")
    (tmp_path / "index").unlink()
    assert index.search(unit_vectors(100)[[42]], 1).ids.tolist() == [42]


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
class TestAdding:
    def test_portions_make_the_same_index_as_all_at_once(self, plan: IndexPlan) -> None:
        vectors, builder = unit_vectors(90), IndexBuilder(plan, unit_vectors(90))
        for start in range(0, 90, 40):
            builder.add(np.arange(90)[start : start + 40], vectors[start : start + 40])
        whole = make_with(plan)(np.arange(90), vectors)
        queries = unit_vectors(5, seed=3)
        parts = builder.finish(np.random.default_rng(0)).index
        assert np.array_equal(parts.search(queries, 7).ids, whole.search(queries, 7).ids)

    def test_vectors_of_another_length_are_refused(self, plan: IndexPlan) -> None:
        with pytest.raises(IndexMismatchError, match="vectors of length 8"):
            IndexBuilder(plan, unit_vectors(50)).add(np.arange(2), np.ones((2, 5), np.float32))

    def test_vectors_that_are_not_normalised_are_refused(self, plan: IndexPlan) -> None:
        with pytest.raises(IndexMismatchError, match="length 1"):
            IndexBuilder(plan, unit_vectors(50)).add(np.arange(2), 3 * unit_vectors(2))

    def test_vectors_with_nan_are_refused(self, plan: IndexPlan) -> None:
        with pytest.raises(IndexMismatchError, match="length 1"):
            IndexBuilder(plan, unit_vectors(50)).add(
                np.arange(2), np.full((2, DIMENSION), np.nan, np.float32)
            )

    def test_ids_that_do_not_ascend_are_refused(self, plan: IndexPlan) -> None:
        builder = IndexBuilder(plan, unit_vectors(50))
        builder.add(np.array([3, 5]), unit_vectors(2))
        with pytest.raises(IndexMismatchError, match="order of their ids"):
            builder.add(np.array([5]), unit_vectors(1))

    def test_nothing_can_be_added(self, plan: IndexPlan) -> None:
        builder = IndexBuilder(plan, unit_vectors(50))
        builder.add(np.empty(0, np.int64), np.empty((0, DIMENSION), np.float32))
        assert len(builder) == 0


@pytest.mark.parametrize("training", [None, unit_vectors(15)])
def test_codes_are_not_learned_from_next_to_nothing(training: Vectors | None) -> None:
    with pytest.raises(NotEnoughTrainingError, match="at least 16 vectors"):
        IndexBuilder(PLANS["quantised"], training)


def test_searching_keeps_batches_on_the_fast_path() -> None:
    index = build_index(PLANS["flat"], np.arange(4), unit_vectors(4)).index
    faiss.cvar.distance_compute_blas_threshold = 20  # FAISS's default
    index.search(unit_vectors(2), 1)
    assert faiss.cvar.distance_compute_blas_threshold == 1


def test_a_file_that_is_no_index_cannot_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "index").write_bytes(b"not an index")
    with pytest.raises(OSError, match="cannot be read"):
        FaissIndex.load(tmp_path / "index")


def test_an_index_of_another_structure_cannot_be_loaded(tmp_path: Path) -> None:
    faiss.write_index(faiss.IndexFlatIP(4), str(tmp_path / "index"))
    with pytest.raises(UnknownIndexError, match="another version"):
        FaissIndex.load(tmp_path / "index")


def test_the_kind_tells_structure_and_effort() -> None:
    kinds = {name: make_with(plan)(np.arange(300), unit_vectors(300)).kind for name, plan in PLANS.items()}
    assert kinds["flat"] == "flat"
    assert kinds["quantised"].startswith("PCA8,PQ4x4fs+fp16, ")
    assert kinds["lists"].startswith("PCA8,IVF4/")


def test_a_gpu_search_needs_the_name_of_a_gpu() -> None:
    with pytest.raises(ValueError, match="cpu or cuda"):
        GpuSearch(unit_vectors(3), "cpu")


if not count_gpus():

    def test_a_gpu_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
        build_index(PLANS["flat"], np.arange(4), unit_vectors(4)).index.save(tmp_path / "index")
        with pytest.raises(NoGpuError, match=r"FAISS sees none here\. Set COUNTERPART_INDEX_DEVICE=cpu"):
            FaissIndex.load(tmp_path / "index", "cuda")


class TestAxes:
    def test_directions_in_which_nothing_lies_are_left_out(self) -> None:
        flat = np.zeros((300, 24), np.float32)
        flat[:, 3:9] = unit_vectors(300, dimension=6)
        assert learn_axes(flat).shape == (6, 24)

    def test_inner_products_stay_what_they_are(self) -> None:
        vectors = unit_vectors(200, dimension=24)
        turned = vectors @ learn_axes(vectors).T
        assert np.allclose(turned @ turned.T, vectors @ vectors.T, atol=1e-4)

    def test_an_odd_number_is_filled_up_for_codes_of_two(self) -> None:
        flat = np.zeros((300, 24), np.float32)
        flat[:, :5] = unit_vectors(300, dimension=5)
        assert learn_axes(flat).shape == (6, 24)

    @pytest.mark.parametrize("dimension", [2, 3, 7])
    def test_any_dimension_can_be_coded(self, dimension: int) -> None:
        vectors = unit_vectors(200, dimension=dimension)
        index = build_index(plan_quantised(dimension, 1), np.arange(200), vectors).index
        assert index.search(vectors[[9]], 1).scores[0] == pytest.approx(1, abs=2e-3)
