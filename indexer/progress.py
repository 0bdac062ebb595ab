"""The progress bar of an indexing run: files and hours of audio."""

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

    def __init__(self, console: Console, files: int) -> None:
        self._bar = Progress(
            TextColumn("Indexing"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("files, {task.fields[hours]:.2f} h of audio"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=files == 0,
        )
        self._task = self._bar.add_task("", total=files, hours=0.0)
        self._seconds = 0.0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def advance(self, seconds: float) -> None:
        """One more file is done, with `seconds` of audio."""
        self._seconds += seconds
        self._bar.update(self._task, advance=1, hours=self._seconds / 3600)
