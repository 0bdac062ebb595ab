"""Hits become a pool of stems; their windows become one ranking with a placement each."""

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.alignment import AGREEMENT
from library.index import Hits
from library.ranking import Clock, StemHit, StemWindows, pool_hits, pool_windows, rank_stems, thin_queries
from library.vector_ids import pack_ids

CLOCK = Clock.between(0.5, 4.0)
TWO = np.eye(2, dtype=np.float32)


def make_hits(*hits: tuple[float, int, int, int]) -> Hits:
    """Hits from (score, stem number, window, query)."""
    return Hits(
        scores=np.array([score for score, *_ in hits], np.float32),
        ids=np.array([pack_ids(number, np.array([window]))[0] for _, number, window, _ in hits], np.int64),
        queries=np.array([query for *_, query in hits], np.int64),
    )


def make_windows(*windows: tuple[int, int, float]) -> StemWindows:
    """Windows from (owner, number, score with the first of the two queries); with the other it is 0."""
    return StemWindows(
        vectors=np.array([[score, 0] for *_, score in windows], np.float32),
        owners=np.array([owner for owner, *_ in windows], np.int64),
        numbers=np.array([number for _, number, _ in windows], np.int64),
    )


def rank(
    numbers: list[int], windows: StemWindows, limit: int = 10, queries: NDArray[np.float32] = TWO[:1]
) -> list[StemHit]:
    starts = np.arange(len(queries), dtype=np.float64) * 0.5 + 3.25
    return rank_stems(np.array(numbers, np.int64), windows, queries, starts, clock=CLOCK, limit=limit)


class TestPool:
    def test_a_stem_comes_once_with_its_best_window(self) -> None:
        pool = pool_hits(make_hits((0.5, 7, 0, 0), (0.75, 7, 1, 1), (0.25, 7, 2, 2)))
        assert (pool.numbers.tolist(), pool.windows.tolist()) == ([7], [1])

    def test_the_best_stem_is_first(self) -> None:
        pool = pool_hits(make_hits((0.25, 1, 0, 0), (0.75, 2, 0, 0), (0.5, 3, 0, 0)))
        assert pool.numbers.tolist() == [2, 3, 1]

    def test_equal_stems_have_one_order_however_they_come(self) -> None:
        pairs = [(0.5, number, 0, 0) for number in (3, 1, 2)]
        for hits in (make_hits(*pairs), make_hits(*reversed(pairs))):
            assert pool_hits(hits).numbers.tolist() == [1, 2, 3]

    def test_windows_with_their_best_scores_make_the_same_pool(self) -> None:
        pool = pool_windows(np.array([0.5, 0.75, 0.6], np.float32), np.array([4, 4, 9]), np.array([0, 3, 1]))
        assert (pool.numbers.tolist(), pool.windows.tolist()) == ([4, 9], [3, 1])

    def test_no_hits_make_no_pool(self) -> None:
        assert len(pool_hits(make_hits())) == 0


class TestClock:
    @pytest.mark.parametrize(
        ("query_hop", "hop", "tick", "ticks"),
        [(0.03125, 4.0, 0.03125, 128), (0.5, 8.0, 0.5, 16), (8.0, 4.0, 4.0, 1), (0.75, 1.0, 0.25, 4)],
    )
    def test_the_tick_divides_both_distances(
        self, query_hop: float, hop: float, tick: float, ticks: int
    ) -> None:
        assert Clock.between(query_hop, hop) == Clock(tick, ticks)

    def test_places_do_not_depend_on_where_the_region_begins(self) -> None:
        starts = np.array([0.0, 0.5, 1.0, 16.5])
        for shift in (0.0, 0.123, 7.77):
            assert CLOCK.query_places(starts + shift).tolist() == [0, 1, 2, 33]

    def test_windows_lie_a_hop_apart(self) -> None:
        assert CLOCK.window_places(np.array([0, 1, 5])).tolist() == [0, 8, 40]


class TestRanking:
    def test_the_best_stem_is_first_and_the_limit_counts_stems(self) -> None:
        windows = make_windows((0, 0, 0.25), (0, 40, 0.3), (1, 0, 0.75), (2, 0, 0.5))
        assert [hit.number for hit in rank([1, 2, 3], windows, limit=2)] == [2, 3]

    def test_one_pair_scores_what_it_is_and_tells_where_it_lies(self) -> None:
        (hit,) = rank([7], make_windows((0, 3, 0.75)))
        assert hit == StemHit(7, 0.75, mix_start=3.25, stem_start=12.0)

    @pytest.mark.parametrize(
        ("mix_start", "start", "told"),
        [
            (-2.5, 0.0, (0.0, 10.5)),
            (3.0, 0.0, (3.0, 8.0)),
            (28.5, 30.0, (30.0, 9.5)),
            (30.0, 30.0, (30.0, 8.0)),
        ],
    )
    def test_a_place_is_told_from_where_the_mix_begins(
        self, mix_start: float, start: float, told: tuple[float, float]
    ) -> None:
        hit = StemHit(7, 0.75, mix_start=mix_start, stem_start=8.0).not_before(start)
        assert (hit.mix_start, hit.stem_start) == told
        assert (hit.number, hit.score) == (7, 0.75)

    @pytest.mark.parametrize(
        ("mix_start", "stem_seconds", "seconds"),
        [
            (0.0, 100.0, 5.0),  # all of the mix
            (-3.5, 100.0, 4.5),  # the window ends before the mix does
            (3.0, 100.0, 2.0),  # begins within it
            (0.0, 11.0, 3.0),  # the stem ends first
            (-3.5, 11.0, 0.0),  # and here before the mix begins
        ],
    )
    def test_two_overlap_where_both_sound_within_the_window(
        self, mix_start: float, stem_seconds: float, seconds: float
    ) -> None:
        hit = StemHit(7, 0.75, mix_start=30 + mix_start, stem_start=8.0)
        assert hit.overlap(30.0, 35.0, 8.0, stem_seconds) == pytest.approx(seconds)

    def test_windows_that_agree_on_a_lag_beat_a_better_single_one(self) -> None:
        """Two queries 4 s apart fit two neighbours in stem 1, and one window of stem 2 a little better."""
        queries, starts = TWO, np.array([0.0, 4.0])
        windows = StemWindows(
            np.array([[0.6, 0], [0, 0.6], [0.65, 0]], np.float32), np.array([0, 0, 1]), np.array([2, 3, 0])
        )
        hits = rank_stems(np.array([1, 2]), windows, queries, starts, clock=CLOCK, limit=10)
        assert [hit.number for hit in hits] == [1, 2]
        assert hits[0].score == pytest.approx(1.2 / 2**AGREEMENT)
        assert (hits[0].mix_start, hits[0].stem_start) == (0.0, 8.0)

    def test_the_placement_is_that_of_the_best_pair_on_the_best_lag(self) -> None:
        queries, starts = TWO, np.array([0.0, 4.0])
        windows = StemWindows(np.array([[0.5, 0], [0, 0.6]], np.float32), np.array([0, 0]), np.array([2, 3]))
        (hit,) = rank_stems(np.array([1]), windows, queries, starts, clock=CLOCK, limit=10)
        assert (hit.mix_start, hit.stem_start) == (4.0, 12.0)

    def test_equal_stems_have_one_order(self) -> None:
        windows = make_windows((0, 0, 0.5), (1, 0, 0.5), (2, 0, 0.5))
        assert [hit.number for hit in rank([5, 8, 6], windows)] == [5, 6, 8]

    def test_of_equal_stems_the_one_that_begins_earlier_is_first(self) -> None:
        windows = make_windows((0, 4, 0.5), (1, 0, 0.5))
        assert [hit.number for hit in rank([5, 8], windows)] == [8, 5]

    def test_no_stems_make_no_ranking(self) -> None:
        assert rank([], make_windows()) == []


class TestThinning:
    @pytest.mark.parametrize("count", [1, 7, 100])
    def test_what_is_few_stays_as_it_is(self, count: int) -> None:
        assert thin_queries(np.arange(count), 100).tolist() == list(range(count))

    def test_runs_are_chosen_whole_and_spread_evenly(self) -> None:
        places = np.concatenate([np.arange(20) + 1000 * section for section in range(12)])
        rows = thin_queries(places, 65)
        assert len(rows) == 60
        assert sorted(set((places[rows] // 1000).tolist())) == [2, 6, 10]
        assert (np.diff(rows) > 0).all()

    def test_a_run_that_is_too_long_is_still_asked_with(self) -> None:
        assert thin_queries(np.arange(500), 100).tolist() == list(range(500))

    def test_queries_that_lie_apart_are_thinned_one_by_one(self) -> None:
        rows = thin_queries(np.arange(0, 1000, 10), 20)
        assert len(rows) == 20
        assert (np.diff(rows) == 5).all()
