"""One indexer at a time in a data folder; the kernel frees the lock when its holder dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_FILE = "indexer.lock"


class IndexerBusyError(RuntimeError):
    """Another process writes to the data folder."""


class DataFolderError(RuntimeError):
    """The data folder cannot be made or written to."""


@contextmanager
def lock_data(data: Path) -> Iterator[None]:
    """Make the data folder if need be and keep other writers out of it.

    Raises:
        IndexerBusyError: another process is writing.
        DataFolderError: the folder cannot be written to.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(data / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise DataFolderError(
            f"The data folder {data} cannot be written to ({error.strerror}). "
            "Choose another with --data or COUNTERPART_DATA."
        ) from error
    try:
        _lock(descriptor, data)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, data: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
        raise IndexerBusyError(
            f"Another indexer (process {holder or 'unknown'}) is at work in {data}. Wait until it is done."
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
