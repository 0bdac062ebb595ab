"""Open the catalogue for a command: to write, alone and up to date, or only to look."""

from collections.abc import Iterator
from contextlib import contextmanager

from library.builds import NoBuildError
from library.database import Sessions, check_revision, close_sessions, open_sessions, upgrade
from library.lock import lock_data
from library.publishing import remove_unfinished_builds
from library.settings import Settings


@contextmanager
def open_for_writing(settings: Settings) -> Iterator[Sessions]:
    """The catalogue, made if need be, for us alone, with a killed run's unfinished builds cleared away.

    Raises:
        IndexerBusyError, DataFolderError: see `library.lock`.
    """
    with lock_data(settings.data):
        upgrade(settings.catalogue_url)
        remove_unfinished_builds(settings.data)
        with _opened(settings) as sessions:
            yield sessions


@contextmanager
def open_for_reading(settings: Settings) -> Iterator[Sessions]:
    """The catalogue as it is; never makes one.

    Raises:
        NoBuildError: nothing has been indexed yet.
        WrongRevisionError: the database has not been brought up to date.
    """
    if not settings.data.is_dir():
        raise NoBuildError(f"There is no index in {settings.data} yet. Run: counterpart index PATH")
    check_revision(settings.catalogue_url)
    with _opened(settings) as sessions:
        yield sessions


@contextmanager
def _opened(settings: Settings) -> Iterator[Sessions]:
    sessions = open_sessions(settings.catalogue_url)
    try:
        yield sessions
    finally:
        close_sessions(sessions)
