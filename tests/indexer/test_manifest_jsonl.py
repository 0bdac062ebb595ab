"""A manifest of JSON lines says the same as a table."""

import json
from pathlib import Path

import pytest

from audio.stems import StemType
from indexer.manifest import read_manifest
from indexer.manifest_row import ManifestCsvError, ManifestRow


def write(folder: Path, *lines: object) -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / "manifest.jsonl").write_text(text + "\n", encoding="utf-8")
    return folder


def test_everything_in_a_line_is_read(tmp_path: Path) -> None:
    line = {
        "path": "a/bass.wav", "type": "bass", "song": "Blue", "tempo": 96.5, "key": "Am", "licence": "CC0",
        "tags": ["Dry", "dry", " sub "], "mood": "blue",
    }  # fmt: skip
    rows = read_manifest(write(tmp_path, line))
    assert rows[tmp_path / "a/bass.wav"] == [
        ManifestRow(StemType.BASS, None, "Blue", "CC0", ("dry", "sub"), 96.5, "Am", None)
    ]


def test_what_is_left_out_or_null_says_nothing(tmp_path: Path) -> None:
    rows = read_manifest(write(tmp_path, {"file": "a.wav", "bpm": None, "tags": None}, ""))
    assert rows[tmp_path / "a.wav"] == [ManifestRow(None, None, None, None, (), None, None, None)]


def test_of_two_lines_on_one_file_the_last_counts(tmp_path: Path) -> None:
    rows = read_manifest(write(tmp_path, {"file": "a.wav", "bpm": 90}, {"file": "a.wav", "bpm": 120}))
    assert [row.bpm for row in rows[tmp_path / "a.wav"]] == [120.0]


def test_lines_on_other_channels_all_count(tmp_path: Path) -> None:
    lines = [{"file": "a.wav", "type": name, "channels": at} for name, at in (("drums", "1-2"), ("bass", 3))]
    rows = read_manifest(write(tmp_path, *lines))
    assert [(row.type, row.channels) for row in rows[tmp_path / "a.wav"]] == [
        (StemType.DRUMS, (1, 2)),
        (StemType.BASS, (3, 3)),
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{broken", "line 2: this is not JSON"),
        ("[1, 2]", "not a JSON object"),
        ({"type": "bass"}, 'there is no "file"'),
        ({"file": "a.wav", "bpm": "fast"}, "'fast' is not a tempo"),
        ({"file": "a.wav", "channels": "0-1"}, "'0-1' are no range"),
        ({"file": "a.wav", "channels": "4-3"}, "are no range"),
        ({"file": "a.wav", "channels": "left"}, "are no range"),
    ],
)
def test_a_line_that_cannot_be_followed_is_refused_with_its_place(
    tmp_path: Path, line: object, told: str
) -> None:
    with pytest.raises(ManifestCsvError, match=told):
        read_manifest(write(tmp_path, {"file": "fine.wav"}, line))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.jsonl").write_bytes(b'{"file": "\xff.wav"}\n')
    with pytest.raises(ManifestCsvError, match="UTF-8"):
        read_manifest(tmp_path)


def test_a_library_without_a_manifest_has_no_rows(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) == {}


@pytest.mark.parametrize("text", ["half \\ud83c", "nothing \\u0000"])
def test_text_that_no_database_takes_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.jsonl").write_text(f'{{"file": "a.wav"}}\n{{"file": "b.wav", "song": "{text}"}}\n')
    with pytest.raises(ManifestCsvError, match=r"line 2: the song .* is damaged"):
        read_manifest(tmp_path)


def test_names_are_read_however_they_are_written(tmp_path: Path) -> None:
    rows = read_manifest(write(tmp_path, {"File": "a.wav", " Type ": "bass", "mood": "blue"}))
    (row,) = rows[tmp_path / "a.wav"]
    assert (row.type, row.not_understood) == (StemType.BASS, ("mood",))


@pytest.mark.parametrize("line", ["[" * 100_000, '{"file": ' + "[" * 100_000])
def test_what_is_nested_without_end_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    with pytest.raises(ManifestCsvError, match="line 1: this is not JSON"):
        read_manifest(write(tmp_path, line))


def test_a_whole_path_may_lead_through_a_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert read_manifest(write(tmp_path, {"file": f"{tmp_path}/loop/a.wav"}))
