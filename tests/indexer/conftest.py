"""A library of tones, an empty data folder, and an embedder without a network."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from library.settings import Settings
from tests.databases import BOTH, SQLITE, empty_database
from tests.fakes import FakeEmbedder
from tests.indexer.indexing import Indexing
from tests.songs import write_songs

SONGS = 2
STEMS = SONGS * 3


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    """A folder of two songs, each with drums, bass and keys of 10 s."""
    folder = tmp_path / "songs"
    write_songs(folder, songs=SONGS, seconds=10.0)
    return folder


@pytest.fixture(params=BOTH)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """An empty data folder, and a database of either kind without tables."""
    if request.param == SQLITE:
        yield Settings(data=tmp_path / "data", database_url=None)
        return
    with empty_database(request.param, tmp_path, request) as url:
        yield Settings(data=tmp_path / "data", database_url=url)


@pytest.fixture
def embedder() -> FakeEmbedder:
    return FakeEmbedder()


@pytest.fixture
def console() -> Console:
    return Console(quiet=True)


@pytest.fixture
def indexing(songs: Path, settings: Settings) -> Indexing:
    return Indexing(songs, settings)
