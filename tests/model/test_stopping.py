"""What ends a training early: its minutes, and a request from outside."""

import os
import signal
from collections.abc import Iterator

import pytest

from model.stopping import never, stop_requests


class Clock:
    """Time that passes when told, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """Ctrl-C as in a terminal: a shell starts its background jobs with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_nothing_stops_a_training_by_itself() -> None:
    clock = Clock()
    with stop_requests(None, clock) as shall_stop:
        clock.now += 1e9
        assert not shall_stop()
    assert not never()


@pytest.mark.parametrize(("seconds", "stops"), [(0.0, False), (89.9, False), (90.0, True), (1e6, True)])
def test_it_stops_when_its_minutes_are_over(seconds: float, stops: bool) -> None:
    clock = Clock()
    with stop_requests(1.5, clock) as shall_stop:
        clock.now += seconds
        assert shall_stop() is stops


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_request_is_heard_and_interrupts_nothing(number: signal.Signals) -> None:
    with stop_requests(None) as shall_stop:
        os.kill(os.getpid(), number)
        assert shall_stop()


@pytest.mark.usefixtures("_interruptible")
def test_a_second_ctrl_c_ends_at_once() -> None:
    with stop_requests(None):
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_afterwards_signals_are_handled_as_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stop_requests(None):
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before
