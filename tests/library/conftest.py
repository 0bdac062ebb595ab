"""An empty catalogue, made by the migrations, on either database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from library.catalogue import Catalogue
from library.database import Sessions, close_sessions, open_sessions
from tests.databases import BOTH, migrated_database


@pytest.fixture(params=BOTH)
def sessions(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sessions]:
    with migrated_database(request.param, tmp_path, request) as url:
        sessions = open_sessions(url)
        yield sessions
        close_sessions(sessions)


@pytest.fixture
def catalogue(sessions: Sessions) -> Iterator[Catalogue]:
    with sessions.begin() as session:
        yield Catalogue(session)
