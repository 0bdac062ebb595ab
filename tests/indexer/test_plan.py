"""What has to be read again, and what is gone."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audio.stems import StemType
from indexer.describe import TypeSaid
from indexer.listen import LISTENER_VERSION
from indexer.plan import Failure, Plan, file_state, make_plan, plan_rebuild, types_given_before
from indexer.scan import FoundStem, Scan, SkippedFile
from library.records import TO_BE_GUESSED, FileState, KnownStem, SoundFacts, StemEntry
from library.shards import ShardStore, StemVectors

ROOT = Path("/music")
STATE = FileState(10, 20)


def make_entry(name: str = "drums.wav") -> StemEntry:
    return StemEntry(ROOT / "a" / name, ROOT, "a", ROOT / "a", StemType.DRUMS, "name")


def make_known(name: str = "drums.wav", number: int = 1, content_hash: str = "stored") -> KnownStem:
    return KnownStem(number, make_entry(name), STATE, content_hash, "embedded", None, LISTENER_VERSION)


@pytest.fixture
def shards(tmp_path: Path) -> ShardStore:
    store = ShardStore.open(tmp_path, "fake", 8.0)
    store.write([StemVectors("stored", SoundFacts(1, 1, 1), np.arange(1), np.ones((1, 1), np.float32))])
    return store


def plan(
    shards: ShardStore, found: list[FoundStem], known: list[KnownStem], closed: list[Path] | None = None
) -> Plan:
    return make_plan(
        Scan(stems=found, closed=[SkippedFile(path, "it cannot be opened") for path in closed or []]),
        known,
        shards,
    )


def test_a_new_file_is_work(shards: ShardStore) -> None:
    assert plan(shards, [FoundStem(make_entry(), STATE)], []).work == (make_entry(),)


def test_an_unchanged_file_is_not(shards: ShardStore) -> None:
    result = plan(shards, [FoundStem(make_entry(), STATE)], [make_known()])
    assert (result.work, result.unchanged, result.described, result.gone) == ((), 1, (), ())


@pytest.mark.parametrize("state", [FileState(11, 20), FileState(10, 21)])
def test_another_size_or_time_is_work(shards: ShardStore, state: FileState) -> None:
    assert plan(shards, [FoundStem(make_entry(), state)], [make_known()]).work == (make_entry(),)


def test_a_stem_without_vectors_of_this_model_is_work(shards: ShardStore) -> None:
    known = make_known(content_hash="of another model")
    assert plan(shards, [FoundStem(make_entry(), STATE)], [known]).work == (make_entry(),)


def test_an_unchanged_file_that_failed_is_reported_and_not_tried_again(shards: ShardStore) -> None:
    known = replace(make_known(content_hash=""), status="failed", error="The file is empty.")
    result = plan(shards, [FoundStem(make_entry(), STATE)], [known])
    assert (result.work, result.unchanged) == ((), 0)
    assert [each.reason for each in result.failed_before] == ["The file is empty."]


def test_an_unchanged_file_that_failed_is_tried_again_if_somebody_asks(shards: ShardStore) -> None:
    failed = replace(make_known(content_hash=""), status="failed", error="The file is empty.")
    sound = make_known("bass.wav", number=2)
    scan = Scan(stems=[FoundStem(make_entry(), STATE), FoundStem(make_entry("bass.wav"), STATE)])
    result = make_plan(scan, [failed, sound], shards, retry_failed=True)
    assert (result.work, result.unchanged, result.failed_before) == ((make_entry(),), 1, ())


def test_a_file_that_failed_for_a_while_is_tried_again(shards: ShardStore) -> None:
    known = replace(make_known(content_hash=""), status="failed", state=None)
    assert plan(shards, [FoundStem(make_entry(), STATE)], [known]).work == (make_entry(),)


def test_a_new_description_needs_no_reading(shards: ShardStore) -> None:
    found = FoundStem(replace(make_entry(), licence="CC0"), STATE)
    result = plan(shards, [found], [make_known(number=7)])
    assert (result.work, result.described) == ((), ((7, found),))


def test_a_file_that_is_not_there_is_gone(shards: ShardStore) -> None:
    known = [make_known(), make_known("bass.wav", number=2)]
    assert plan(shards, [FoundStem(make_entry(), STATE)], known).gone == (2,)


def test_a_file_that_may_have_been_renamed_stays_until_the_new_one_is_read(shards: ShardStore) -> None:
    result = plan(shards, [FoundStem(make_entry("beat.wav"), FileState(10, 99))], [make_known()])
    assert (result.gone, result.perhaps_moved) == ((), (1,))


def test_parts_of_a_file_are_looked_at_one_by_one(shards: ShardStore) -> None:
    parts = [replace(make_entry("x.stem.mp4"), part=part) for part in (1, 2)]
    known = replace(make_known(), entry=parts[0])
    result = plan(shards, [FoundStem(part, STATE) for part in parts], [known])
    assert (result.work, result.unchanged) == ((parts[1],), 1)


def test_a_stem_that_was_never_listened_to_is_work(shards: ShardStore) -> None:
    known = replace(make_known(), heard_version=0)
    assert plan(shards, [FoundStem(make_entry(), STATE)], [known]).work == (make_entry(),)


def test_a_type_that_was_guessed_stays_while_the_file_does(shards: ShardStore) -> None:
    guessed = replace(make_entry(), type=StemType.WIND, type_source="model", type_confidence=0.5)
    unknown = replace(make_entry(), type=StemType.OTHER, type_source=TO_BE_GUESSED, type_confidence=0.0)
    known = replace(make_known(), entry=guessed)
    kept = plan(shards, [FoundStem(unknown, STATE)], [known])
    assert (kept.work, kept.described, kept.unchanged) == ((), (), 1)
    assert plan(shards, [FoundStem(unknown, FileState(1, 1))], [known]).work == (unknown,)


def test_files_in_a_folder_that_cannot_be_opened_are_not_gone(shards: ShardStore) -> None:
    assert plan(shards, [], [make_known()], closed=[ROOT / "a"]).gone == ()


def test_a_file_that_cannot_be_looked_at_is_not_gone(shards: ShardStore) -> None:
    closed = [make_entry().path]
    assert plan(shards, [], [make_known()], closed=closed).gone == ()
    assert plan(shards, [], [make_known("bass.wav", 2)], closed=closed).gone == (2,)


def test_a_rebuild_reads_only_what_has_no_vectors(shards: ShardStore) -> None:
    known = [make_known(), make_known("bass.wav", number=2, content_hash="of another model")]
    result = plan_rebuild(known, shards)
    assert (result.work, result.unchanged) == ((make_entry("bass.wav"),), 1)


def test_a_rebuild_tries_what_could_not_be_opened_and_leaves_what_is_broken(shards: ShardStore) -> None:
    broken = replace(make_known("broken.wav", content_hash=""), status="failed", error="It is empty.")
    away = replace(make_known("away.wav", content_hash=""), status="failed", state=None)
    result = plan_rebuild([broken, away], shards)
    assert (result.work, result.unchanged) == ((make_entry("away.wav"),), 0)
    assert result.failed_before == (Failure(broken.entry.path, "It is empty."),)


def test_a_type_that_a_manifest_gave_is_not_kept_for_it(shards: ShardStore) -> None:
    listed = replace(make_known(), entry=replace(make_entry(), type_source="manifest"))
    unknown = replace(make_entry(), type=StemType.OTHER, type_source=TO_BE_GUESSED, type_confidence=0.0)
    assert plan(shards, [FoundStem(unknown, STATE)], [listed]).work == (unknown,)


def test_types_that_were_given_or_guessed_are_remembered() -> None:
    given = replace(make_known(), entry=replace(make_entry("one.wav"), type_source="option"))
    guessed, replaced = (
        replace(make_known(), entry=replace(make_entry(name), type_source="model", type_confidence=0.5))
        for name in ("two.wav", "three.wav")
    )
    states = {"two.wav": STATE, "three.wav": FileState(10, 21)}
    known = [make_known(), given, guessed, replaced]
    assert types_given_before(known, lambda path: states.get(path.name)) == {
        (ROOT / "a/one.wav", 0): TypeSaid(StemType.DRUMS, "option"),
        (ROOT / "a/two.wav", 0): TypeSaid(StemType.DRUMS, "model", 0.5),
    }


def test_a_file_is_known_by_its_size_and_time(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"four")
    os.utime(tmp_path / "a.wav", ns=(5, 7))
    assert file_state(tmp_path / "a.wav") == FileState(4, 7)
    assert file_state(tmp_path / "b.wav") is None
