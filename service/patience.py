"""How long whoever asked will wait, and what to do when they do not any more."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class TooLateError(RuntimeError):
    """The answer did not come in time."""


class GivenUpError(RuntimeError):
    """Whoever asked went away."""


class Patience:
    """Lasts `seconds`, or until it is given up. Work looks at it between its steps, from any thread."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._ends = clock() + seconds
        self._given_up = False
        self._lock = threading.Lock()
        self._actions: list[Callable[[], object]] = []

    @property
    def is_given_up(self) -> bool:
        """Whether whoever asked went away."""
        return self._given_up

    def left(self) -> float:
        """Seconds until the end; 0 when it is over."""
        return 0.0 if self._given_up else max(self._ends - self._clock(), 0.0)

    def check(self) -> None:
        """Stop here if nobody waits any more.

        Raises:
            GivenUpError: they went away.
            TooLateError: the time is up.
        """
        if self._given_up:
            raise GivenUpError("Whoever asked went away.")
        if self._clock() >= self._ends:
            raise self.too_late()

    def too_late(self) -> TooLateError:
        """The error that says so."""
        return TooLateError(
            f"The answer took longer than {self._seconds:g} s, the limit of this server. "
            "Try again later, or with a shorter mix or fewer types."
        )

    def give_up(self) -> None:
        """Nobody waits any more: do now what was asked for this case."""
        with self._lock:
            self._given_up = True
            actions, self._actions = self._actions, []
        for action in actions:
            action()

    @contextmanager
    def calling(self, action: Callable[[], object]) -> Iterator[None]:
        """Do `action` if it is given up meanwhile, in the thread that gives up."""
        with self._lock:
            self._actions.append(action)
            given_up = self._given_up
        if given_up:
            action()
        try:
            yield
        finally:
            with self._lock:
                if action in self._actions:
                    self._actions.remove(action)
