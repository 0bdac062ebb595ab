"""Steps are added up by name; the total runs on."""

import pytest

from service.stopwatch import Stopwatch


def ticking(*seconds: float) -> Stopwatch:
    """A stopwatch whose clock reads these times, one a look."""
    times = iter(seconds)
    return Stopwatch(lambda: next(times))


def test_a_step_is_counted_in_milliseconds() -> None:
    stopwatch = ticking(10.0, 10.5, 10.75)
    with stopwatch.step("search"):
        pass
    assert stopwatch.milliseconds("search") == 250


def test_a_step_that_comes_again_is_added() -> None:
    stopwatch = ticking(0, 1, 2, 5, 7)
    for _ in range(2):
        with stopwatch.step("search"):
            pass
    assert stopwatch.milliseconds("search") == 3000


def test_a_step_that_fails_is_counted() -> None:
    stopwatch = ticking(0, 1, 4)
    with pytest.raises(ValueError, match="no"), stopwatch.step("decode"):
        raise ValueError("no")
    assert stopwatch.milliseconds("decode") == 3000


def test_a_step_that_never_was_took_no_time() -> None:
    assert ticking(0).milliseconds("decode") == 0


def test_the_total_counts_from_the_beginning() -> None:
    assert ticking(3, 7.5).total_milliseconds() == 4500
