"""Broken files are reported by name and reason, and cost no other file."""

import io
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from audio.stems import StemType
from indexer.check import check_library
from indexer.report import print_report
from indexer.run import index_library
from library.settings import Settings
from tests.data import development_data
from tests.fakes import FakeEmbedder
from tests.indexer.indexing import Indexing

# What is there of their sound can be read, and how long it would be by their headers.
CUT_SHORT = {"truncated.mp3": "Only 0.5 of the 12.0 s", "data_size_lie.wav": "Only 1.0 of the 24347."}


@pytest.mark.development_data
@pytest.mark.parametrize("workers", [0, 2])
def test_every_broken_file_is_reported_and_all_others_are_indexed(
    songs: Path, tmp_path: Path, workers: int
) -> None:
    broken = development_data() / "formats" / "broken"
    shutil.copytree(broken, songs / "broken")
    console = Console(record=True, width=400, file=io.StringIO())
    settings = Settings(data=tmp_path / "data", database_url=None)
    report = index_library(
        [songs], settings, FakeEmbedder(), console, given_type=StemType.OTHER, workers=workers
    )
    failed = {each.path.name: each.reason for each in report.failures}
    noted = {each.path.name: each.reason for each in report.notes}
    assert failed.keys() == {path.name for path in broken.iterdir()} - CUT_SHORT.keys()
    assert noted.keys() == CUT_SHORT.keys()
    assert all(reason in noted[name] for name, reason in CUT_SHORT.items())
    print_report(report, console)
    said = console.export_text()
    assert all(name in said and reason in said for name, reason in {**failed, **noted}.items())
    assert report.embedded == len(list(songs.rglob("song-*/*.wav"))) + 2
    assert check_library(settings) == []


def test_a_broken_file_is_not_read_again_until_it_changes(indexing: Indexing) -> None:
    path = indexing.songs / "song-00" / "guitar.wav"
    path.write_text("this is text, not sound")
    first, second = indexing.run(), indexing.run()
    assert (
        [failure.path for failure in first.failures]
        == [failure.path for failure in second.failures]
        == [path]
    )
    path.write_bytes((indexing.songs / "song-00" / "bass.wav").read_bytes())
    assert indexing.run().failures == ()


def test_a_wav_that_lost_half_of_its_sound_is_indexed_as_far_as_it_goes_and_named(indexing: Indexing) -> None:
    path = indexing.songs / "song-00" / "bass.wav"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    report = indexing.run()
    assert report.failures == ()
    (note,) = report.notes
    assert note.path == path
    assert "that its header announces" in note.reason


def test_a_file_that_lost_little_of_its_end_is_not_worth_a_word(indexing: Indexing) -> None:
    path = indexing.songs / "song-00" / "bass.wav"
    path.write_bytes(path.read_bytes()[:-20_000])
    report = indexing.run()
    assert report.failures == ()
    assert report.notes == ()
