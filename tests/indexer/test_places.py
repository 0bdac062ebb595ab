"""Places are found, and called as the catalogue calls them, or refused in a sentence."""

import os
from pathlib import Path

import pytest

from indexer.places import PathNameError, PathNotFoundError, find_places, leave_out_empty, resolve_places


def test_a_missing_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PathNotFoundError, match="Check the path"):
        find_places([tmp_path, tmp_path / "nothing"])


def test_places_are_absolute_and_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to("a")
    monkeypatch.chdir(tmp_path)
    assert find_places([Path("a"), Path("link")]) == [tmp_path / "a", tmp_path / "a"]


def test_a_link_that_leads_back_to_itself_is_not_found(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(PathNotFoundError, match="Check the path"):
        find_places(leave_out_empty([loop], tmp_path / "uploads"))
    assert resolve_places([loop]) == [loop]


def test_a_name_that_no_database_takes_is_refused(tmp_path: Path) -> None:
    place = tmp_path / os.fsdecode(b"bad\xff")
    place.mkdir()
    for find in (find_places, resolve_places):
        with pytest.raises(PathNameError, match="not valid UTF-8"):
            find([place])


def test_the_inbox_is_left_out_while_it_holds_nothing(tmp_path: Path) -> None:
    inbox = tmp_path / "uploads"
    assert leave_out_empty([tmp_path, inbox], inbox) == [tmp_path]
    inbox.mkdir()
    (inbox / "bass.wav").touch()
    assert leave_out_empty([tmp_path, inbox], inbox) == [tmp_path, inbox]
