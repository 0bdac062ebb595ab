"""A service over a fake embedder and a real library: SQLite, FAISS and files, indexed by the real indexer."""

import io
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from rich.console import Console
from starlette.testclient import TestClient

from audio.stems import StemType
from indexer.run import index_library
from library.api_keys import ApiKeys
from library.database import close_sessions, open_sessions
from service.app import create_app
from service.decoder_process import ProcessLimits
from service.decoders import Decoders
from service.resources import share_resources
from service.settings import ServiceSettings
from tests.fakes import FakeEmbedder
from tests.songs import SAMPLE_RATE, mix_waveform, write_songs

SONGS = 4

ClientOpener = Callable[[ServiceSettings], TestClient]


def settings_for(data: Path, **changes: object) -> ServiceSettings:
    """Settings that no environment file of the developer's changes."""
    return ServiceSettings.model_validate({"data": data, **changes})


def index(stems: Path, data: Path) -> None:
    """Index the folder `stems` as `counterpart index` does."""
    index_library([stems], settings_for(data), FakeEmbedder(), Console(quiet=True))


def create_write_key(settings: ServiceSettings) -> str:
    """A new key that may write, as `counterpart keys create` makes one."""
    sessions = open_sessions(settings.catalogue_url)
    with sessions.begin() as session:
        text = ApiKeys(session).create("test", ["write"], datetime.now(UTC)).text
    close_sessions(sessions)
    return text


def wav_bytes(waveform: NDArray[np.float32], sample_rate: int = SAMPLE_RATE) -> bytes:
    """`waveform` as an uploaded WAV file."""
    buffer = io.BytesIO()
    soundfile.write(buffer, waveform, sample_rate, format="WAV")
    return buffer.getvalue()


@pytest.fixture(scope="session")
def stems_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stems")
    write_songs(folder, songs=SONGS)
    return folder


@pytest.fixture(scope="session")
def indexed_data(stems_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an index over `stems_folder`; for reading only."""
    data = tmp_path_factory.mktemp("data")
    index(stems_folder, data)
    return data


@pytest.fixture
def own_stems(stems_folder: Path, tmp_path: Path) -> Path:
    """Stems that a test may change."""
    return Path(shutil.copytree(stems_folder, tmp_path / "stems"))


@pytest.fixture
def own_data(own_stems: Path, tmp_path: Path) -> Path:
    """An index over `own_stems` that a test may change."""
    index(own_stems, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def settings(indexed_data: Path) -> ServiceSettings:
    return settings_for(indexed_data)


@pytest.fixture(scope="session")
def decoders() -> Iterator[Decoders]:
    """Real decoding processes, started once for all tests."""
    with Decoders(2, ProcessLimits()) as started:
        yield started


@pytest.fixture
def open_client(decoders: Decoders) -> Iterator[ClientOpener]:
    """Opens clients of services over a fake embedder, and closes them after the test."""
    opened: list[TestClient] = []

    def open_one(settings: ServiceSettings) -> TestClient:
        app = create_app(
            settings, open_resources=lambda chosen: share_resources(chosen, FakeEmbedder(), decoders)
        )
        client = TestClient(app, follow_redirects=False)
        client.__enter__()
        opened.append(client)
        return client

    yield open_one
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def client(settings: ServiceSettings, open_client: ClientOpener) -> TestClient:
    return open_client(settings)


@pytest.fixture(scope="session")
def mix() -> bytes:
    """All of song 2 but its bass, as a WAV file of 20 s."""
    return wav_bytes(mix_waveform(2, StemType.BASS, 20.0))
