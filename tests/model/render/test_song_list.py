from pathlib import Path

import pytest

from model.csv_table import BrokenTableError
from model.render.song_list import list_songs

COLUMNS = ("file", "source", "licence")


def test_files_are_listed_with_the_folder_as_their_source(tmp_path: Path) -> None:
    folder = tmp_path / "music"
    (folder / "a").mkdir(parents=True)
    for name in ("b.xm", "a/c.XM", "d.txt"):
        (folder / name).touch()
    assert list_songs(folder, {".xm"}, COLUMNS) == [
        {"file": "a/c.XM", "source": "music", "licence": ""},
        {"file": "b.xm", "source": "music", "licence": ""},
    ]


def test_an_index_counts_instead_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "unlisted.xm").touch()
    (tmp_path / "index.csv").write_text("file,source,licence,more\na.xm,ours,MIT,1\n")
    assert list_songs(tmp_path, {".xm"}, COLUMNS) == [
        {"file": "a.xm", "source": "ours", "licence": "MIT", "more": "1"}
    ]


@pytest.mark.parametrize("index", ["file,source\na.xm,ours\n", "file,source,licence\na.xm,ours\n"])
def test_an_index_that_lacks_something_is_refused_in_words(tmp_path: Path, index: str) -> None:
    (tmp_path / "index.csv").write_text(index)
    with pytest.raises(BrokenTableError, match=r"lacks licence of a song\. Give each song file, source, lic"):
        list_songs(tmp_path, {".xm"}, COLUMNS)
