"""Measures the steps of one answer."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter


def go_on() -> None:
    """Nothing speaks against the next step."""


class Stopwatch:
    """Adds up the milliseconds of named steps; `clock` counts seconds, `before_step` may stop the work."""

    def __init__(
        self, clock: Callable[[], float] = perf_counter, before_step: Callable[[], None] = go_on
    ) -> None:
        self._clock = clock
        self._before_step = before_step
        self._begun = clock()
        self._steps: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count the time inside towards `name`, also when it fails."""
        self._before_step()
        begun = self._clock()
        try:
            yield
        finally:
            self._steps[name] = self.milliseconds(name) + (self._clock() - begun) * 1000

    @property
    def steps(self) -> Mapping[str, float]:
        """Milliseconds of every step that was begun so far."""
        return dict(self._steps)

    def milliseconds(self, name: str) -> float:
        """Time spent in `name` so far."""
        return self._steps.get(name, 0.0)

    def total_milliseconds(self) -> float:
        """Time since the stopwatch was made."""
        return (self._clock() - self._begun) * 1000
