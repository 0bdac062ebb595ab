"""Vectors are on the disk before the catalogue hears of them, a batch at a time."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.stems import StemType
from indexer.listen import LISTENER_VERSION
from indexer.read import DecodedStem, FailedStem, RecognisedStem
from indexer.write import FILES_A_SHARD, SUREST_GUESS, WINDOWS_A_SHARD, StemWriter, is_there
from library.catalogue import Catalogue
from library.database import Sessions, close_sessions, open_sessions
from library.filters import StemFilters
from library.records import TO_BE_GUESSED, FileState, Heard, SoundFacts, StemEntry
from library.shards import ShardStore, StemVectors
from tests.databases import BOTH, migrated_database

STATE = FileState(1, 2)
FACTS = SoundFacts(10.0, 44_100, 1)
HEARD = Heard(loudness=-20.0, version=LISTENER_VERSION)


@pytest.fixture(params=BOTH)
def sessions(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sessions]:
    with migrated_database(request.param, tmp_path, request) as url:
        sessions = open_sessions(url)
        yield sessions
        close_sessions(sessions)


@pytest.fixture
def shards(tmp_path: Path) -> ShardStore:
    return ShardStore.open(tmp_path, "fake", 8.0)


def make_entry(name: str) -> StemEntry:
    folder = Path("/music/a")
    return StemEntry(folder / name, folder.parent, "a", folder, StemType.BASS, "name")


def make_decoded(name: str, content_hash: str) -> DecodedStem:
    return DecodedStem(make_entry(name), STATE, content_hash, FACTS, HEARD, np.zeros(4, np.float32))


def add(writer: StemWriter, name: str, content_hash: str, windows: int = 1) -> None:
    vectors = np.ones((windows, 1), np.float32)
    writer.add_embedded(make_decoded(name, content_hash), np.arange(windows), vectors)


def always(_: Path) -> bool:
    return True


def count_stems(sessions: Sessions) -> int:
    with sessions() as session:
        return sum(Catalogue(session).count_stems().values())


def test_nothing_is_known_before_the_batch_is_full(sessions: Sessions, shards: ShardStore) -> None:
    writer = StemWriter(sessions, shards, is_there=always)
    add(writer, "one.wav", "c1")
    assert (len(shards), count_stems(sessions)) == (0, 0)
    writer.flush()
    assert (len(shards), count_stems(sessions)) == (1, 1)


def test_a_stem_that_was_removed_with_its_file_since_it_was_read_stays_removed(
    sessions: Sessions, shards: ShardStore
) -> None:
    there = {"/music/a/one.wav", "/music/a/two.wav"}
    writer = StemWriter(sessions, shards, is_there=lambda path: str(path) in there)
    add(writer, "one.wav", "c1")
    add(writer, "two.wav", "c2")
    writer.flush()
    with sessions.begin() as session:
        catalogue = Catalogue(session)
        catalogue.mark_gone([stem.number for stem in catalogue.embedded_stems()])
    for name in ("one.wav", "two.wav"):
        decoded = make_decoded(name, f"c{1 + (name == 'two.wav')}")
        writer.add_recognised(
            RecognisedStem(decoded.entry, decoded.state, decoded.content_hash, decoded.facts, decoded.heard)
        )
    there.remove("/music/a/one.wav")
    writer.flush()
    with sessions() as session:
        (stem,) = Catalogue(session).list_stems([StemType.BASS], StemFilters())
    assert stem.path.name == "two.wav"


def test_a_file_is_there_unless_its_absence_is_known(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    (tmp_path / "dangling.wav").symlink_to(tmp_path / "nothing")
    assert [is_there(tmp_path / name) for name in ("a.wav", "dangling.wav")] == [True, True]
    assert [is_there(tmp_path / name) for name in ("b.wav", "a.wav/c.wav")] == [False, False]
    assert is_there(tmp_path / ("x" * 300))  # too long a name is no answer


def test_enough_files_make_a_shard(sessions: Sessions, shards: ShardStore) -> None:
    writer = StemWriter(sessions, shards, is_there=always)
    for number in range(FILES_A_SHARD + 1):
        add(writer, f"{number}.wav", f"c{number}")
    assert (len(shards), count_stems(sessions)) == (FILES_A_SHARD, FILES_A_SHARD)


def test_enough_windows_make_a_shard(sessions: Sessions, shards: ShardStore) -> None:
    writer = StemWriter(sessions, shards, is_there=always)
    add(writer, "1.wav", "c1", WINDOWS_A_SHARD)
    assert len(shards) == 1


def test_a_copy_within_the_batch_is_recognised(sessions: Sessions, shards: ShardStore) -> None:
    writer = StemWriter(sessions, shards, is_there=always)
    assert not writer.has_vectors("c1")
    add(writer, "one.wav", "c1")
    assert writer.has_vectors("c1")
    assert writer.is_heard("c1")
    writer.add_recognised(RecognisedStem(make_entry("copy.wav"), STATE, "c1"))
    writer.flush()
    assert (len(shards), count_stems(sessions)) == (1, 1)
    with sessions() as session:
        (stem,) = Catalogue(session).list_stems([StemType.BASS], StemFilters())
    assert [path.name for path in stem.paths] == ["one.wav", "copy.wav"]


def test_a_recognised_stem_has_the_facts_of_its_sound(sessions: Sessions, shards: ShardStore) -> None:
    first = StemWriter(sessions, shards, is_there=always)
    add(first, "one.wav", "c1")
    first.flush()
    second = StemWriter(sessions, shards, is_there=always)
    assert second.is_heard("c1")
    second.add_recognised(RecognisedStem(make_entry("copy.wav"), STATE, "c1"))
    second.flush()
    with sessions() as session:
        records = Catalogue(session).stems_by_number(range(10)).values()
    assert [(record.seconds, record.loudness) for record in records] == [(10.0, -20.0)]


def test_a_sound_that_the_catalogue_lost_has_to_be_heard_again(
    sessions: Sessions, shards: ShardStore
) -> None:
    shards.write([StemVectors("c1", FACTS, np.arange(1), np.ones((1, 1), np.float32))])
    writer = StemWriter(sessions, shards, is_there=always)
    assert writer.has_vectors("c1")
    assert not writer.is_heard("c1")
    writer.add_recognised(RecognisedStem(make_entry("one.wav"), STATE, "c1", FACTS, HEARD))
    writer.flush()
    assert writer.is_heard("c1")
    assert count_stems(sessions) == 1


@pytest.mark.parametrize(("confidence", "kept"), [(0.75, 0.75), (0.99999, SUREST_GUESS), (1.0, SUREST_GUESS)])
def test_a_type_that_nothing_says_is_guessed_from_the_vectors_and_never_certain(
    sessions: Sessions, shards: ShardStore, confidence: float, kept: float
) -> None:
    seen: list[int] = []

    def guess(vectors: NDArray[np.float32]) -> tuple[StemType, float]:
        seen.append(len(vectors))
        return StemType.WIND, confidence

    writer = StemWriter(sessions, shards, guess, is_there=always)
    unknown = replace(make_entry("x.wav"), type=StemType.OTHER, type_source=TO_BE_GUESSED)
    decoded = replace(make_decoded("x.wav", "c1"), entry=unknown)
    writer.add_embedded(decoded, np.arange(3), np.ones((3, 1), np.float32))
    writer.flush()
    with sessions() as session:
        (stem,) = Catalogue(session).list_stems([StemType.WIND], StemFilters())
    assert (stem.type_source, stem.type_confidence, seen) == ("model", kept, [3])
    assert stem.type_confidence < 1


def test_a_failed_file_is_noted_without_a_shard(sessions: Sessions, shards: ShardStore) -> None:
    writer = StemWriter(sessions, shards, is_there=always)
    writer.add_failed(FailedStem(make_entry("one.wav"), STATE, "c1", "The file is empty."))
    writer.flush()
    with sessions() as session:
        assert [each.error for each in Catalogue(session).failures()] == ["The file is empty."]
    assert len(shards) == 0


def test_flushing_nothing_writes_nothing(sessions: Sessions, shards: ShardStore) -> None:
    StemWriter(sessions, shards, is_there=always).flush()
    assert (len(shards), shards.folder.exists()) == (0, False)
