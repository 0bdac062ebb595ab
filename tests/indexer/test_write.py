"""Vectors are on the disk before the catalogue hears of them, a batch at a time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.stems import StemType
from audio.windows import Windows
from indexer.read import DecodedStem, FailedStem, RecognisedStem
from indexer.write import FILES_A_SHARD, WINDOWS_A_SHARD, StemWriter
from library.catalogue import Catalogue
from library.database import Sessions, close_sessions, open_sessions, upgrade
from library.records import FileState, SoundFacts, StemEntry
from library.shards import ShardStore

STATE = FileState(1, 2)
FACTS = SoundFacts(10.0, 44_100, 1)


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Sessions]:
    url = f"sqlite:///{tmp_path / 'catalogue.db'}"
    upgrade(url)
    sessions = open_sessions(url)
    yield sessions
    close_sessions(sessions)


@pytest.fixture
def shards(tmp_path: Path) -> ShardStore:
    return ShardStore.open(tmp_path, "fake", 8.0)


def make_entry(name: str) -> StemEntry:
    folder = Path("/music/a")
    return StemEntry(folder / name, folder.parent, "a", folder, StemType.BASS, "name")


def make_decoded(name: str, content_hash: str, windows: int = 1) -> DecodedStem:
    samples = np.zeros((windows, 4), np.float32)
    numbers = np.arange(windows)
    starts = numbers.astype(np.float64) * 8
    return DecodedStem(make_entry(name), STATE, content_hash, FACTS, Windows(samples, starts, numbers))


def make_vectors(windows: int = 1) -> NDArray[np.float32]:
    return np.ones((windows, 1), np.float32)


def count_stems(sessions: Sessions) -> int:
    with sessions() as session:
        return sum(Catalogue(session).count_stems().values())


def test_nothing_is_known_before_the_batch_is_full(sessions: Sessions, shards: ShardStore) -> None:
    writer = StemWriter(sessions, shards)
    writer.add_embedded(make_decoded("one.wav", "c1"), make_vectors())
    assert (len(shards), count_stems(sessions)) == (0, 0)
    writer.flush()
    assert (len(shards), count_stems(sessions)) == (1, 1)


def test_enough_files_make_a_shard(sessions: Sessions, shards: ShardStore) -> None:
    writer = StemWriter(sessions, shards)
    for number in range(FILES_A_SHARD + 1):
        writer.add_embedded(make_decoded(f"{number}.wav", f"c{number}"), make_vectors())
    assert (len(shards), count_stems(sessions)) == (FILES_A_SHARD, FILES_A_SHARD)


def test_enough_windows_make_a_shard(sessions: Sessions, shards: ShardStore) -> None:
    writer = StemWriter(sessions, shards)
    writer.add_embedded(make_decoded("1.wav", "c1", WINDOWS_A_SHARD), make_vectors(WINDOWS_A_SHARD))
    assert len(shards) == 1


def test_a_copy_within_the_batch_is_recognised(sessions: Sessions, shards: ShardStore) -> None:
    writer = StemWriter(sessions, shards)
    assert not writer.is_embedded("c1")
    writer.add_embedded(make_decoded("one.wav", "c1"), make_vectors())
    assert writer.is_embedded("c1")
    writer.add_recognised(RecognisedStem(make_entry("copy.wav"), STATE, "c1"))
    writer.flush()
    assert (len(shards), count_stems(sessions)) == (1, 2)


def test_a_recognised_stem_has_the_facts_of_its_sound(sessions: Sessions, shards: ShardStore) -> None:
    first = StemWriter(sessions, shards)
    first.add_embedded(make_decoded("one.wav", "c1"), make_vectors())
    first.flush()
    second = StemWriter(sessions, shards)
    second.add_recognised(RecognisedStem(make_entry("copy.wav"), STATE, "c1"))
    second.flush()
    with sessions() as session:
        records = Catalogue(session).stems_by_number(range(10)).values()
    assert [record.seconds for record in records] == [10.0, 10.0]


def test_a_failed_file_is_noted_without_a_shard(sessions: Sessions, shards: ShardStore) -> None:
    writer = StemWriter(sessions, shards)
    writer.add_failed(FailedStem(make_entry("one.wav"), STATE, "c1", "The file is empty."))
    writer.flush()
    with sessions() as session:
        assert [each.error for each in Catalogue(session).failures()] == ["The file is empty."]
    assert len(shards) == 0


def test_flushing_nothing_writes_nothing(sessions: Sessions, shards: ShardStore) -> None:
    StemWriter(sessions, shards).flush()
    assert (len(shards), shards.folder.exists()) == (0, False)
