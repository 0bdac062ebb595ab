"""Indexing brings the library in line with the files: once, whatever was done before."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from audio.stems import StemType
from indexer.opening import open_for_reading
from indexer.run import index_library
from indexer.scan import NoAudioError
from indexer.stopping import IndexingStoppedError, Stop
from library.catalogue import Catalogue
from library.settings import Settings
from tests.fakes import FakeEmbedder
from tests.indexer.conftest import STEMS
from tests.indexer.indexing import Indexing
from tests.songs import mix_waveform, stem_waveform, write_songs, write_stem


def test_every_stem_is_embedded_and_published(indexing: Indexing) -> None:
    report = indexing.run()
    assert (report.embedded, report.unchanged, report.failures, report.skipped) == (STEMS, 0, (), ())
    assert {each: facts.stems for each, facts in indexing.open_indexes().types.items()} == {
        StemType.DRUMS: 2,
        StemType.BASS: 2,
        StemType.KEYS: 2,
    }


@pytest.mark.parametrize("song", [0, 1])
@pytest.mark.parametrize("stem_type", [StemType.DRUMS, StemType.BASS])
def test_a_mix_finds_the_stem_that_was_left_out(indexing: Indexing, song: int, stem_type: StemType) -> None:
    indexing.run()
    assert indexing.best_songs(song, stem_type)[0] == f"song-{song:02}"


def test_a_second_run_reads_nothing_and_publishes_nothing(indexing: Indexing) -> None:
    first = indexing.run()
    embedded = indexing.embedder.embedded_windows
    second = indexing.run()
    assert (second.embedded, second.recognised, second.unchanged) == (0, 0, STEMS)
    assert indexing.embedder.embedded_windows == embedded
    assert second.build.manifest == first.build.manifest
    assert (first.build.is_new, second.build.is_new) == (True, False)


def test_a_touched_file_is_not_embedded_again(indexing: Indexing) -> None:
    indexing.run()
    os.utime(indexing.songs / "song-00/bass.wav", (1, 1))
    report = indexing.run()
    assert (report.embedded, report.recognised, report.build.is_new) == (0, 1, False)
    assert indexing.run().unchanged == STEMS


def test_a_changed_file_is_embedded_again_and_replaces_the_old_stem(indexing: Indexing) -> None:
    indexing.run()
    before = indexing.records()["song-00/bass.wav"]
    write_stem(before.path, stem_waveform(5, StemType.BASS, 12.0))
    report = indexing.run()
    after = indexing.records()["song-00/bass.wav"]
    assert (report.embedded, report.build.is_new) == (1, True)
    assert after.id != before.id
    assert after.seconds == 12.0


def test_a_new_file_alone_is_embedded(indexing: Indexing) -> None:
    indexing.run()
    write_stem(indexing.songs / "song-02/bass.wav", stem_waveform(2, StemType.BASS, 10.0))
    report = indexing.run()
    assert (report.embedded, report.unchanged) == (1, STEMS)
    assert indexing.best_songs(2, StemType.BASS)[0] == "song-02"


def test_a_deleted_file_leaves_the_next_build(indexing: Indexing) -> None:
    indexing.run()
    (indexing.songs / "song-00/bass.wav").unlink()
    report = indexing.run()
    assert (report.gone, report.build.is_new) == (1, True)
    assert indexing.open_indexes().types[StemType.BASS].stems == 1


def test_a_renamed_file_is_recognised(indexing: Indexing) -> None:
    indexing.run()
    (indexing.songs / "song-00").rename(indexing.songs / "song-99")
    report = indexing.run()
    assert (report.embedded, report.recognised, report.gone) == (0, 3, 3)
    assert indexing.best_songs(0, StemType.BASS)[0] == "song-99"


def test_a_copy_is_another_place_of_the_same_stem(indexing: Indexing) -> None:
    original, copy = indexing.songs / "song-00/bass.wav", indexing.songs / "song-07/bass.wav"
    copy.parent.mkdir()
    copy.write_bytes(original.read_bytes())
    report = indexing.run()
    assert (report.embedded, report.recognised) == (STEMS, 1)
    assert indexing.records()["song-00/bass.wav"].paths == (original, copy)
    assert indexing.best_songs(0, StemType.BASS).count("song-00") == 1
    original.unlink()
    assert (indexing.run().gone, len(indexing.records())) == (1, STEMS)
    assert indexing.best_songs(0, StemType.BASS)[0] == "song-07"


def test_a_renamed_stem_keeps_its_number_and_is_not_listened_to_again(indexing: Indexing) -> None:
    indexing.run()
    before = indexing.records()["song-00/bass.wav"]
    before.path.rename(before.path.with_name("sub bass.wav"))
    report = indexing.run()
    after = indexing.records()["song-00/sub bass.wav"]
    assert (after.number, after.id, after.loudness) == (before.number, before.id, before.loudness)
    assert (report.recognised, report.build.is_new) == (1, False)


def test_a_file_that_comes_back_is_not_embedded_again(indexing: Indexing) -> None:
    path = indexing.songs / "song-00/bass.wav"
    indexing.run()
    away = path.rename(path.with_suffix(".away"))
    indexing.run()
    away.rename(path)
    assert (indexing.run().embedded, len(indexing.records())) == (0, STEMS)


def test_a_broken_file_is_reported_and_stops_nothing(indexing: Indexing) -> None:
    (indexing.songs / "song-00/bass.wav").write_text("not sound")
    report = indexing.run()
    assert report.embedded == STEMS - 1
    assert [failure.path.name for failure in report.failures] == ["bass.wav"]
    assert "song-00/bass.wav" not in indexing.records()


def test_a_broken_file_is_reported_again_but_not_read_until_it_changes(indexing: Indexing) -> None:
    path = indexing.songs / "song-00/bass.wav"
    sound = path.read_bytes()
    path.write_text("not sound")
    first, second = indexing.run(), indexing.run()
    assert (second.failures, second.build.is_new) == (first.failures, False)
    path.write_bytes(sound)
    third = indexing.run()
    assert (third.embedded, third.failures) == (1, ())


def test_mixes_are_skipped(indexing: Indexing) -> None:
    write_stem(indexing.songs / "song-00/mix.wav", mix_waveform(0, StemType.BASS, 10.0))
    report = indexing.run()
    assert [(each.path.name, each.reason[:7]) for each in report.skipped] == [("mix.wav", "no type")]


def test_a_given_type_holds_in_later_runs(indexing: Indexing) -> None:
    path = write_stem(indexing.songs / "song-00/one.wav", stem_waveform(0, StemType.STRINGS, 10.0))
    indexing.run(given_type=StemType.STRINGS)
    report = indexing.run()
    assert (report.unchanged, report.gone, report.skipped) == (STEMS + 1, 0, ())
    assert indexing.records()[f"song-00/{path.name}"].type == StemType.STRINGS


def test_a_manifest_that_comes_later_changes_the_type_without_reading_the_file(indexing: Indexing) -> None:
    indexing.run()
    embedded = indexing.embedder.embedded_windows
    (indexing.songs / "manifest.csv").write_text("file,type,licence\nsong-00/bass.wav,synth,CC0\n")
    report = indexing.run()
    record = indexing.records()["song-00/bass.wav"]
    assert (record.type, record.type_source, record.licence) == (StemType.SYNTH, "manifest", "CC0")
    assert (report.build.is_new, indexing.embedder.embedded_windows) == (True, embedded)
    assert indexing.open_indexes().types[StemType.SYNTH].stems == 1


def test_a_song_that_is_indexed_again_alone_keeps_what_the_manifest_says_of_it(indexing: Indexing) -> None:
    header = "file,licence,tags,bpm\n"
    (indexing.songs / "manifest.csv").write_text(f"{header}song-00/bass.wav,CC0,dry,96\n")
    indexing.run()
    before = indexing.records()
    report = indexing.run(indexing.songs / "song-00")
    assert (report.unchanged, report.gone, report.build.is_new) == (STEMS // 2, 0, False)
    assert indexing.records() == before
    assert before["song-00/bass.wav"].licence == "CC0"


def test_another_folder_is_added_and_the_first_one_stays(indexing: Indexing, tmp_path: Path) -> None:
    indexing.run()
    write_songs(tmp_path / "more", songs=1, seconds=9.0)
    report = indexing.run(tmp_path / "more")
    assert (report.embedded, report.gone) == (3, 0)
    assert indexing.open_indexes().manifest.stems == STEMS + 3


def test_one_file_can_be_indexed_alone(indexing: Indexing) -> None:
    report = indexing.run(indexing.songs / "song-00/bass.wav")
    assert report.embedded == 1
    assert list(indexing.records()) == ["song-00/bass.wav"]
    assert indexing.run().unchanged == 1


def test_an_emptied_folder_is_refused_and_nothing_is_lost(indexing: Indexing) -> None:
    indexing.run()
    for path in indexing.songs.glob("*/*.wav"):
        path.unlink()
    with pytest.raises(NoAudioError):
        indexing.run()
    assert len(indexing.records()) == STEMS


def test_the_folder_of_uploads_may_be_named_before_there_are_any(indexing: Indexing) -> None:
    uploads = indexing.settings.uploads
    assert indexing.run(indexing.songs, uploads).embedded == STEMS
    (uploads / "0123").mkdir(parents=True)
    assert indexing.run(indexing.songs, uploads).unchanged == STEMS
    write_stem(uploads / "0123/bass.wav", stem_waveform(5, StemType.BASS, 9.0))
    assert indexing.run(indexing.songs, uploads).embedded == 1
    assert indexing.run(uploads).unchanged == 1


def test_uploads_that_are_away_lose_nothing(indexing: Indexing) -> None:
    path = write_stem(indexing.settings.uploads / "0123/bass.wav", stem_waveform(5, StemType.BASS, 9.0))
    indexing.run(indexing.settings.uploads)
    path.unlink()
    assert indexing.run(indexing.settings.uploads).gone == 0
    assert list(indexing.records()) == ["0123/bass.wav"]


def test_a_folder_in_which_every_file_is_broken_publishes_nothing(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "bass.wav").write_text("not sound")
    report = Indexing(tmp_path, settings).run()
    assert report.build.manifest is None
    assert not (settings.data / "current").exists()


def test_a_requested_stop_keeps_what_was_done(indexing: Indexing) -> None:
    embedder = FakeEmbedder()
    stop = Stop(lambda: embedder.embedded_windows > 2)
    with pytest.raises(IndexingStoppedError, match="goes on"):
        index_library([indexing.songs], indexing.settings, embedder, Console(quiet=True), stop=stop)
    assert not (indexing.settings.data / "current").exists()
    kept = len(indexing.records())
    assert 0 < kept < STEMS
    report = indexing.run()
    assert (report.unchanged, report.embedded) == (kept, STEMS - kept)


def test_a_build_is_stamped_with_the_given_time_and_noted(indexing: Indexing) -> None:
    index_library(
        [indexing.songs],
        indexing.settings,
        indexing.embedder,
        Console(quiet=True),
        clock=lambda: datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
    )
    assert indexing.open_indexes().build.startswith("20261123T120000-")
    with open_for_reading(indexing.settings) as sessions, sessions() as session:
        (build,) = Catalogue(session).builds()
    assert (build.id, build.stems, build.vectors) == (indexing.open_indexes().build, STEMS, 2 * STEMS)
