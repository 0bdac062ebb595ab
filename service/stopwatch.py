"""Measures the steps of one answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter


class Stopwatch:
    """Adds up the milliseconds of named steps; `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._begun = clock()
        self._steps: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count the time inside towards `name`, also when it fails."""
        begun = self._clock()
        try:
            yield
        finally:
            self._steps[name] = self.milliseconds(name) + (self._clock() - begun) * 1000

    def milliseconds(self, name: str) -> float:
        """Time spent in `name` so far."""
        return self._steps.get(name, 0.0)

    def total_milliseconds(self) -> float:
        """Time since the stopwatch was made."""
        return (self._clock() - self._begun) * 1000
