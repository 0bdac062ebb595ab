"""One process at a time in a run's folder; the kernel frees the lock when its holder dies, in any way."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class RunBusyError(ValueError):
    """Another process trains in this folder: both would write the same checkpoints."""


@contextmanager
def lock_run(run: Path) -> Iterator[None]:
    """Make the run's folder if need be, and keep others out of it.

    Raises:
        RunBusyError: another process is at work in it.
        OSError: it cannot be written to.
    """
    run.mkdir(parents=True, exist_ok=True)
    folder = os.open(run, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(folder, run)
        yield
    finally:
        os.close(folder)


def _lock(folder: int, run: Path) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise RunBusyError(
            f"Another process trains in {run}. Wait until it is done, or choose another --out."
        ) from error
