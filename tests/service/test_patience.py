"""Patience ends with time or when it is given up, and then does what was asked of it."""

import pytest

from service.patience import GivenUpError, Patience, TooLateError


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_it_lasts_until_its_end() -> None:
    clock = Clock()
    patience = Patience(10, clock)
    clock.seconds = 4
    assert patience.left() == 6
    patience.check()
    clock.seconds = 10
    assert patience.left() == 0
    with pytest.raises(TooLateError, match="longer than 10 s"):
        patience.check()


def test_given_up_it_ends_at_once() -> None:
    patience = Patience(10)
    patience.give_up()
    assert patience.left() == 0
    with pytest.raises(GivenUpError):
        patience.check()


def test_it_calls_only_what_is_under_way() -> None:
    called: list[str] = []
    patience = Patience(10)
    with patience.calling(lambda: called.append("over")):
        pass
    with patience.calling(lambda: called.append("under way")):
        patience.give_up()
        patience.give_up()
    with patience.calling(lambda: called.append("too late")):
        pass
    assert called == ["under way", "too late"]
