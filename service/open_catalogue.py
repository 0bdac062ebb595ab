"""The catalogue for one request, from a database whose tables were seen to be the right ones."""

from collections.abc import Iterator
from contextlib import contextmanager

from library.api_keys import ApiKey, ApiKeys
from library.catalogue import Catalogue
from library.database import check_revision, close_sessions, open_sessions


class CatalogueSource:
    """A catalogue for each request; connects at the first, so the service starts without a database."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._sessions = open_sessions(url)
        self._checked = False

    @contextmanager
    def open(self) -> Iterator[Catalogue]:
        """A catalogue to read from.

        Raises:
            WrongRevisionError: the database has no tables yet, or those of another version.
        """
        if not self._checked:
            self.check()
            self._checked = True
        with self._sessions() as session:
            yield Catalogue(session)

    @contextmanager
    def change(self) -> Iterator[Catalogue]:
        """A catalogue to change; what was done is kept at the end, all of it or nothing.

        Raises:
            WrongRevisionError: as `open`.
        """
        with self.open(), self._sessions.begin() as session:
            yield Catalogue(session)

    def find_key(self, text: str) -> ApiKey | None:
        """The API key that `text` is, if it may be used.

        Raises:
            WrongRevisionError: as `open`.
        """
        with self.open(), self._sessions() as session:
            return ApiKeys(session).find(text)

    def check(self) -> None:
        """Ask the database, now, whether it is there and at the revision that this version reads.

        Raises:
            WrongRevisionError: it is not at that revision.
        """
        check_revision(self._url)

    def close(self) -> None:
        """Close the connections that are kept open."""
        close_sessions(self._sessions)
