"""Tables as people save them."""

from pathlib import Path

import pytest

from model.csv_table import BrokenTableError, read_rows, write_rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_rows_are_read_with_excels_mark_or_without(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "manifest.csv"
    path.write_text('song,group\nFür Elise,"one, two"\n', encoding=encoding)
    assert read_rows(path) == [{"song": "Für Elise", "group": "one, two"}]


def test_an_empty_table_has_no_rows(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").touch()
    assert read_rows(tmp_path / "manifest.csv") == []


def test_another_encoding_is_said_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "manifest.csv"
    path.write_bytes("song\nFür Elise\n".encode("latin-1"))
    with pytest.raises(BrokenTableError, match=r"manifest\.csv is not a CSV table in UTF-8\. Save it again"):
        read_rows(path)


def test_a_table_that_is_written_again_is_read_as_the_last(tmp_path: Path) -> None:
    table = tmp_path / "index.csv"
    for name in ("für Elise", "two, or three"):
        write_rows(table, ["file", "note"], [{"file": "a.mid", "note": name}])
    assert read_rows(table) == [{"file": "a.mid", "note": "two, or three"}]
    assert [path.name for path in tmp_path.iterdir()] == ["index.csv"]


def test_a_table_that_cannot_be_written_whole_stays_as_it_was(tmp_path: Path) -> None:
    table = tmp_path / "index.csv"
    write_rows(table, ["file"], [{"file": "a.mid"}])
    with pytest.raises(ValueError, match="fieldnames"):
        write_rows(table, ["file"], [{"file": "b.mid"}, {"name": "c.mid"}])
    assert read_rows(table) == [{"file": "a.mid"}]
