"""An indexer that is killed again and again ends with the same library as one that was left alone."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.windows import HOP_SECONDS
from indexer.check import check_library
from indexer.opening import open_for_reading
from library.builds import NoBuildError, open_current
from library.catalogue import Catalogue
from library.settings import Settings
from library.shards import ShardStore
from tests.databases import BOTH, empty_database
from tests.fakes import FakeCard
from tests.indexer.killed_indexer import ANY, EMBED, WORKERS
from tests.songs import write_songs

REPOSITORY = Path(__file__).parents[2]
SONGS, STEMS = 24, 72  # more than one shard's worth
FEW_SONGS, RANDOM_KILLS = 3, 6

# Each run gets a little further than the one before.
TRAPS = [
    ("open", "indexer.lock", 1),
    ("sqlite3.connect", "counterpart.db", 1),  # while the tables are made
    (EMBED, "", 30),  # within the first batch
    ("os.rename", ".npz", 1),  # first shard written but without its name
    ("open", "vectors/", 3),  # first shard in place, the catalogue does not know
    (EMBED, "", 5),
    ("os.rename", ".npz", 1),
    ("open", "bass.faiss", 1),  # an index is written, the manifest is not
    ("open", "manifest.json", 1),
    ("os.rename", "builds/", 1),  # the build is whole but has no name
    ("os.symlink", "current", 1),  # named, but not published
    ("os.rename", "current", 1),
]


def run_indexer(
    songs: Path, data: Path, *trap: str, url: str | None = None, workers: int = 0
) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if name != "COUNTERPART_DATABASE_URL"}
    environment |= {WORKERS: str(workers)} | ({"COUNTERPART_DATABASE_URL": url} if url else {})
    return subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "tests.indexer.killed_indexer", str(songs), str(data), *trap],
        cwd=REPOSITORY,
        check=False,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def assert_no_half_build(data: Path, stems: int = STEMS) -> None:
    try:
        indexes = open_current(data, FakeCard().id)
    except NoBuildError:
        return
    assert indexes.manifest.stems == stems


def read_vectors(
    data: Path, url: str | None = None
) -> dict[str, tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Windows and vectors of every stem that can be found, by path."""
    shards = ShardStore.open(data, FakeCard().id, HOP_SECONDS)
    with open_for_reading(Settings(data=data, database_url=url)) as sessions, sessions() as session:
        catalogue = Catalogue(session)
        stems = list(catalogue.embedded_stems())
        paths = catalogue.stems_by_number([stem.number for stem in stems])
    assert len({record.path for record in paths.values()}) == len(stems)
    stored = {paths[stem.number].relative_path: shards.read(stem.content_hash) for stem in stems}
    return {path: (each.windows, each.vectors) for path, each in stored.items()}


def assert_same_vectors(
    found: dict[str, tuple[NDArray[np.int64], NDArray[np.float32]]],
    expected: dict[str, tuple[NDArray[np.int64], NDArray[np.float32]]],
    stems: int,
) -> None:
    assert found.keys() == expected.keys()
    assert len(found) == stems
    for path, (windows, vectors) in expected.items():
        assert np.array_equal(found[path][0], windows)
        assert np.array_equal(found[path][1], vectors)


@pytest.mark.parametrize("kind", BOTH)
def test_kills_at_random_moments_lose_nothing_either(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    songs, killed, left_alone = tmp_path / "songs", tmp_path / "killed", tmp_path / "left-alone"
    write_songs(songs, songs=FEW_SONGS, seconds=2.5)
    announced = int(run_indexer(songs, left_alone).stdout)
    chosen = random.Random(4)  # noqa: S311 - moments, not secrets
    with empty_database(kind, tmp_path, request) as url:
        for run in range(RANDOM_KILLS):
            moment = str(chosen.randrange(1, announced // 2))  # a run that goes on has less to do
            run_indexer(songs, killed, ANY, "", moment, url=url, workers=run % 2)
            assert_no_half_build(killed, 3 * FEW_SONGS)
        assert run_indexer(songs, killed, url=url).returncode == 0
        assert_same_vectors(read_vectors(killed, url), read_vectors(left_alone), 3 * FEW_SONGS)
        assert check_library(Settings(data=killed, database_url=url)) == []


def test_kills_lose_nothing_double_nothing_and_change_nothing(tmp_path: Path) -> None:
    songs, killed, left_alone = tmp_path / "songs", tmp_path / "killed", tmp_path / "left-alone"
    write_songs(songs, songs=SONGS, seconds=2.5)
    assert run_indexer(songs, left_alone).returncode == 0
    for event, text, number in TRAPS:
        killed_run = run_indexer(songs, killed, event, text, str(number))
        assert killed_run.returncode == -signal.SIGKILL, (event, text, number)
        assert_no_half_build(killed)
    assert run_indexer(songs, killed).returncode == 0
    assert_same_vectors(read_vectors(killed), read_vectors(left_alone), STEMS)
    assert check_library(Settings(data=killed, database_url=None)) == []
    assert open_current(killed, FakeCard().id).manifest.stems == STEMS


@pytest.mark.parametrize("trap", [("os.rename", "current", 1), ("open", "manifest.json", 1)])
def test_a_kill_while_publishing_leaves_the_build_before(tmp_path: Path, trap: tuple[str, str, int]) -> None:
    songs, data = tmp_path / "songs", tmp_path / "data"
    write_songs(songs, songs=1, seconds=2.5)
    assert run_indexer(songs, data).returncode == 0
    before = open_current(data, FakeCard().id).manifest
    write_songs(songs, songs=2, seconds=2.5)
    assert run_indexer(songs, data, *map(str, trap)).returncode == -signal.SIGKILL
    assert open_current(data, FakeCard().id).manifest == before
    assert run_indexer(songs, data).returncode == 0
    assert open_current(data, FakeCard().id).manifest.stems == 6
