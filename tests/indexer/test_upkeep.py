"""What is wrong is mended with as little embedding as can be; what nobody needs is deleted."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from audio.stems import StemType
from indexer.check import check_library
from indexer.opening import open_for_reading
from indexer.run import remove_stems
from indexer.upkeep import collect_garbage, find_problems, repair_library, set_damaged_shards_aside
from library.builds import DamagedBuildError, NoBuildError
from library.index import Vectors
from library.lock import IndexerBusyError, lock_data
from library.parts import PARTS
from library.settings import Settings
from library.shards import ShardStore
from library.tables import SongRow, StemRow, Table
from tests.indexer.conftest import SONGS, STEMS
from tests.indexer.indexing import Indexing
from tests.songs import write_songs

Damage = Callable[[Indexing], object]


def find_shards(indexing: Indexing) -> list[Path]:
    return sorted((indexing.settings.data / "vectors").glob("*/*/*.npz"))


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-len(content) // 3] ^= 255
    path.write_bytes(content)


def repair(indexing: Indexing) -> tuple[str, ...]:
    """Mend the library; what is still wrong then."""
    return repair_library(indexing.settings, indexing.embedder.card.id, indexing.rebuild).left


def store_again_elsewhere(indexing: Indexing) -> None:
    """The vectors of one sound in a second shard as well."""
    store = ShardStore.open(indexing.settings.data, indexing.embedder.card.id, 4.0)
    content_hash = next(iter(next(iter(store.contents().values()))))
    store.write([store.read(content_hash)])


def store_another_length(indexing: Indexing) -> None:
    """A shard whose vectors are shorter than the index's, in place of the right one."""
    (shard,) = find_shards(indexing)
    store = ShardStore.open(indexing.settings.data, indexing.embedder.card.id, 4.0)
    stems = [store.read(each) for each in store.contents()[shard]]
    shard.unlink()
    store.write([replace(each, vectors=shortened(each.vectors)) for each in stems])


def shortened(vectors: Vectors) -> Vectors:
    """The first numbers of vectors [B, D], brought to length 1."""
    first = vectors[:, :5]
    return np.asarray(first / np.linalg.norm(first, axis=1, keepdims=True), np.float32)


DAMAGES: dict[str, Damage] = {
    "a flipped bit in the vectors": lambda indexing: flip_a_bit(find_shards(indexing)[0]),
    "vectors cut short": lambda indexing: find_shards(indexing)[0].write_bytes(b"PK"),
    "vectors deleted": lambda indexing: find_shards(indexing)[0].unlink(),
    "an index damaged": lambda indexing: (indexing.settings.data / "current/bass.faiss").write_bytes(b"?"),
    "a manifest damaged": lambda indexing: (indexing.settings.data / "current/manifest.json").write_text("{"),
    "the link deleted": lambda indexing: (indexing.settings.data / "current").unlink(),
    "a sound stored twice": store_again_elsewhere,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_every_damage_is_found_and_mended(indexing: Indexing, damage: Damage) -> None:
    indexing.run()
    damage(indexing)
    assert find_problems(indexing.settings)
    assert repair(indexing) == ()
    assert find_problems(indexing.settings) == []
    assert indexing.open_indexes().manifest.stems == STEMS
    assert indexing.best_songs(1, StemType.BASS)[0] == "song-01"


def test_vectors_of_another_length_are_found(indexing: Indexing) -> None:
    indexing.run()
    store_another_length(indexing)
    assert any("another length" in problem for problem in check_library(indexing.settings))


def test_only_what_lost_its_vectors_is_embedded_again(indexing: Indexing) -> None:
    indexing.run(indexing.songs / "song-00")
    indexing.run(indexing.songs / "song-01")
    before = indexing.embedder.embedded_windows
    flip_a_bit(find_shards(indexing)[0])
    assert repair(indexing) == ()
    assert indexing.embedder.embedded_windows == before + before // 2


def test_a_sound_library_is_left_as_it_is(indexing: Indexing) -> None:
    indexing.run()
    build = indexing.open_indexes().build
    mended = repair_library(indexing.settings, indexing.embedder.card.id, indexing.rebuild)
    assert (mended.problems, mended.report) == ((), None)
    assert indexing.open_indexes().build == build


def test_stems_whose_files_are_not_there_are_reported(indexing: Indexing) -> None:
    indexing.run()
    flip_a_bit(find_shards(indexing)[0])
    indexing.songs.rename(indexing.songs.with_name("unplugged"))
    mended = repair_library(indexing.settings, indexing.embedder.card.id, indexing.rebuild)
    assert mended.report is not None
    assert len(mended.report.failures) == STEMS
    assert mended.report.is_complete


def test_stems_that_no_repair_brings_back_are_named_with_what_does(indexing: Indexing) -> None:
    indexing.run()
    find_shards(indexing)[0].unlink()
    lost = indexing.songs / "song-00/bass.wav"
    lost.unlink()
    left = repair(indexing)
    assert left == tuple(find_problems(indexing.settings))
    (problem,) = left
    assert f"its file is not there: {lost}." in problem
    assert f"counterpart index {lost.parent} " in problem
    assert f"counterpart index remove {lost}" in problem
    assert "--repair" not in problem
    remove_stems([lost], indexing.settings)
    assert repair(indexing) == ()


def test_a_stem_with_a_file_elsewhere_is_not_lost(indexing: Indexing) -> None:
    indexing.run()
    copy = indexing.songs / "song-01/again-bass.wav"
    shutil.copy(indexing.songs / "song-00/bass.wav", copy)
    indexing.run()
    for shard in find_shards(indexing):
        shard.unlink()
    (indexing.songs / "song-00/bass.wav").unlink()
    assert repair(indexing) == ()


def test_of_many_lost_stems_some_are_named_and_all_are_counted(indexing: Indexing, tmp_path: Path) -> None:
    write_songs(tmp_path / "more", songs=4, seconds=9.0)
    indexing.run(tmp_path / "more")
    find_shards(indexing)[0].unlink()
    shutil.rmtree(tmp_path / "more")
    problems = check_library(indexing.settings)
    assert len(problems) == 11
    assert problems[-1].endswith("all in all: 12.")


def test_a_damaged_shard_is_kept_under_another_name(indexing: Indexing) -> None:
    indexing.run()
    (shard,) = find_shards(indexing)
    flip_a_bit(shard)
    assert set_damaged_shards_aside(indexing.settings, indexing.embedder.card.id) == [shard]
    assert shard.with_name(f"{shard.name}.damaged").exists()
    assert set_damaged_shards_aside(indexing.settings, indexing.embedder.card.id) == []


def test_nothing_is_compared_while_an_indexer_is_at_work(indexing: Indexing) -> None:
    indexing.run()
    with lock_data(indexing.settings.data), pytest.raises(IndexerBusyError):
        check_library(indexing.settings)


def test_there_is_nothing_to_mend_without_a_library(settings: Settings) -> None:
    with pytest.raises(NoBuildError, match="counterpart index PATH"):
        find_problems(settings)
    assert not settings.data.exists()


def test_vectors_of_removed_stems_are_deleted_after_the_next_build(indexing: Indexing) -> None:
    indexing.run(indexing.songs / "song-00")
    indexing.run(indexing.songs / "song-01")
    remove_stems([indexing.songs / "song-00"], indexing.settings)
    indexing.rebuild()
    before = len(find_shards(indexing))
    garbage = collect_garbage(indexing.settings)
    assert (before, len(find_shards(indexing)), garbage.shards) == (2, 1, 1)
    assert check_library(indexing.settings) == []
    assert indexing.best_songs(1, StemType.BASS) == ["song-01"]


def test_what_was_deleted_is_embedded_again_when_its_files_come_back(indexing: Indexing) -> None:
    test_vectors_of_removed_stems_are_deleted_after_the_next_build(indexing)
    assert indexing.run().embedded == STEMS // 2
    assert check_library(indexing.settings) == []


def test_deleting_twice_deletes_nothing_more(indexing: Indexing) -> None:
    indexing.run()
    collect_garbage(indexing.settings)
    garbage = collect_garbage(indexing.settings)
    assert (garbage.builds, garbage.shards, garbage.bytes) == (0, 0, 0)


def test_parts_that_were_kept_of_removed_stems_are_deleted(indexing: Indexing) -> None:
    indexing.run()
    folder = indexing.settings.data / PARTS
    folder.mkdir()
    for record in indexing.records().values():
        (folder / f"{record.id}.wav").touch()
    remove_stems([indexing.songs / "song-00"], indexing.settings)
    assert collect_garbage(indexing.settings).parts == STEMS // 2
    assert {path.stem for path in folder.iterdir()} == {each.id for each in indexing.records().values()}


def count_rows(indexing: Indexing, table: type[Table]) -> int:
    with open_for_reading(indexing.settings) as sessions, sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_stems_whose_files_are_gone_leave_the_catalogue_with_their_song(indexing: Indexing) -> None:
    indexing.run()
    shutil.rmtree(indexing.songs / "song-00")
    indexing.run()
    before = count_rows(indexing, StemRow), count_rows(indexing, SongRow)
    garbage = collect_garbage(indexing.settings)
    assert before == (STEMS, SONGS)
    assert garbage.stems == STEMS // 2
    assert (count_rows(indexing, StemRow), count_rows(indexing, SongRow)) == (STEMS // 2, 1)
    assert check_library(indexing.settings) == []
    assert indexing.best_songs(1, StemType.BASS) == ["song-01"]
    assert collect_garbage(indexing.settings).stems == 0


def test_a_stem_that_is_gone_but_still_in_the_index_is_kept_until_the_next_build(indexing: Indexing) -> None:
    indexing.run()
    remove_stems([indexing.songs / "song-00"], indexing.settings)
    assert collect_garbage(indexing.settings).stems == 0
    assert check_library(indexing.settings) == []
    indexing.rebuild()
    assert collect_garbage(indexing.settings).stems == STEMS // 2


def test_a_stem_that_comes_back_after_it_was_struck_out_is_the_same_to_the_world(indexing: Indexing) -> None:
    indexing.run()
    before = indexing.records()
    indexing.songs.joinpath("song-00").rename(indexing.songs.with_name("elsewhere"))
    indexing.run()
    collect_garbage(indexing.settings)
    indexing.songs.with_name("elsewhere").rename(indexing.songs / "song-00")
    assert indexing.run().embedded == STEMS // 2
    after = indexing.records()
    assert {path: after[path].id for path in after} == {path: before[path].id for path in before}
    last = max(each.number for each in before.values())
    assert all(each.number > last for each in after.values() if each.song == "song-00")
    assert check_library(indexing.settings) == []


def test_nothing_is_struck_out_while_the_index_cannot_be_read(indexing: Indexing) -> None:
    indexing.run()
    remove_stems([indexing.songs / "song-00"], indexing.settings)
    (indexing.settings.data / "current/bass.faiss").write_bytes(b"?")
    with pytest.raises(DamagedBuildError, match="counterpart index rebuild"):
        collect_garbage(indexing.settings)
    assert count_rows(indexing, StemRow) == STEMS
