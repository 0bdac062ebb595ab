"""Another model, damage, removal: the library is made whole again, with as little embedding as can be."""

from pathlib import Path

import pytest

from audio.stems import StemType
from indexer.opening import open_for_reading
from indexer.run import NothingIndexedError, remove_stems
from library.builds import WrongModelError
from library.catalogue import Catalogue
from library.settings import Settings
from tests.fakes import FakeCard, FakeEmbedder
from tests.indexer.conftest import STEMS
from tests.indexer.indexing import Indexing
from tests.songs import write_songs


def test_another_model_embeds_everything_again(indexing: Indexing) -> None:
    indexing.run()
    indexing.embedder = FakeEmbedder(card=FakeCard(version="2"))
    with pytest.raises(WrongModelError, match="counterpart index rebuild"):
        indexing.open_indexes()
    report = indexing.run()
    assert (report.embedded, report.recognised) == (STEMS, 0)
    assert indexing.open_indexes().manifest.model_id == "fake-2-00000000"


def test_a_rebuild_for_another_model_covers_every_folder(indexing: Indexing, tmp_path: Path) -> None:
    write_songs(tmp_path / "more", songs=1, seconds=9.0)
    indexing.run(indexing.songs, tmp_path / "more")
    indexing.embedder = FakeEmbedder(card=FakeCard(version="2"))
    assert indexing.run().build.without_vectors == 3
    report = indexing.rebuild()
    assert (report.embedded, report.build.without_vectors) == (3, 0)
    assert indexing.open_indexes().manifest.stems == STEMS + 3


def test_a_rebuild_mends_a_damaged_build_without_embedding_or_the_files(indexing: Indexing) -> None:
    indexing.run()
    embedded = indexing.embedder.embedded_windows
    (indexing.settings.data / "current" / "bass.faiss").write_bytes(b"damage")
    indexing.songs.rename(indexing.songs.with_name("unplugged"))
    assert indexing.rebuild().build.is_new
    assert len(indexing.open_indexes().index(StemType.BASS) or ()) == 4
    assert indexing.embedder.embedded_windows == embedded


def test_removed_stems_are_gone_at_once_and_leave_the_next_build(indexing: Indexing) -> None:
    indexing.run()
    assert remove_stems([indexing.songs / "song-00"], indexing.settings) == 3
    assert indexing.best_songs(0, StemType.BASS) == ["song-01"]
    assert indexing.open_indexes().types[StemType.BASS].stems == 2
    indexing.rebuild()
    assert indexing.open_indexes().types[StemType.BASS].stems == 1


def test_everything_can_be_removed(indexing: Indexing) -> None:
    indexing.run()
    assert remove_stems([indexing.songs], indexing.settings) == STEMS
    (indexing.songs / "song-00/bass.wav").write_text("not sound")
    indexing.run(indexing.songs / "song-00/bass.wav")
    assert indexing.open_indexes().types == {}


def test_removing_what_is_not_known_removes_nothing(indexing: Indexing, tmp_path: Path) -> None:
    indexing.run()
    with pytest.raises(NothingIndexedError, match=r"nothing at or below .*elsewhere"):
        remove_stems([indexing.songs, tmp_path / "elsewhere"], indexing.settings)
    assert len(indexing.records()) == STEMS


def test_removing_one_of_two_copies_removes_no_stem(indexing: Indexing) -> None:
    copy = indexing.songs / "song-07/bass.wav"
    copy.parent.mkdir()
    copy.write_bytes((indexing.songs / "song-00/bass.wav").read_bytes())
    indexing.run()
    assert remove_stems([copy], indexing.settings) == 0
    assert len(indexing.records()) == STEMS
    assert remove_stems([indexing.songs / "song-00/bass.wav"], indexing.settings) == 1
    assert len(indexing.records()) == STEMS - 1


def test_a_rebuild_tells_of_files_that_failed_before(indexing: Indexing) -> None:
    (indexing.songs / "song-00/bass.wav").write_text("not sound")
    indexing.run()
    report = indexing.rebuild()
    assert (report.unchanged, [each.path.name for each in report.failures]) == (STEMS - 1, ["bass.wav"])
    assert report.is_complete


def test_a_shard_that_cannot_be_opened_is_made_again(indexing: Indexing) -> None:
    indexing.run()
    (shard,) = (indexing.settings.data / "vectors").glob("*/*/*.npz")
    shard.write_bytes(b"damage")
    report = indexing.run()
    assert (report.embedded, report.build.without_vectors) == (STEMS, 0)


def test_a_damaged_vector_is_not_published_and_embedded_again_by_the_next_run(indexing: Indexing) -> None:
    indexing.run()
    (shard,) = (indexing.settings.data / "vectors").glob("*/*/*.npz")
    content = bytearray(shard.read_bytes())
    content[-len(content) // 3] ^= 255
    shard.write_bytes(content)
    report = indexing.rebuild()
    assert (report.build.damaged, report.build.without_vectors) == ((shard,), STEMS)
    assert indexing.open_indexes().types == {}
    again = indexing.run()
    assert (again.embedded, again.build.without_vectors) == (STEMS, 0)
    assert indexing.open_indexes().manifest.stems == STEMS


def test_a_build_that_a_kill_kept_from_being_noted_is_noted_later(indexing: Indexing) -> None:
    indexing.run()
    settings = replace_database(indexing.settings)
    report = Indexing(indexing.songs, settings).run()
    assert report.embedded == 0
    with open_for_reading(settings) as sessions, sessions() as session:
        assert len(Catalogue(session).builds()) == 1


def test_a_lost_catalogue_is_made_again_from_the_shards_without_embedding(indexing: Indexing) -> None:
    indexing.run()
    before = indexing.records()
    again = Indexing(indexing.songs, replace_database(indexing.settings))
    report = again.run()
    assert (report.embedded, report.recognised) == (0, STEMS)
    assert again.records() == before


def replace_database(settings: Settings) -> Settings:
    """The same data folder with a new, empty database."""
    return settings.model_copy(update={"database_url": f"sqlite:///{settings.data / 'new.db'}"})
