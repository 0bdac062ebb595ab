"""When long work ends early: after its minutes, or on a Ctrl-C, where it can be gone on with."""

import math
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ShallStop = Callable[[], bool]


def never() -> bool:
    """Go on to the end."""
    return False


@contextmanager
def stop_requests(minutes: float | None, clock: Callable[[], float] = time.monotonic) -> Iterator[ShallStop]:
    """Whether `minutes` are over (None: they never are), or a Ctrl-C or a termination request has come.

    A second request ends the process at once, as if nobody listened.
    """
    end = math.inf if minutes is None else clock() + 60 * minutes
    requested = False
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def request(_number: int, _frame: FrameType | None) -> None:
        nonlocal requested
        requested = True
        restore()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in before:
        signal.signal(number, request)
    try:
        yield lambda: requested or clock() >= end
    finally:
        restore()
