"""A library of tones, an empty data folder, and an embedder without a network."""

from pathlib import Path

import pytest
from rich.console import Console

from library.settings import Settings
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


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", database_url=None)


@pytest.fixture
def embedder() -> FakeEmbedder:
    return FakeEmbedder()


@pytest.fixture
def console() -> Console:
    return Console(quiet=True)


@pytest.fixture
def indexing(songs: Path, settings: Settings) -> Indexing:
    return Indexing(songs, settings)
