"""Intervals over songs, and paired comparisons."""

from collections.abc import Sequence

import numpy as np
import pytest

from model.evaluation.bootstrap import (
    RESAMPLES,
    Interval,
    bootstrap,
    compare,
    interval_of_mean,
    summarise,
)
from model.evaluation.metrics import (
    METRICS,
    Metric,
    Ranked,
    mean_normalised_rank,
    mean_reciprocal_rank,
    median_normalised_rank,
    recall_at,
)


def ranked(*ranks: int, candidates: int = 11, song: str = "a") -> list[Ranked]:
    return [Ranked(song, "drums", rank, candidates) for rank in ranks]


def bounds(interval: Interval) -> tuple[float, float]:
    assert interval.low is not None
    assert interval.high is not None
    return interval.low, interval.high


def test_an_interval_holds_its_value() -> None:
    results = [one for song in range(12) for one in ranked(1 + song % 4, 2, song=f"song {song}")]
    for name, interval in summarise(results).items():
        low, high = bounds(interval)
        assert low <= interval.value <= high
        assert interval.value == METRICS[name](results)


def test_the_same_seed_gives_the_same_interval() -> None:
    results = [one for song in range(6) for one in ranked(1 + song, song=f"song {song}")]
    assert summarise(results, seed=3) == summarise(results, seed=3)


def test_one_song_has_no_interval_however_many_queries_it_has() -> None:
    results = ranked(*range(1, 12))
    interval = bootstrap(results, mean_reciprocal_rank)
    assert interval == Interval(mean_reciprocal_rank(results), None, None)
    assert bootstrap(results, recall_at(1)) == summarise(results)["R@1"]
    found = compare(results, results, recall_at(1))
    assert found.ratio == Interval(1.0, None, None)
    assert found.difference == Interval(0.0, None, None)


def test_songs_are_resampled_and_not_queries() -> None:
    """Ten queries of a song answer alike: an interval over queries would be far too narrow."""
    together = [one for song in range(8) for one in ranked(*[1 + song % 2] * 10, song=f"{song}")]
    apart = [
        Ranked(str(number), one.stem_type, one.rank, one.candidates) for number, one in enumerate(together)
    ]
    assert width(together) > 2.5 * width(apart)


def width(results: Sequence[Ranked]) -> float:
    low, high = bounds(bootstrap(results, recall_at(1)))
    return high - low


def test_more_songs_make_an_interval_narrower() -> None:
    few, many = (
        [one for song in range(songs) for one in ranked(1 + song % 3, song=f"{song}")] for songs in (9, 90)
    )
    assert width(many) < 0.5 * width(few)


def test_an_interval_is_printed_in_percent() -> None:
    assert str(Interval(0.4567, 0.4, 0.512)) == "45.7 [40, 51]"
    assert Interval(0.4567, -0.4, 0.512).bounds("+.2f") == "[-0.40, +0.51]"


def test_where_there_is_no_interval_that_is_said() -> None:
    assert str(Interval(0.5, None, None)) == "50.0 [one source]"


@pytest.mark.parametrize("metric", [mean_normalised_rank, median_normalised_rank])
def test_the_interval_is_that_of_resampled_songs(metric: Metric) -> None:
    """The same as drawing songs and computing the metric of what was drawn, one resample at a time."""
    results = [one for song in range(5) for one in ranked(*range(1, 3 + song), song=f"{song}")]
    generator = np.random.default_rng(0)
    values = []
    for _ in range(RESAMPLES):
        drawn = generator.multinomial(5, np.full(5, 0.2))
        values.append(metric([one for one in results for _ in range(drawn[int(one.group)])]))
    interval = bootstrap(results, metric)
    assert bounds(interval) == pytest.approx(np.quantile(values, [0.025, 0.975]))


def test_a_query_that_says_nothing_does_not_widen_or_move_an_interval() -> None:
    results = [one for song in range(6) for one in ranked(1 + song, song=f"{song}")]
    silent = [Ranked(one.group, "drums", 1, 1) for one in results]
    assert bootstrap([*results, *silent], mean_normalised_rank) == bootstrap(results, mean_normalised_rank)


def test_a_scorer_against_itself_is_one_and_nought() -> None:
    results = [one for song in range(8) for one in ranked(1, 2, song=f"{song}")]
    found = compare(results, results, recall_at(1))
    assert found.ratio == Interval(1.0, 1.0, 1.0)
    assert found.difference == Interval(0.0, 0.0, 0.0)


def test_a_paired_difference_is_narrower_than_either_interval() -> None:
    """Songs are easy or hard for both alike: only what differs between the scorers is uncertain."""
    ours = [one for song in range(20) for one in ranked(*[1 + 9 * (song % 2)] * 5, song=f"{song}")]
    theirs = [Ranked(one.group, one.stem_type, one.rank + 1, 11) for one in ours]
    difference = compare(ours, theirs, mean_normalised_rank).difference
    assert difference.value == pytest.approx(-0.1)
    low, high = bounds(difference)
    assert high - low < 0.01
    low, high = bounds(bootstrap(ours, mean_normalised_rank))
    assert high - low > 0.2


def test_a_ratio_is_that_of_the_values() -> None:
    ours = [one for song in range(9) for one in ranked(1, 1, 1, 2, song=f"{song}")]
    theirs = [one for song in range(9) for one in ranked(1, 2, 2, 2, song=f"{song}")]
    ratio = compare(ours, theirs, recall_at(1)).ratio
    assert ratio is not None
    assert ratio.value == pytest.approx(3.0)
    assert bounds(ratio)[0] == pytest.approx(3.0)


def test_there_is_no_ratio_to_nought() -> None:
    ours, theirs = ranked(1, 1), ranked(2, 2)
    assert compare(ours, theirs, recall_at(1)).ratio is None
    assert compare(ours, theirs, recall_at(1)).difference.value == 1.0


def test_scorers_that_were_asked_other_things_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="same queries in the same order"):
        compare(ranked(1, 1), ranked(1), recall_at(1))
    with pytest.raises(ValueError, match="same queries in the same order"):
        compare(ranked(1), ranked(1, song="b"), recall_at(1))


def test_the_mean_of_any_number_has_an_interval_over_groups() -> None:
    groups = [f"{number % 4}" for number in range(40)]
    interval = interval_of_mean(np.array([number % 4 == 0 for number in range(40)], np.float64), groups)
    assert interval.value == 0.25
    low, high = bounds(interval)
    assert low < 0.25 < high
