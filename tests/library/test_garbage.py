"""What nobody needs is deleted; what a reader, the catalogue or a stopped run needs is not."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from audio.stems import StemType
from library.builds import StemIndexes, open_current
from library.durable import TEMPORARY_SUFFIX
from library.garbage import Garbage, remove_dead_parts, remove_dead_vectors, remove_old_builds
from library.parts import keep_part
from library.publishing import publish_build, remove_unfinished_builds
from library.records import stem_id
from library.shards import ShardStore, StemVectors
from tests.library.test_builds import CREATED, MODEL, make_build
from tests.library.test_index import unit_vectors
from tests.library.test_shards import assert_same, make_stem


def publish(data: Path, minute: int, model: str = MODEL) -> Path:
    """A build of that minute, younger than every shard."""
    manifest = publish_build(
        data, replace(make_build(), created=CREATED + timedelta(minutes=minute), model_id=model)
    )
    folder = data.resolve() / "builds" / manifest.build
    in_an_hour = (folder / "manifest.json").stat().st_mtime + 3600
    os.utime(folder / "manifest.json", (in_an_hour, in_an_hour))
    return folder


def open_store(data: Path, model: str = MODEL) -> ShardStore:
    return ShardStore.open(data, model, 8.0)


def hashes(*stems: StemVectors) -> set[str]:
    return {stem.content_hash for stem in stems}


class TestBuilds:
    def test_the_current_one_and_the_one_before_stay(self, tmp_path: Path) -> None:
        folders = [publish(tmp_path, minute) for minute in range(4)]
        garbage = remove_old_builds(tmp_path)
        assert [folder.exists() for folder in folders] == [False, False, True, True]
        assert garbage.builds == 2
        assert garbage.bytes > 0

    def test_the_current_one_stays_even_if_it_is_old(self, tmp_path: Path) -> None:
        folders = [publish(tmp_path, minute) for minute in range(3)]
        (tmp_path / "current").unlink()
        (tmp_path / "current").symlink_to(folders[0])
        remove_old_builds(tmp_path)
        assert [folder.exists() for folder in folders] == [True, False, True]

    def test_nothing_is_deleted_while_no_build_is_current(self, tmp_path: Path) -> None:
        folders = [publish(tmp_path, minute) for minute in range(3)]
        (tmp_path / "current").unlink()
        assert remove_old_builds(tmp_path) == Garbage()
        assert all(folder.exists() for folder in folders)

    def test_a_deletion_that_was_cut_off_is_finished_later(self, tmp_path: Path) -> None:
        old, _ = publish(tmp_path, 0), publish(tmp_path, 1)
        half = old.rename(old.with_name(old.name + TEMPORARY_SUFFIX))
        (half / "bass.faiss").unlink()
        remove_unfinished_builds(tmp_path)
        assert not half.exists()

    def test_who_has_a_build_open_keeps_it(self, tmp_path: Path) -> None:
        indexes = StemIndexes.open(publish(tmp_path, 0))
        for minute in (1, 2):
            publish(tmp_path, minute)
        assert remove_old_builds(tmp_path).builds == 1
        assert len(indexes.search(StemType.BASS, unit_vectors(2), 3)) == 6
        assert open_current(tmp_path, MODEL).manifest.created.endswith("12:02:00+00:00")


class TestVectors:
    def test_shards_without_a_living_stem_are_deleted(self, tmp_path: Path) -> None:
        store, alive, dead = open_store(tmp_path), make_stem("a"), make_stem("bb")
        kept, deleted = store.write([alive]), store.write([dead])
        publish(tmp_path, 0)
        garbage = remove_dead_vectors(tmp_path, open_store(tmp_path), hashes(alive))
        assert (kept.exists(), deleted.exists(), garbage.shards) == (True, False, 1)

    def test_shards_that_are_mostly_dead_are_written_again(self, tmp_path: Path) -> None:
        stems = [make_stem("a", 2), make_stem("bb", 9), make_stem("ccc", 1)]
        before = open_store(tmp_path).write(stems)
        publish(tmp_path, 0)
        garbage = remove_dead_vectors(tmp_path, open_store(tmp_path), hashes(stems[0], stems[2]))
        store = open_store(tmp_path)
        assert not before.exists()
        assert (len(store), garbage.shards) == (2, 1)
        assert garbage.bytes > 0
        assert_same(store.read(stems[0].content_hash), stems[0])

    def test_shards_that_are_mostly_alive_stay_as_they_are(self, tmp_path: Path) -> None:
        stems = [make_stem("a", 5), make_stem("bb", 3)]
        path = open_store(tmp_path).write(stems)
        publish(tmp_path, 0)
        assert remove_dead_vectors(tmp_path, open_store(tmp_path), hashes(stems[0])) == Garbage()
        assert path.exists()

    def test_a_second_copy_is_deleted(self, tmp_path: Path) -> None:
        store, stem = open_store(tmp_path), make_stem("a")
        store.write([stem, make_stem("bb", 1)])
        store.write([stem])
        publish(tmp_path, 0)
        remove_dead_vectors(tmp_path, open_store(tmp_path), hashes(stem, make_stem("bb")))
        store = open_store(tmp_path)
        assert_same(store.read(stem.content_hash), stem)
        assert sum(np.load(path)["counts"].size for path in store.paths()) == 2

    def test_what_was_written_after_the_build_stays(self, tmp_path: Path) -> None:
        publish(tmp_path, 0)
        path = open_store(tmp_path).write([make_stem("a")])
        later = path.stat().st_mtime + 7200
        os.utime(path, (later, later))
        assert remove_dead_vectors(tmp_path, open_store(tmp_path), set()) == Garbage()
        assert path.exists()

    def test_vectors_of_another_model_stay_as_long_as_a_build_of_it(self, tmp_path: Path) -> None:
        path = open_store(tmp_path, "other-1-11111111").write([make_stem("a")])
        publish(tmp_path, 0, "other-1-11111111")
        publish(tmp_path, 1)
        remove_dead_vectors(tmp_path, open_store(tmp_path), set())
        assert path.exists()
        publish(tmp_path, 2)
        remove_old_builds(tmp_path)
        remove_dead_vectors(tmp_path, open_store(tmp_path), set())
        assert not path.exists()

    def test_damaged_shards_that_were_set_aside_are_deleted_others_are_not(self, tmp_path: Path) -> None:
        store = open_store(tmp_path)
        aside, damaged = store.write([make_stem("a")]), store.write([make_stem("bb")])
        store.set_aside(aside)
        damaged.write_bytes(b"damage")
        publish(tmp_path, 0)
        remove_dead_vectors(tmp_path, open_store(tmp_path), set())
        assert not aside.with_name(f"{aside.name}.damaged").exists()
        assert damaged.exists()

    def test_without_a_build_nothing_is_deleted(self, tmp_path: Path) -> None:
        path = open_store(tmp_path).write([make_stem("a")])
        assert remove_dead_vectors(tmp_path, open_store(tmp_path), set()) == Garbage()
        assert path.exists()


class TestParts:
    def test_parts_without_a_living_stem_are_deleted(self, tmp_path: Path) -> None:
        def make(folder: Path) -> Path:
            (folder / "part.m4a").write_bytes(b"sound")
            return folder / "part.m4a"

        alive, dead = (keep_part(tmp_path, stem_id(each), make) for each in ("a", "bb"))
        garbage = remove_dead_parts(tmp_path, {"a"})
        assert (alive.exists(), dead.exists()) == (True, False)
        assert (garbage.parts, garbage.bytes) == (1, 5)

    def test_where_no_part_was_asked_for_nothing_is_deleted(self, tmp_path: Path) -> None:
        assert remove_dead_parts(tmp_path, set()) == Garbage()
