"""A catalogue in a temporary SQLite file, made by the migrations."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from library.catalogue import Catalogue
from library.database import Sessions, close_sessions, open_sessions, upgrade


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Sessions]:
    url = f"sqlite:///{tmp_path / 'catalogue.db'}"
    upgrade(url)
    sessions = open_sessions(url)
    yield sessions
    close_sessions(sessions)


@pytest.fixture
def catalogue(sessions: Sessions) -> Iterator[Catalogue]:
    with sessions.begin() as session:
        yield Catalogue(session)
