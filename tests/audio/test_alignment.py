"""At which lag windows of a mix and of stems agree, and how much their agreement counts."""

import numpy as np
import pytest
from numpy.typing import NDArray

from audio import alignment
from audio.alignment import AGREEMENT, TIED, Alignments, best_alignments

HOP = 4  # places from one window of a stem to the next


def align(
    scores: NDArray[np.float32],
    windows: list[int],
    owners: list[int] | None = None,
    queries: list[int] | None = None,
) -> Alignments:
    """`best_alignments` of scores [K, V]; windows are numbered, queries lie densely unless told."""
    places = np.arange(len(scores)) if queries is None else np.array(queries)
    belongs = np.zeros(len(windows), np.int64) if owners is None else np.array(owners)
    return best_alignments(scores, places, belongs, np.array(windows) * HOP)


def random_scores(queries: int, windows: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(queries, windows)).astype(np.float32)


def plainly(
    scores: NDArray[np.float32], query_places: NDArray[np.int64], window_places: NDArray[np.int64]
) -> float:
    """Evidence at the best lag of one stem, one pair at a time."""
    lags: dict[int, list[float]] = {}
    for row, query in enumerate(query_places):
        for column, window in enumerate(window_places):
            lags.setdefault(int(query - window), []).append(float(scores[row, column]))
    return float(max(sum(pairs) / len(pairs) ** AGREEMENT for pairs in lags.values()))


def test_one_pair_is_its_own_score() -> None:
    found = align(np.array([[0.7]], np.float32), [0])
    assert found.scores.tolist() == pytest.approx([0.7])
    assert (found.queries.tolist(), found.windows.tolist()) == ([0], [0])


def test_windows_that_agree_on_a_lag_beat_a_better_single_pair() -> None:
    scores = np.zeros((9, 3), np.float32)
    scores[0, 0] = scores[4, 1] = scores[8, 2] = 0.5  # one lag
    scores[3, 2] = 0.58  # another
    found = align(scores, [0, 1, 2])
    assert found.scores[0] == pytest.approx(3 * 0.5 / 3**AGREEMENT)


def test_agreement_on_different_lags_does_not_add_up() -> None:
    scores = np.zeros((9, 3), np.float32)
    scores[0, 0] = scores[5, 1] = 0.5
    assert align(scores, [0, 1, 2]).scores[0] <= 0.5


def test_the_place_is_that_of_the_best_pair_on_the_best_lag() -> None:
    scores = np.zeros((9, 3), np.float32)
    scores[1, 0], scores[5, 1] = 0.5, 0.6
    scores[0, 2] = 0.55
    found = align(scores, [0, 1, 2])
    assert (found.queries[0], found.windows[0]) == (5, 1)


def test_of_lags_that_are_as_good_the_place_is_where_pairs_fit_best() -> None:
    scores = np.zeros((9, 3), np.float32)
    scores[0, 1] = 0.5  # a lag with two pairs, one of which is nearly as good
    scores[2, 0], scores[6, 1] = 0.45, 0.46
    found = align(scores[:7], [0, 1])
    assert found.scores[0] == pytest.approx(0.91 / 2**AGREEMENT)
    assert (found.queries[0], found.windows[0]) == (0, 1)


def test_a_lag_that_is_clearly_better_is_the_place() -> None:
    scores = np.zeros((7, 2), np.float32)
    scores[0, 1] = 0.5
    scores[2, 0], scores[6, 1] = 0.49, 0.49
    found = align(scores, [0, 1])
    assert found.queries[0] in {2, 6}


def test_a_silent_window_leaves_a_gap_and_no_lag_moves() -> None:
    scores = np.zeros((13, 2), np.float32)
    scores[0, 0] = scores[8, 1] = 0.5
    assert align(scores, [0, 2]).scores[0] == pytest.approx(2 * 0.5 / 2**AGREEMENT)
    assert align(scores, [0, 1]).scores[0] < align(scores, [0, 2]).scores[0]


def test_sections_of_a_mix_agree_across_the_gap_between_them() -> None:
    scores = np.zeros((8, 2), np.float32)
    scores[1, 0] = scores[5, 1] = 0.5  # places 1 and 21, windows 0 and 5
    queries = [0, 1, 2, 3, 20, 21, 22, 23]
    assert align(scores, [0, 5], queries=queries).scores[0] == pytest.approx(2 * 0.5 / 2**AGREEMENT)


def test_each_stem_has_its_own_lag() -> None:
    scores = np.zeros((9, 4), np.float32)
    scores[2, 0], scores[6, 1] = 0.4, 0.4
    scores[7, 3] = 0.9
    found = align(scores, [0, 1, 0, 1], owners=[0, 0, 1, 1])
    assert found.scores[0] == pytest.approx(2 * 0.4 / 2**AGREEMENT)
    assert (found.queries[1], found.windows[1]) == (7, 3)


def test_a_stem_without_windows_fits_nowhere() -> None:
    found = align(np.array([[0.2, 0.3]], np.float32), [0, 0], owners=[0, 2])
    assert found.scores[1] == -np.inf
    assert found.scores[[0, 2]].tolist() == pytest.approx([0.2, 0.3])


def test_no_windows_are_no_stems() -> None:
    assert len(align(np.zeros((3, 0), np.float32), []).scores) == 0


@pytest.mark.parametrize("seed", range(5))
def test_the_evidence_is_what_its_formula_says(seed: int) -> None:
    scores, windows = random_scores(11, 4, seed), [0, 1, 3, 4]
    queries = [0, 1, 2, 3, 9, 10, 11, 12, 13, 30, 31]
    expected = plainly(scores, np.array(queries), np.array(windows) * HOP)
    assert align(scores, windows, queries=queries).scores[0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("moved", [1, 7, 1000])
def test_when_the_first_query_begins_does_not_matter(moved: int) -> None:
    scores = random_scores(6, 3)
    here, there = (
        align(scores, [0, 1, 2], queries=[0 + by, 1 + by, 2 + by, 7 + by, 8 + by, 9 + by])
        for by in (0, moved)
    )
    assert here.scores == pytest.approx(there.scores)
    assert (here.queries.tolist(), here.windows.tolist()) == (there.queries.tolist(), there.windows.tolist())


@pytest.mark.parametrize("seed", range(3))
def test_the_pair_that_is_named_lies_on_a_lag_with_that_evidence(seed: int) -> None:
    scores, windows = random_scores(20, 5, seed), np.arange(5) * HOP
    found = align(scores, [0, 1, 2, 3, 4])
    assert found.scores[0] == pytest.approx(plainly(scores, np.arange(20), windows), rel=1e-5)
    lag = int(found.queries[0] - windows[found.windows[0]])
    on_lag = [
        scores[place, column] for column, window in enumerate(windows) if 0 <= (place := lag + window) < 20
    ]
    assert sum(on_lag) / len(on_lag) ** AGREEMENT >= TIED * found.scores[0] - 1e-5
    assert scores[found.queries[0], found.windows[0]] == max(on_lag)


@pytest.mark.parametrize(("most", "blocks"), [(1, 4), (5, 4), (6, 2), (9, 2), (11, 2), (100, 1)])
def test_a_block_holds_whole_stems_and_no_more_rows_than_fit(most: int, blocks: int) -> None:
    owners = np.repeat([0, 1, 3, 4], [1, 5, 5, 1])
    rows = list(alignment._blocks(owners, most))
    assert len(rows) == blocks
    assert np.concatenate([owners[each] for each in rows]).tolist() == owners.tolist()
    assert all(len(owners[each]) <= most or len(set(owners[each])) == 1 for each in rows)


@pytest.mark.parametrize("pairs", [1, 12 * 4, 12 * 7, 12 * 20])
def test_stems_are_aligned_in_blocks_as_they_are_together(pairs: int) -> None:
    generator = np.random.default_rng(3)
    counts = [1, 5, 0, 2, 9, 1, 3]
    owners = np.repeat(np.arange(len(counts)), counts)
    vectors = generator.integers(-8, 8, size=(len(owners), 4)).astype(np.float32)
    queries = generator.integers(-8, 8, size=(12, 4)).astype(np.float32)
    places = 8 * np.concatenate([np.arange(count) for count in counts])
    whole = best_alignments(queries @ vectors.T, np.arange(12), owners, places)
    found = alignment.align_windows(queries, np.arange(12), vectors, owners, places, pairs_at_once=pairs)
    for name in ("scores", "queries", "windows"):
        ours, theirs = getattr(found, name), getattr(whole, name)
        audible = np.array(counts) > 0  # which row stands for a stem without windows tells nothing
        np.testing.assert_array_equal(ours[audible], theirs[audible])
    assert np.isneginf(found.scores[2])
