"""Stop a long run cleanly: the first Ctrl-C lets the file at hand be finished, the second stops at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from model.stopping import ShallStop, never, stop_requests


class IndexingStoppedError(RuntimeError):
    """Somebody asked the run to stop; what was done is kept."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Whether somebody asked for an end."""

    requested: ShallStop = never

    def check(self) -> None:
        """Give up here if so.

        Raises:
            IndexingStoppedError: somebody did.
        """
        if self.requested():
            raise IndexingStoppedError("Stopped. What was done is kept; the next run goes on from there.")


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """A `Stop` that Ctrl-C or a termination request asks for, in the main thread of a command."""
    with stop_requests(minutes=None) as requested:
        yield Stop(requested)
