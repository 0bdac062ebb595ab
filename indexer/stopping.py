"""Stop a long run cleanly: the first Ctrl-C lets the file at hand be finished, the second stops at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


class IndexingStoppedError(RuntimeError):
    """Somebody asked the run to stop; what was done is kept."""


@dataclass(slots=True)
class Stop:
    """Whether somebody asked for an end."""

    requested: bool = False

    def check(self) -> None:
        """Give up here if so.

        Raises:
            IndexingStoppedError: somebody did.
        """
        if self.requested:
            raise IndexingStoppedError("Stopped. What was done is kept; the next run goes on from there.")


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """A `Stop` that Ctrl-C or a termination request sets, in the main thread of a command."""
    stop = Stop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def request(_number: int, _frame: FrameType | None) -> None:
        stop.requested = True
        restore()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in before:
        signal.signal(number, request)
    try:
        yield stop
    finally:
        restore()
