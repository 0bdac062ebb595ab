"""Both databases that the catalogue runs on, for tests that have to hold on either."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from library.database import upgrade

if TYPE_CHECKING:
    from tests.postgresql import Server

SQLITE, POSTGRESQL = "sqlite", "postgresql"
BOTH = (SQLITE, pytest.param(POSTGRESQL, marks=pytest.mark.postgresql))
AWAY = "postgresql+psycopg://someone:secret@127.0.0.1:1/none"
"""URL of a database that nobody serves."""


@contextmanager
def empty_database(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of a database without tables."""
    if kind == SQLITE:
        yield f"sqlite:///{folder / 'catalogue.db'}"
        return
    server: Server = request.getfixturevalue("postgresql_server")
    name = server.create_database()
    yield server.url(name)
    server.drop_database(name)


@contextmanager
def migrated_database(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of a database with the catalogue's tables, empty."""
    if kind == SQLITE:
        url = f"sqlite:///{folder / 'catalogue.db'}"
        upgrade(url)
        yield url
        return
    server: Server = request.getfixturevalue("postgresql_server")
    name = server.create_database(request.getfixturevalue("postgresql_template"))
    yield server.url(name)
    server.drop_database(name)
