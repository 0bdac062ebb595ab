"""The kind of an index follows from its size."""

from library.index_kinds import FLAT_UP_TO, ONE_LIST_UP_TO, plan_index


def test_few_vectors_are_searched_exactly() -> None:
    assert plan_index(0, 512).kind == plan_index(FLAT_UP_TO, 512).kind == "flat"
    assert plan_index(FLAT_UP_TO, 512).training == 0


def test_more_are_quantised_in_one_list() -> None:
    plan = plan_index(1_000_000, 512)
    assert (plan.kind, plan.lists) == ("quantised", 1)
    assert plan.training >= 256 * 16


def test_many_more_are_spread_over_lists_that_are_trained_with_enough() -> None:
    plan = plan_index(10 * ONE_LIST_UP_TO, 512)
    assert plan.lists > 1000
    assert plan.training >= 39 * plan.lists
