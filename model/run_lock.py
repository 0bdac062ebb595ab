"""One process at a time in a run's folder; the kernel frees the lock when its holder dies, in any way."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_FILE = "run.lock"


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
    with (run / LOCK_FILE).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunBusyError(
                f"Another process trains in {run}. Wait until it is done, or choose another --out."
            ) from error
        yield
