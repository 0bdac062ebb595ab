"""Networks, releases and songs that the tests of this package share; read them, do not change them."""

from pathlib import Path

import pytest
import torch

from model.card import Calibration
from model.config import Config
from model.embedder import Embedder
from model.export import Release, export
from model.jepa import Jepa
from model.songs import HELD_OUT, Song, find_songs
from model.stem_reader import StemReader
from tests.model.configs import small_vit, tiny
from tests.model.multitracks import names_of_side, write_song

CALIBRATION = Calibration(slope=8.0, intercept=-4.0, pairs=10)


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Sums then have one order, so that two runs can be compared bit by bit."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def songs_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four songs to learn from and two to validate on, 20 s each."""
    root = tmp_path_factory.mktemp("songs")
    training, validation = (names_of_side(held_out=side, share=HELD_OUT) for side in (False, True))
    names = [*(next(training) for _ in range(4)), *(next(validation) for _ in range(2))]
    for number, name in enumerate(names):
        write_song(root / name, number)
    return root


@pytest.fixture(scope="session")
def songs(songs_root: Path) -> list[Song]:
    return find_songs(songs_root)


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> StemReader:
    return StemReader(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def jepa() -> Jepa:
    """The tiny network, as it is before any training."""
    return _seeded(tiny())


@pytest.fixture(scope="session")
def vit_jepa() -> Jepa:
    return _seeded(small_vit())


@pytest.fixture(scope="session")
def release(jepa: Jepa, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny network, exported."""
    folder = tmp_path_factory.mktemp("releases") / "tiny"
    export(jepa, folder, Release("1.2.3", CALIBRATION, {"step": 0}))
    return folder


@pytest.fixture(scope="session")
def vit_release(vit_jepa: Jepa, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("releases") / "vit"
    export(vit_jepa, folder, Release("1.0.0", CALIBRATION))
    return folder


@pytest.fixture(scope="session")
def embedder(release: Path) -> Embedder:
    return Embedder.open(release, threads=1)


@pytest.fixture(scope="session")
def vit_embedder(vit_release: Path) -> Embedder:
    return Embedder.open(vit_release, threads=1)


def _seeded(config: Config) -> Jepa:
    torch.manual_seed(0)
    return Jepa(config).eval()
