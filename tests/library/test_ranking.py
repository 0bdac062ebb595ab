"""Many hits of many query vectors become one ranking."""

import numpy as np

from library.index import Hits
from library.ranking import StemHit, merge_hits
from library.vector_ids import pack_ids

HOP_SECONDS = 8.0
STARTS = np.array([0.0, 0.5, 1.0])


def make_hits(*hits: tuple[float, int, int, int]) -> Hits:
    """Hits from (score, stem number, window, query)."""
    return Hits(
        scores=np.array([score for score, *_ in hits], np.float32),
        ids=np.array([pack_ids(number, np.array([window]))[0] for _, number, window, _ in hits], np.int64),
        queries=np.array([query for *_, query in hits], np.int64),
    )


def test_a_stem_comes_once_with_its_best_score() -> None:
    hits = make_hits((0.5, 7, 0, 0), (0.75, 7, 1, 1), (0.25, 7, 2, 2))
    assert merge_hits(hits, STARTS, HOP_SECONDS, 10) == [StemHit(7, 0.75, mix_start=0.5, stem_start=8.0)]


def test_the_best_stem_is_first() -> None:
    hits = make_hits((0.25, 1, 0, 0), (0.75, 2, 0, 0), (0.5, 3, 0, 0))
    assert [hit.number for hit in merge_hits(hits, STARTS, HOP_SECONDS, 10)] == [2, 3, 1]


def test_the_limit_counts_stems_not_windows() -> None:
    hits = make_hits((0.75, 1, 0, 0), (0.7, 1, 1, 0), (0.5, 2, 0, 0), (0.25, 3, 0, 0))
    assert [hit.number for hit in merge_hits(hits, STARTS, HOP_SECONDS, 2)] == [1, 2]


def test_the_placement_is_that_of_the_best_pair() -> None:
    (hit,) = merge_hits(make_hits((0.5, 1, 9, 0), (0.75, 1, 3, 2)), STARTS, HOP_SECONDS, 1)
    assert (hit.mix_start, hit.stem_start) == (1.0, 24.0)


def test_of_equal_pairs_the_earliest_in_the_mix_wins() -> None:
    (hit,) = merge_hits(make_hits((0.5, 1, 0, 2), (0.5, 1, 4, 1), (0.5, 1, 2, 1)), STARTS, HOP_SECONDS, 1)
    assert (hit.mix_start, hit.stem_start) == (0.5, 16.0)


def test_equal_stems_have_one_order_however_they_come() -> None:
    pairs = [(0.5, number, 0, 0) for number in (3, 1, 2)]
    forwards = merge_hits(make_hits(*pairs), STARTS, HOP_SECONDS, 3)
    backwards = merge_hits(make_hits(*reversed(pairs)), STARTS, HOP_SECONDS, 3)
    assert forwards == backwards
    assert [hit.number for hit in forwards] == [1, 2, 3]


def test_no_hits_make_no_ranking() -> None:
    assert merge_hits(make_hits(), STARTS, HOP_SECONDS, 3) == []
