"""A search finds as many stems as there are and ranks them by all their windows, however few are allowed."""

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.stems import StemType
from library.builds import StemIndexes
from library.index import Hits, RowMask, StemIndex, Vectors
from library.index_building import build_index
from library.index_faiss import FaissIndex
from library.index_kinds import plan_index, plan_quantised
from library.index_rows import StemNumbers
from library.manifest import Manifest
from library.pooling import IsThere
from library.ranking import Clock, Pool, StemHit, rank_stems, thin_queries
from library.search import QUERIES_TO_FIND, search_stems, take_windows, vectors_of
from library.vector_ids import Ids, pack_ids
from tests.fakes import FakeQueries
from tests.library.exact_index import ExactIndex
from tests.library.test_index import DIMENSION, unit_vectors

HOP = 4.0
CLOCK = Clock.between(0.5, HOP)


@dataclass
class CountingIndex(ExactIndex):
    """Notes how wide it was searched, and how many vectors were read."""

    given: tuple[Ids, Vectors]
    rows_to_scan: int = 0
    widths: list[int] = field(default_factory=list)
    read: int = 0

    def __post_init__(self) -> None:
        super().__init__(*self.given, self.rows_to_scan)

    def search(self, queries: Vectors, k: int, allowed: RowMask | None = None) -> Hits:
        self.widths.append(k)
        return super().search(queries, k, allowed)

    def vectors(self, rows: NDArray[np.int64] | slice) -> Vectors:
        found = super().vectors(rows)
        self.read += len(found)
        return found


class SearchedIndex(FaissIndex):
    """Never scores every row, however few there are."""

    @property
    def scan_rows(self) -> int:
        return 0


def make_vectors(stems: int, windows: int, seed: int = 1) -> tuple[Ids, Vectors]:
    ids = np.concatenate([pack_ids(number, np.arange(windows)) for number in range(stems)])
    return ids, unit_vectors(stems * windows, seed)


def open_indexes(index: StemIndex) -> StemIndexes:
    created = "2026-11-23T00:00:00+00:00"
    manifest = Manifest("build", "fake-1-00000000", DIMENSION, 8.0, HOP, 0.5, created, "", {})
    return StemIndexes(manifest, {StemType.BASS: index})


def make_queries(vectors: NDArray[np.float32]) -> FakeQueries:
    return FakeQueries(vectors, np.arange(len(vectors), dtype=np.float64) * 0.5)


def search(
    index: StemIndex,
    queries: FakeQueries,
    limit: int,
    *,
    allowed: StemNumbers | None = None,
    excluded: Collection[int] | StemNumbers = (),
    is_there: IsThere | None = None,
) -> list[StemHit]:
    indexes = open_indexes(index)
    return search_stems(
        indexes, StemType.BASS, queries, limit, allowed=allowed, excluded=excluded, is_there=is_there
    )


def rank_everything(index: StemIndex, queries: FakeQueries, limit: int) -> list[StemHit]:
    numbers = np.unique(index.ids() >> 20)
    windows = vectors_of(index, numbers)
    return rank_stems(numbers, windows, queries.vectors, queries.starts, clock=CLOCK, limit=limit)


def numbers_of(hits: list[StemHit]) -> list[int]:
    return [hit.number for hit in hits]


class TestRanking:
    @pytest.mark.parametrize("limit", [1, 3, 10])
    @pytest.mark.parametrize("scan_rows", [0, 10_000], ids=["searching", "scanning"])
    def test_the_best_stems_are_those_of_a_ranking_of_everything(self, limit: int, scan_rows: int) -> None:
        index = ExactIndex(*make_vectors(stems=90, windows=25), scan_rows)
        queries = make_queries(unit_vectors(7, seed=2))
        assert search(index, queries, limit) == rank_everything(index, queries, limit)

    @pytest.mark.parametrize("lists", [1, 4])
    def test_a_quantised_index_gives_nearly_the_same(self, lists: int) -> None:
        ids, vectors = make_vectors(stems=300, windows=5)
        index = SearchedIndex(build_index(plan_quantised(DIMENSION, lists), ids, vectors).index._filled)
        queries = make_queries(unit_vectors(9, seed=3))
        exact = numbers_of(rank_everything(ExactIndex(ids, vectors), queries, 20))
        assert len(set(numbers_of(search(index, queries, 20))) & set(exact)) >= 18

    def test_of_a_long_mix_all_sections_rank_what_some_of_them_found(self) -> None:
        """Two stems that three of twelve sections like alike are told apart by a moment of another."""
        starts = np.concatenate([np.arange(260) * 0.5 + 1000 * section for section in range(12)])
        vectors = np.tile(np.eye(DIMENSION, dtype=np.float32)[2], (len(starts), 1))
        vectors[10] = np.eye(DIMENSION)[1]
        some = thin_queries(CLOCK.query_places(starts), QUERIES_TO_FIND)
        assert (len(some), 10 in some) == (3 * 260, False)
        windows = np.zeros((2, DIMENSION), np.float32)
        windows[0, [0, 2]] = windows[1, [1, 2]] = 0.8, 0.6
        index = ExactIndex(np.concatenate([pack_ids(number, np.arange(1)) for number in (0, 1)]), windows)
        few, all_ = FakeQueries(vectors[some], starts[some]), FakeQueries(vectors, starts)
        assert numbers_of(search(index, few, 2)) == [0, 1]
        hits = search(index, all_, 2)
        assert hits == rank_everything(index, all_, 2)
        assert (hits[0].number, hits[0].mix_start) == (1, 5.0)
        assert hits[0].score == pytest.approx(0.8)

    def test_a_long_mix_finds_nothing_where_nothing_is_allowed(self) -> None:
        index = ExactIndex(*make_vectors(stems=4, windows=3))
        starts = np.concatenate([np.arange(260) * 0.5 + 1000 * section for section in range(12)])
        queries = FakeQueries(unit_vectors(len(starts), seed=9), starts)
        assert search(index, queries, 10, allowed=np.empty(0, np.int64)) == []
        assert len(search(index, queries, 10)) == 4

    def test_a_long_mix_widens_a_search_no_more_than_a_short_one(self) -> None:
        """A quantised index is asked with as many queries as three sections have."""

        @dataclass
        class CountsQueries(CountingIndex):
            asked: list[int] = field(default_factory=list)

            def search(self, queries: Vectors, k: int, allowed: RowMask | None = None) -> Hits:
                self.asked.append(len(queries))
                return super().search(queries, k, allowed)

        index = CountsQueries(make_vectors(stems=300, windows=3))
        starts = np.concatenate([np.arange(257) * 0.5 + 1000 * section for section in range(12)])
        search(index, FakeQueries(unit_vectors(len(starts), seed=9), starts), 10)
        assert set(index.asked) == {3 * 257}

    def test_all_stems_come_back_if_there_are_fewer_than_the_limit(self) -> None:
        index = ExactIndex(*make_vectors(stems=4, windows=3))
        assert sorted(numbers_of(search(index, make_queries(unit_vectors(2, 5)), 100))) == [0, 1, 2, 3]

    def test_a_type_without_stems_has_no_answer(self) -> None:
        indexes = open_indexes(ExactIndex(*make_vectors(stems=2, windows=1)))
        assert search_stems(indexes, StemType.DRUMS, make_queries(unit_vectors(1)), 5) == []

    def test_a_limit_of_nothing_has_no_answer(self) -> None:
        assert search(ExactIndex(*make_vectors(2, 1)), make_queries(unit_vectors(1)), 0) == []

    def test_no_query_has_no_answer(self) -> None:
        nothing = FakeQueries(np.empty((0, DIMENSION), np.float32), np.empty(0))
        assert search(ExactIndex(*make_vectors(2, 1)), nothing, 5) == []


class TestWidth:
    def test_the_search_widens_until_there_are_enough_stems(self) -> None:
        """150 windows that are all alike fill the top of the list with two stems."""
        query = unit_vectors(1)
        ids, vectors = make_vectors(stems=200, windows=150)
        vectors[:300] = query
        index = CountingIndex((ids, vectors))
        assert len(search(index, make_queries(query), 3)) == 3
        assert len(index.widths) > 1
        assert max(index.widths) < len(index)

    def test_a_small_answer_does_not_read_the_whole_index(self) -> None:
        index = CountingIndex(make_vectors(stems=2000, windows=1))
        search(index, make_queries(unit_vectors(1, seed=9)), 2)
        assert index.widths == [102]
        assert index.read <= 102

    def test_a_small_index_is_scored_without_a_search(self) -> None:
        index = CountingIndex(make_vectors(stems=20, windows=10), rows_to_scan=200)
        assert len(search(index, make_queries(unit_vectors(4)), 20)) == 20
        assert index.widths == []

    def test_an_index_that_cannot_be_searched_widely_is_scored_instead(self) -> None:
        query = unit_vectors(1)
        ids, vectors = make_vectors(stems=5, windows=500)
        index = CountingIndex((ids, np.concatenate([np.repeat(query, 2400, axis=0), vectors[2400:]])))
        index.widest = 200
        assert len(search(index, make_queries(query), 5)) == 5
        assert max(index.widths) <= 200


class TestLeavingOut:
    @pytest.mark.parametrize("scan_rows", [0, 10_000], ids=["searching", "scanning"])
    @pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.99, 1.0])
    def test_the_answer_is_exact_within_what_is_allowed(self, share: float, scan_rows: int) -> None:
        ids, vectors = make_vectors(stems=300, windows=4)
        index, queries = ExactIndex(ids, vectors, scan_rows), make_queries(unit_vectors(5, seed=4))
        count = int(share * 300)
        allowed = np.sort(np.random.default_rng(1).choice(300, count, replace=False))
        everything = rank_everything(ExactIndex(ids, vectors), queries, 300)
        expected = [hit for hit in everything if hit.number in set(allowed.tolist())][:10]
        found = search(index, queries, 10, allowed=allowed)
        assert [(hit.number, hit.stem_start) for hit in found] == [
            (hit.number, hit.stem_start) for hit in expected
        ]

    def test_allowed_stems_that_the_index_lacks_change_nothing(self) -> None:
        index = ExactIndex(*make_vectors(stems=9, windows=2))
        found = search(index, make_queries(unit_vectors(3)), 10, allowed=np.array([3, 5, 77, 1000]))
        assert sorted(numbers_of(found)) == [3, 5]

    def test_nothing_is_found_where_nothing_is_allowed(self) -> None:
        index = ExactIndex(*make_vectors(stems=9, windows=2))
        assert search(index, make_queries(unit_vectors(3)), 10, allowed=np.empty(0, np.int64)) == []

    def test_excluded_stems_make_room_for_others(self) -> None:
        index = ExactIndex(*make_vectors(stems=40, windows=5))
        queries = make_queries(unit_vectors(3, seed=6))
        ranking = numbers_of(search(index, queries, 40))
        for excluded in (set(ranking[:3]), np.array(ranking[:3])):
            assert numbers_of(search(index, queries, 5, excluded=excluded)) == ranking[3:8]

    def test_stems_that_are_not_there_make_room_for_others(self) -> None:
        index = ExactIndex(*make_vectors(stems=400, windows=2))
        queries = make_queries(unit_vectors(3, seed=6))
        ranking = numbers_of(search(index, queries, 400))
        gone = np.array(sorted(ranking[:250]))
        found = search(index, queries, 5, is_there=lambda numbers: ~np.isin(numbers, gone))
        assert numbers_of(found) == ranking[250:255]

    def test_all_that_is_left_comes_back_when_most_is_gone(self) -> None:
        index = CountingIndex(make_vectors(stems=400, windows=2))
        found = search(index, make_queries(unit_vectors(3)), 10, is_there=lambda numbers: numbers >= 395)
        assert sorted(numbers_of(found)) == [395, 396, 397, 398, 399]

    def test_only_stems_that_are_looked_at_are_asked_about(self) -> None:
        asked: list[int] = []

        def is_there(numbers: StemNumbers) -> NDArray[np.bool_]:
            asked.append(len(numbers))
            return np.asarray(numbers % 20 != 0)

        search(
            ExactIndex(*make_vectors(5000, 1), 10_000), make_queries(unit_vectors(3)), 10, is_there=is_there
        )
        assert sum(asked) <= 3 * 110

    def test_a_hundred_thousand_tombstones_widen_no_search(self) -> None:
        index = CountingIndex(make_vectors(stems=3000, windows=1))
        excluded = np.arange(2000, 102_000)
        assert len(search(index, make_queries(unit_vectors(2)), 10, excluded=excluded)) == 10
        assert len(index.widths) <= 2


class TestWindows:
    def test_all_windows_of_some_stems_come_back(self) -> None:
        ids, vectors = make_vectors(stems=6, windows=3)
        windows = vectors_of(ExactIndex(ids, vectors), np.array([4, 2, 77]))
        assert windows.owners.tolist() == [0, 0, 0, 1, 1, 1]
        assert windows.numbers.tolist() == [0, 1, 2, 0, 1, 2]
        assert np.array_equal(windows.vectors, vectors[[12, 13, 14, 6, 7, 8]])

    def test_few_windows_a_stem_are_those_around_its_best(self) -> None:
        index = ExactIndex(*make_vectors(stems=3, windows=10))
        pool = Pool(np.array([2, 0, 1]), np.array([9, 5, 0]))
        numbers, windows = take_windows(index, pool, most=12)
        assert numbers.tolist() == [0, 1, 2]
        assert windows.numbers.tolist() == [3, 4, 5, 6, 0, 1, 2, 3, 6, 7, 8, 9]

    def test_each_stem_keeps_a_window_whatever_the_limit(self) -> None:
        index = ExactIndex(*make_vectors(stems=30, windows=4))
        pool = Pool(np.arange(30), np.full(30, 2))
        _, windows = take_windows(index, pool, most=10)
        assert windows.numbers.tolist() == [2] * 30

    def test_a_limit_of_a_thousand_gives_a_thousand(self) -> None:
        index = CountingIndex(make_vectors(stems=1500, windows=3))
        assert len(search(index, make_queries(unit_vectors(3)), 1000)) == 1000


def test_a_flat_index_is_scored_whole_and_a_quantised_one_in_small_parts() -> None:
    ids, vectors = make_vectors(1500, 2)
    flat = build_index(plan_index(3000, DIMENSION), ids, vectors).index
    quantised = build_index(plan_quantised(DIMENSION, 1), ids, vectors).index
    assert flat.scan_rows == 3000
    assert quantised.scan_rows < 3000
