"""Vectors are on the disk once a shard is, and damage is noticed."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from library.durable import TEMPORARY_SUFFIX
from library.records import SoundFacts
from library.shards import DamagedShardError, ShardStore, StemVectors, read_shard
from tests.library.test_index import unit_vectors


def make_stem(name: str, windows: int = 3) -> StemVectors:
    return StemVectors(
        content_hash=hashlib.sha256(name.encode()).hexdigest(),
        facts=SoundFacts(seconds=12.5, sample_rate=44_100, channels=2),
        windows=np.arange(windows) * 2,
        vectors=unit_vectors(windows, seed=len(name)),
    )


def open_store(data: Path, hop_seconds: float = 8.0) -> ShardStore:
    return ShardStore.open(data, "fake-1-00000000", hop_seconds)


def assert_same(one: StemVectors, other: StemVectors) -> None:
    assert (one.content_hash, one.facts) == (other.content_hash, other.facts)
    assert np.array_equal(one.windows, other.windows)
    assert np.array_equal(one.vectors, other.vectors)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    stems = [make_stem("a", windows=1), make_stem("bb", windows=4), make_stem("ccc", windows=2)]
    store = open_store(tmp_path)
    store.write(stems)
    for stem in stems:
        assert_same(store.read(stem.content_hash), stem)


def test_another_process_finds_it(tmp_path: Path) -> None:
    open_store(tmp_path).write([make_stem("a")])
    open_store(tmp_path).write([make_stem("bb")])
    store = open_store(tmp_path)
    assert len(store) == 2
    assert make_stem("bb").content_hash in store
    assert_same(store.read(make_stem("a").content_hash), make_stem("a"))


def test_what_was_never_written_is_not_in_it(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    assert make_stem("a").content_hash not in store
    with pytest.raises(KeyError):
        store.read(make_stem("a").content_hash)


def test_writing_a_batch_again_makes_no_second_file(tmp_path: Path) -> None:
    paths = {open_store(tmp_path).write([make_stem("a"), make_stem("bb")]) for _ in range(2)}
    assert len(paths) == 1
    assert list(open_store(tmp_path).paths()) == list(paths)


def test_models_do_not_share_shards(tmp_path: Path) -> None:
    open_store(tmp_path).write([make_stem("a")])
    assert len(ShardStore.open(tmp_path, "fake-2-11111111", 8.0)) == 0


def test_windows_of_another_hop_do_not_count(tmp_path: Path) -> None:
    open_store(tmp_path).write([make_stem("a")])
    assert len(open_store(tmp_path, hop_seconds=4.0)) == 0


def test_a_half_written_shard_is_not_seen_and_can_be_cleared_away(tmp_path: Path) -> None:
    path = open_store(tmp_path).write([make_stem("a")])
    unfinished = path.with_name(f"{path.name}{TEMPORARY_SUFFIX}")
    path.rename(unfinished)
    store = open_store(tmp_path)
    assert (len(store), store.damaged) == (0, [])
    store.remove_unfinished()
    assert not unfinished.exists()


def test_a_shard_that_cannot_be_opened_is_listed_and_its_stems_count_as_missing(tmp_path: Path) -> None:
    path = open_store(tmp_path).write([make_stem("a")])
    path.write_bytes(path.read_bytes()[:100])
    store = open_store(tmp_path)
    assert (len(store), store.damaged) == (0, [path])


def test_a_flipped_bit_is_noticed_when_the_vectors_are_read(tmp_path: Path) -> None:
    path = open_store(tmp_path).write([make_stem("a", windows=50)])
    content = bytearray(path.read_bytes())
    place = bytes(content).index(make_stem("a", windows=50).vectors.tobytes()[:16])
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedShardError, match="index check --repair"):
        open_store(tmp_path).read(make_stem("a").content_hash)


@pytest.mark.parametrize("spoilt", [0.5, np.nan])
def test_vectors_that_no_index_takes_are_damage(tmp_path: Path, spoilt: float) -> None:
    stem = make_stem("a")
    stem.vectors[1] *= spoilt
    path = open_store(tmp_path).write([make_stem("bb"), stem])
    with pytest.raises(DamagedShardError, match="index check --repair"):
        read_shard(path)


def test_a_shard_that_is_gone_is_damage(tmp_path: Path) -> None:
    with pytest.raises(DamagedShardError):
        read_shard(tmp_path / "nothing.npz")


def test_windows_are_counted_without_reading_vectors(tmp_path: Path) -> None:
    open_store(tmp_path).write([make_stem("a", windows=5), make_stem("bb", windows=2)])
    store = open_store(tmp_path)
    assert [store.count_windows(make_stem(name).content_hash) for name in ("a", "bb")] == [5, 2]
    store.write([make_stem("ccc", windows=7)])
    assert store.count_windows(make_stem("ccc").content_hash) == 7


def test_a_shard_that_was_set_aside_takes_its_stems_out_and_stays_on_the_disk(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    bad, good = store.write([make_stem("a"), make_stem("bb")]), store.write([make_stem("ccc")])
    assert set(store.set_aside(bad)) == {make_stem("a").content_hash, make_stem("bb").content_hash}
    assert (len(store), list(store.paths())) == (1, [good])
    assert not bad.exists()
    assert bad.with_name(f"{bad.name}.damaged").exists()
    again = open_store(tmp_path)
    assert (len(again), again.damaged) == (1, [])


def test_a_shard_that_cannot_be_opened_can_be_set_aside(tmp_path: Path) -> None:
    path = open_store(tmp_path).write([make_stem("a")])
    path.write_bytes(b"damage")
    store = open_store(tmp_path)
    assert store.set_aside(path) == []
    assert store.damaged == []


def test_a_sound_that_was_written_twice_is_in_one_shard_only(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.write([make_stem("a"), make_stem("bb")])
    last = store.write([make_stem("a")])
    assert store.contents()[last] == {make_stem("a").content_hash}
    assert sum(map(len, store.contents().values())) == 2


def test_a_copy_that_nothing_is_read_from_is_still_a_file(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    first = store.write([make_stem("a"), make_stem("b")])
    copies = [store.write([make_stem(name)]) for name in ("a", "b")]
    again = open_store(tmp_path)
    assert again.files() == sorted([first, *copies])
    assert set(again.paths()) <= set(again.files())
    assert len(set(again.paths())) < 3
