"""Metrics on cases that were worked out by hand."""

import numpy as np
import pytest

from model.evaluation.metrics import (
    METRICS,
    Place,
    Ranked,
    chance,
    mean_normalised_rank,
    mean_reciprocal_rank,
    median_normalised_rank,
    normalised_ranks,
    rank_of,
    recall_at,
)


def ranked(*ranks: int, candidates: int = 11, song: str = "a") -> list[Ranked]:
    return [Ranked(song, "drums", rank, candidates) for rank in ranks]


@pytest.mark.parametrize(
    ("scores", "true", "rank"),
    [
        ([0.9, 0.1, 0.5], 0, 1),
        ([0.9, 0.1, 0.5], 2, 2),
        ([0.9, 0.1, 0.5], 1, 3),
        ([0.3], 0, 1),
        ([-np.inf, 0.2], 0, 2),
    ],
)
def test_a_rank_is_one_more_than_the_number_of_better_scores(
    scores: list[float], true: int, rank: int
) -> None:
    assert rank_of(np.array(scores, np.float32), true) == Place(rank)


@pytest.mark.parametrize(("tied", "rank"), [(0, 1), (1, 1.5), (2, 2), (3, 2.5), (10, 6)])
def test_of_the_tied_half_count_as_above(tied: int, rank: float) -> None:
    assert rank_of(np.zeros(tied + 1, np.float32), 0) == Place(rank, tied)


@pytest.mark.parametrize("candidates", [2, 3, 7, 18])
def test_who_scores_all_alike_is_where_chance_is(candidates: int) -> None:
    place = rank_of(np.zeros(candidates, np.float32), 0)
    results = [Ranked("a", "drums", place.rank, candidates, place.tied)]
    expected = chance(results)
    assert {name: metric(results) for name, metric in METRICS.items()} == pytest.approx(expected)


def test_a_tie_above_the_kth_place_does_not_count() -> None:
    assert recall_at(1)([Ranked("a", "drums", 2.5, 9, tied=1)]) == 0.0
    assert recall_at(2)([Ranked("a", "drums", 2.5, 9, tied=1)]) == 0.5
    assert recall_at(3)([Ranked("a", "drums", 2.5, 9, tied=1)]) == 1.0


@pytest.mark.parametrize("scores", [[np.nan, 0.1], [0.1, np.nan]])
def test_a_network_that_has_diverged_does_not_rank_first(scores: list[float]) -> None:
    with pytest.raises(ValueError, match=r"A score is not a number \(NaN\)"):
        rank_of(np.array(scores, np.float32), 0)


def test_recall_is_the_share_of_ranks_up_to_k() -> None:
    results = ranked(1, 1, 3, 6, 11)
    assert [recall_at(k)(results) for k in (1, 5, 10)] == pytest.approx([0.4, 0.6, 0.8])


def test_a_normalised_rank_goes_from_nought_to_one() -> None:
    assert normalised_ranks(ranked(1, 6, 11)).tolist() == [0.0, 0.5, 1.0]


def test_mean_and_median_of_normalised_ranks() -> None:
    results = ranked(1, 2, 11)
    assert mean_normalised_rank(results) == pytest.approx(1.1 / 3)
    assert median_normalised_rank(results) == pytest.approx(0.1)


def test_a_query_without_a_rival_says_nothing_about_ranks() -> None:
    results = [*ranked(1, candidates=1), *ranked(6)]
    np.testing.assert_array_equal(normalised_ranks(results), [np.nan, 0.5])
    assert mean_normalised_rank(results) == median_normalised_rank(results) == 0.5


def test_the_reciprocal_rank_is_averaged() -> None:
    assert mean_reciprocal_rank(ranked(1, 2, 4)) == pytest.approx(1.75 / 3)


def test_perfect_answers_are_perfect_in_every_metric() -> None:
    values = {name: metric(ranked(1, 1, 1)) for name, metric in METRICS.items()}
    assert values == {"R@1": 1, "R@5": 1, "R@10": 1, "MRR": 1, "mean rank": 0, "median rank": 0}


def test_chance_by_formula() -> None:
    by_chance = chance(ranked(1, candidates=20))
    assert (by_chance["R@1"], by_chance["R@5"], by_chance["R@10"]) == pytest.approx((0.05, 0.25, 0.5))
    assert by_chance["MRR"] == pytest.approx(sum(1 / rank for rank in range(1, 21)) / 20)
    assert by_chance["mean rank"] == by_chance["median rank"] == 0.5


def test_chance_of_few_candidates_is_at_most_certainty() -> None:
    assert chance(ranked(1, candidates=3))["R@5"] == 1.0


def test_chance_averages_over_queries_of_unlike_difficulty() -> None:
    assert chance([*ranked(1, candidates=2), *ranked(1, candidates=4)])["R@1"] == pytest.approx(0.375)


def test_chance_is_what_random_ranks_come_to() -> None:
    generator = np.random.default_rng(0)
    results = ranked(*(int(rank) for rank in generator.integers(1, 14, 20_000)), candidates=13)
    for name, value in chance(results).items():
        assert METRICS[name](results) == pytest.approx(value, abs=0.04)
