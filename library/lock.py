"""One indexer at a time in a data folder and a database.

The kernel frees the lock of the folder when its holder dies, however it dies, and PostgreSQL its own.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import text

from library.database import DATABASE_FAILURES, is_sqlite, open_unpooled_engine

LOCK_FILE = "indexer.lock"
_LOCK_NUMBER = 0x636F756E74  # "count": any number that others do not take


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


@contextmanager
def lock_database(url: str) -> Iterator[None]:
    """Keep other writers out of a PostgreSQL database, whatever their data folders are. SQLite's has its own.

    The lock is a transaction's, so that a pool between us and the server does not keep it when we are gone.

    Raises:
        IndexerBusyError: another process is writing.
    """
    if is_sqlite(url):
        yield
        return
    connection = open_unpooled_engine(url).connect()
    try:
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        if not connection.scalar(text(f"SELECT pg_try_advisory_xact_lock({_LOCK_NUMBER})")):
            raise IndexerBusyError("Another indexer is at work in the database. Wait until it is done.")
        yield
    finally:
        with suppress(*DATABASE_FAILURES):  # the server may have restarted meanwhile
            connection.close()


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
