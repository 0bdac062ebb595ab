"""Rows of stems: found, masked, cut down to those around a place."""

import numpy as np

from library.index_rows import RowRanges, count_stems, find_rows
from library.vector_ids import MAX_STEM, MAX_WINDOW, pack_ids

IDS = np.concatenate(
    [pack_ids(2, np.array([0, 1, 5])), pack_ids(3, np.array([MAX_WINDOW])), pack_ids(9, np.array([0, 7]))]
)


def test_the_rows_of_each_stem_are_found() -> None:
    ranges = find_rows(IDS, np.array([9, 2, 3]))
    assert ranges.counts.tolist() == [2, 3, 1]
    assert ranges.rows().tolist() == [4, 5, 0, 1, 2, 3]


def test_a_stem_that_is_not_there_has_no_rows() -> None:
    ranges = find_rows(IDS, np.array([0, 4, 100, MAX_STEM]))
    assert ranges.counts.tolist() == [0, 0, 0, 0]
    assert ranges.rows().tolist() == []


def test_the_largest_stem_number_is_found() -> None:
    assert find_rows(pack_ids(MAX_STEM, np.array([1])), np.array([MAX_STEM])).rows().tolist() == [0]


def test_no_stems_have_no_rows() -> None:
    assert find_rows(IDS, np.empty(0, np.int64)).rows().tolist() == []


def test_a_mask_holds_for_exactly_those_rows() -> None:
    assert find_rows(IDS, np.array([3, 9])).mask(6).tolist() == [False, False, False, True, True, True]
    assert find_rows(IDS, np.array([4])).mask(6).tolist() == [False] * 6


def test_the_rows_nearest_to_a_place_stay_within_the_stem() -> None:
    ranges = RowRanges(np.array([0, 10, 20]), np.array([10, 20, 23]))
    nearest = ranges.nearest(np.array([0, 15, 22]), most=4)
    assert nearest.first.tolist() == [0, 13, 20]
    assert nearest.end.tolist() == [4, 17, 23]


def test_stems_are_counted() -> None:
    assert count_stems(IDS) == 3
    assert count_stems(IDS[:0]) == 0
