"""Schedules, as tables of values."""

from itertools import pairwise

import pytest

from model.schedules import cosine, linear, warmup_cosine


@pytest.mark.parametrize(
    ("step", "total", "value"),
    [
        (0, 101, 1.0),
        (25, 101, 0.853553),
        (50, 101, 0.5),
        (75, 101, 0.146447),
        (100, 101, 0.0),
        (500, 101, 0.0),
    ],
)
def test_a_cosine_falls_from_start_to_end(step: int, total: int, value: float) -> None:
    assert cosine(step, total, 1.0, 0.0) == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize(("step", "value"), [(0, 0.2), (5, 0.5), (10, 0.8)])
def test_a_cosine_can_rise(step: int, value: float) -> None:
    assert cosine(step, 11, 0.2, 0.8) == pytest.approx(value)


@pytest.mark.parametrize(
    ("step", "value"),
    [(0, 0.99), (1, 0.99225), (2, 0.9945), (4, 0.999), (5, 0.999), (1000, 0.999)],
)
def test_momentum_goes_in_a_straight_line_and_stays(step: int, value: float) -> None:
    assert linear(step, 5, 0.99, 0.999) == pytest.approx(value)


@pytest.mark.parametrize(
    ("step", "value"),
    [(0, 0.1), (4, 0.5), (9, 1.0), (10, 1.0), (55, 0.5), (100, 0.0), (200, 0.0)],
)
def test_the_learning_rate_warms_up_and_then_cools_to_nothing(step: int, value: float) -> None:
    assert warmup_cosine(step, 101, 10, 1.0) == pytest.approx(value, abs=1e-9)


def test_a_rate_without_warm_up_begins_at_its_peak() -> None:
    assert warmup_cosine(0, 10, 0, 3e-4) == pytest.approx(3e-4)


def test_the_first_step_of_a_warm_up_already_learns() -> None:
    assert warmup_cosine(0, 100, 20, 1.0) > 0


@pytest.mark.parametrize("total", [1, 5, 20])
def test_a_run_no_longer_than_its_warm_up_does_not_divide_by_zero(total: int) -> None:
    rates = [warmup_cosine(step, total, 20, 1.0) for step in range(total)]
    assert rates == [pytest.approx((step + 1) / 20) for step in range(total)]


@pytest.mark.parametrize("schedule", [cosine, linear])
def test_a_run_of_one_step_is_at_its_start(schedule: object) -> None:
    assert callable(schedule)
    assert schedule(0, 1, 0.3, 0.9) == pytest.approx(0.3)


def test_the_rate_never_jumps() -> None:
    rates = [warmup_cosine(step, 200, 20, 1.0) for step in range(200)]
    assert max(abs(after - before) for before, after in pairwise(rates)) <= 0.05 + 1e-9
