"""What is not walked into: the service's own folder, what is hidden, and what is no file."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.scan import NoAudioError, Scan, scan_places
from tests.indexer.indexing import Indexing
from tests.indexer.test_scan import names, scan, touch


def scan_beside_data(place: Path, data: Path) -> Scan:
    return scan_places([place], lambda _path, _part: None, data=data)


def test_of_the_data_folder_uploads_alone_are_stems(tmp_path: Path) -> None:
    touch(tmp_path, "song/drums.wav", "data/parts/1-bass.wav", "data/keys.wav", "data/uploads/a/bass.wav")
    (tmp_path / "data/current").symlink_to(tmp_path / "data/parts")
    result = scan_beside_data(tmp_path, tmp_path / "data")
    assert names(result) == ["bass.wav", "drums.wav"]
    assert result.skipped == []


def test_the_data_folder_is_known_by_another_name_as_well(tmp_path: Path) -> None:
    touch(tmp_path, "song/drums.wav", "data/parts/bass.wav")
    (tmp_path / "link").symlink_to(tmp_path / "data")
    assert names(scan_beside_data(tmp_path, tmp_path / "link")) == ["drums.wav"]


def test_the_data_folder_itself_is_no_folder_of_stems(tmp_path: Path) -> None:
    touch(tmp_path, "data/parts/bass.wav")
    with pytest.raises(NoAudioError, match="the library's own folder"):
        scan_beside_data(tmp_path / "data", tmp_path / "data")


def test_a_named_folder_below_the_data_folder_is_looked_at(tmp_path: Path) -> None:
    touch(tmp_path, "data/songs/drums.wav")
    assert names(scan_beside_data(tmp_path / "data/songs", tmp_path / "data")) == ["drums.wav"]


def test_parts_that_the_service_keeps_are_not_indexed_again(indexing: Indexing) -> None:
    kept = indexing.settings.data / "parts/bass.wav"
    kept.parent.mkdir(parents=True)
    kept.write_bytes((indexing.songs / "song-00/bass.wav").read_bytes())
    indexing.run(indexing.settings.data.parent)
    assert all(kept not in record.paths for record in indexing.records().values())


@pytest.mark.parametrize("name", ["pipe.wav", "pipe.stem.mp4"])
def test_nobody_waits_for_what_is_no_regular_file(tmp_path: Path, name: str) -> None:
    touch(tmp_path, "a/drums.wav")
    os.mkfifo(tmp_path / name)
    for result in (scan(tmp_path), scan(tmp_path / name)):
        assert [(each.path.name, each.reason) for each in result.skipped] == [(name, "it is no regular file")]


HIDE: dict[str, Callable[[Indexing], Path]] = {
    "a folder": lambda indexing: indexing.songs.rename(indexing.songs.with_name(".songs")),
    "a file": lambda indexing: (indexing.songs / "song-00/bass.wav").rename(indexing.songs / ".bass.wav"),
}


@pytest.mark.parametrize("hide", HIDE.values(), ids=HIDE.keys())
def test_what_was_indexed_and_is_hidden_in_another_place_is_not_gone(
    indexing: Indexing, hide: Callable[[Indexing], Path]
) -> None:
    hidden = hide(indexing)
    indexing.run(hidden)
    before = indexing.records()
    touch(hidden.parent, "more/drums.wav")
    report = indexing.run(hidden.parent)
    assert report.gone == 0
    assert indexing.records().items() >= before.items()
    assert report.is_complete


def test_what_is_gone_from_a_hidden_place_that_is_named_is_gone(tmp_path: Path) -> None:
    touch(tmp_path, "drums.wav", ".secret/bass.wav")
    gone, unknown = tmp_path / ".secret/gone.wav", tmp_path / ".other/gone.wav"
    touch(tmp_path, ".other/x.wav")
    assert scan(tmp_path).find_unknown([gone, unknown]) == {gone, unknown}
    assert scan(tmp_path, tmp_path / ".secret").find_unknown([gone, unknown]) == {unknown}
