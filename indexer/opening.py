"""Open the catalogue for a command: to write, alone and up to date, or only to look."""

from collections.abc import Iterator
from contextlib import contextmanager

from library.builds import NoBuildError, current_manifest
from library.database import (
    NoTablesError,
    Sessions,
    check_revision,
    close_sessions,
    open_sessions,
    upgrade,
)
from library.lock import lock_data, lock_database
from library.publishing import remove_unfinished_builds
from library.settings import Settings


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Keep other writers out of the data folder and of the database.

    Raises:
        IndexerBusyError, DataFolderError: see `library.lock`.
    """
    with lock_data(settings.data), lock_database(settings.catalogue_url):
        yield


@contextmanager
def open_for_writing(settings: Settings) -> Iterator[Sessions]:
    """The catalogue, made if need be, for us alone, with a killed run's unfinished builds cleared away.

    Raises:
        IndexerBusyError, DataFolderError: see `library.lock`.
    """
    with alone(settings):
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
    nothing = f"There is no index in {settings.data} yet. Run: counterpart index PATH"
    if not settings.data.is_dir():
        raise NoBuildError(nothing)
    try:
        check_revision(settings.catalogue_url)
    except NoTablesError as error:
        if current_manifest(settings.data) is None:
            raise NoBuildError(nothing) from error
        raise
    with _opened(settings) as sessions:
        yield sessions


@contextmanager
def _opened(settings: Settings) -> Iterator[Sessions]:
    sessions = open_sessions(settings.catalogue_url)
    try:
        yield sessions
    finally:
        close_sessions(sessions)
