"""A manifest above the indexed place counts if it is about the place, and does no harm if it is not."""

from pathlib import Path

import pytest

from indexer.manifest_row import ManifestCsvError
from tests.indexer.test_scan import scan, touch

UNFOLLOWABLE = [
    b"path,bpm\nelsewhere/x.wav,unknown\n",
    "file,type\nCafé/x.wav,bass\n".encode("latin-1"),
    "file,song\nelsewhere/x.wav,{}\n".format("x" * 3_500).encode(),
    b"name,size\nx,1\n",
    b"\0\0\0",
]


@pytest.mark.parametrize("content", ["file,licence\nsong-a/bass.wav,CC0\n", "sku,price\n1,2\n", "file\n", ""])
def test_a_manifest_above_that_says_nothing_of_a_folder_is_none_of_its(tmp_path: Path, content: str) -> None:
    touch(tmp_path, "lib/song-b/drums.wav")
    (tmp_path / "lib/manifest.csv").write_text(content)
    (stem,) = scan(tmp_path / "lib/song-b").stems
    assert (stem.entry.song, stem.entry.root) == ("song-b", tmp_path / "lib/song-b")


@pytest.mark.parametrize("content", UNFOLLOWABLE)
@pytest.mark.parametrize("place", ["lib/song-a", "lib/song-a/drums.wav"])
def test_a_manifest_above_about_something_else_is_passed_over(
    tmp_path: Path, place: str, content: bytes
) -> None:
    touch(tmp_path, "lib/song-a/drums.wav")
    (tmp_path / "lib/manifest.csv").write_bytes(content)
    (stem,) = scan(tmp_path / place).stems
    assert stem.entry.song == "song-a"


@pytest.mark.parametrize("place", ["song-a", "song-a/drums.wav"])
@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("manifest.csv", "file,bpm\nsong-a/drums.wav,fast\n", "not a tempo"),
        ("manifest.csv", "file,bpm\nelse.wav,fast\nsong-a/drums.wav,\n", "not a tempo"),
        ("manifest.csv", "file,song\nsong-a/drums.wav,Caf\udce9\n", "UTF-8"),
        ("manifest.jsonl", '{broken\n{"file": "song-a/drums.wav"}\n', "line 1: this is not JSON"),
    ],
)
def test_a_manifest_above_that_is_about_the_place_and_cannot_be_followed_stops_the_scan(
    tmp_path: Path, place: str, name: str, content: str, told: str
) -> None:
    touch(tmp_path, "lib/song-a/drums.wav")
    (tmp_path / "lib" / name).write_text(content, errors="surrogateescape")
    with pytest.raises(ManifestCsvError, match=told):
        scan(tmp_path / "lib" / place)
