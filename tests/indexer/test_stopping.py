import os
import signal
from collections.abc import Iterator

import pytest

from indexer.stopping import IndexingStoppedError, Stop, stop_on_signals


def test_nothing_stops_before_it_is_asked_to() -> None:
    Stop().check()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_for_an_end(number: signal.Signals) -> None:
    with stop_on_signals() as stop:
        os.kill(os.getpid(), number)
        with pytest.raises(IndexingStoppedError, match="goes on"):
            stop.check()


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """Ctrl-C as in a terminal: a shell starts its background jobs with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interruptible")
def test_the_second_ctrl_c_stops_at_once() -> None:
    with stop_on_signals():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_afterwards_signals_mean_what_they_meant_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stop_on_signals():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before
