"""Predictions against what came true."""

import numpy as np
import pytest

from model.reliability import measure_reliability


def test_predictions_that_come_true_as_often_as_they_say_have_no_error() -> None:
    predicted = np.repeat([0.25, 0.75], 4)
    belong = np.array([True, False, False, False, True, True, True, False])
    figures = measure_reliability(predicted, belong)
    assert figures["ece"] == 0.0
    assert figures["brier"] == pytest.approx(0.75 * 0.25)
    assert figures["table"] == [
        {"predicted": 0.25, "observed": 0.25, "pairs": 4},
        {"predicted": 0.75, "observed": 0.75, "pairs": 4},
    ]


def test_confidence_that_is_wrong_is_an_error() -> None:
    figures = measure_reliability(np.array([0.9, 0.9, 0.9, 0.9]), np.array([True, False, True, False]))
    assert figures["ece"] == pytest.approx(0.4)
    assert figures["brier"] == pytest.approx(0.5 * 0.01 + 0.5 * 0.81)


def test_certain_predictions_fall_into_the_last_bin() -> None:
    figures = measure_reliability(np.array([0.0, 1.0]), np.array([False, True]))
    assert [one["predicted"] for one in figures["table"]] == [0.0, 1.0]
    assert figures["brier"] == figures["ece"] == 0.0


def test_both_kinds_weigh_the_same_whatever_their_numbers() -> None:
    predicted, belong = np.array([0.5, 0.5, 0.5, 0.5]), np.array([True, False, False, False])
    figures = measure_reliability(predicted, belong)
    assert (figures["together"], figures["apart"]) == (1, 3)
    assert figures["table"] == [{"predicted": 0.5, "observed": 0.5, "pairs": 4}]


def test_the_error_is_that_of_the_bins() -> None:
    """Two bins of equal weight, 0.1 and 0.2 off."""
    predicted = np.array([0.4, 0.4, 0.7, 0.7])
    belong = np.array([True, False, True, False])
    assert measure_reliability(predicted, belong)["ece"] == pytest.approx(0.15)


@pytest.mark.parametrize("bins", [1, 2, 10])
def test_every_pair_is_in_one_bin(bins: int) -> None:
    generator = np.random.default_rng(0)
    predicted = generator.uniform(size=500)
    table = measure_reliability(predicted, generator.uniform(size=500) < predicted, bins)["table"]
    assert len(table) == bins
    assert sum(one["pairs"] for one in table) == 500
    assert [one["predicted"] for one in table] == sorted(one["predicted"] for one in table)
