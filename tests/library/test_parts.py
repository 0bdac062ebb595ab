"""Parts of files are kept whole or not at all, by their stem's id."""

from pathlib import Path

import pytest

from library.parts import PARTS, find_dead_parts, find_part, keep_part

FIRST, SECOND = "a" * 16, "b" * 16


def make(folder: Path) -> Path:
    path = folder / "part.wav"
    path.write_bytes(b"sound")
    return path


def test_what_was_kept_is_found_by_the_stems_id(tmp_path: Path) -> None:
    assert find_part(tmp_path, FIRST) is None
    kept = keep_part(tmp_path, FIRST, make)
    assert kept == tmp_path / PARTS / f"{FIRST}.wav"
    assert (find_part(tmp_path, FIRST), find_part(tmp_path, SECOND)) == (kept, None)
    assert kept.read_bytes() == b"sound"


def test_of_what_could_not_be_made_nothing_is_kept(tmp_path: Path) -> None:
    def break_off(folder: Path) -> Path:
        make(folder)
        raise OSError("The disk is full.")

    with pytest.raises(OSError, match="full"):
        keep_part(tmp_path, FIRST, break_off)
    assert list((tmp_path / PARTS).iterdir()) == []


def test_parts_of_other_stems_than_the_living_are_dead(tmp_path: Path) -> None:
    assert find_dead_parts(tmp_path, {FIRST}) == []
    keep_part(tmp_path, FIRST, make)
    dead = keep_part(tmp_path, SECOND, make)
    (tmp_path / PARTS / "being-made").mkdir()
    assert find_dead_parts(tmp_path, {FIRST}) == [dead]
