"""The progress bar of an indexing run: files, hours of audio, how fast, and how long still."""

import time
from collections.abc import Callable
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class IndexingProgress:
    """A bar that counts files and the hours of audio in them; also a context manager."""

    def __init__(self, console: Console, files: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self._files = 0
        self._bar = Progress(
            TextColumn("Indexing"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("files, {task.fields[hours]:.2f} h of audio,"),
            TextColumn("{task.fields[files_rate]:.1f} files/s, {task.fields[hours_rate]:.3f} h of audio/s"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=files == 0,
        )
        self._task = self._bar.add_task("", total=files, hours=0.0, files_rate=0.0, hours_rate=0.0)
        self._seconds = 0.0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def advance(self, seconds: float) -> None:
        """One more file is done, with `seconds` of audio."""
        self._seconds += seconds
        self._files += 1
        hours, spent = self._seconds / 3600, max(self._clock() - self._started, 1e-9)
        self._bar.update(
            self._task, advance=1, hours=hours, files_rate=self._files / spent, hours_rate=hours / spent
        )
