"""Folders in which the same songs are rendered otherwise."""

import json
from pathlib import Path

import pytest

from model.evaluation.sensitivity_variants import Change, MismatchedVariantError, find_variants
from model.songs import NoSongsError
from tests.model.multitracks import write_song


def write(root: Path, names: str = "abc", transpose: float = 0, stretch: float = 1.0) -> Path:
    for number, name in enumerate(names):
        folder = write_song(root / name, number, seconds=1.0)
        (folder / "song.json").write_text(json.dumps({"transpose": transpose, "stretch": stretch}))
    return root


def test_what_was_changed_is_read_from_the_songs(tmp_path: Path) -> None:
    folders = [
        write(tmp_path / "x", transpose=2),
        write(tmp_path / "y", stretch=1.25),
        write(tmp_path / "z", transpose=-3),
    ]
    found = find_variants(write(tmp_path / "plain"), folders)
    assert list(found.changed) == [Change("stretch", 1.25), Change("transpose", -3), Change("transpose", 2)]
    for songs in found.changed.values():
        assert [song.name for song in songs] == [song.name for song in found.songs] == ["a", "b", "c"]
    up_two = found.changed[Change("transpose", 2)][0]
    assert next(iter(up_two.stems.values()))[0].parent == tmp_path / "x" / "a"


def test_no_folders_are_no_variants(tmp_path: Path) -> None:
    found = find_variants(write(tmp_path / "plain"), [])
    assert len(found.songs) == 3
    assert found.changed == {}


def test_songs_without_notes_can_be_tried_without_variants(tmp_path: Path) -> None:
    write_song(tmp_path / "recorded", 0, seconds=1.0)
    assert [song.name for song in find_variants(tmp_path, []).songs] == ["recorded"]


def test_a_change_is_relative_to_the_original(tmp_path: Path) -> None:
    plain = write(tmp_path / "plain", transpose=2, stretch=1.1)
    found = find_variants(
        plain,
        [write(tmp_path / "x", transpose=1, stretch=1.1), write(tmp_path / "y", transpose=2, stretch=0.99)],
    )
    assert list(found.changed) == [Change("stretch", 0.9), Change("transpose", -1)]


def test_only_songs_that_are_in_every_folder_are_tried(tmp_path: Path) -> None:
    folders = [write(tmp_path / "x", "abd", transpose=1), write(tmp_path / "y", "bce", transpose=2)]
    found = find_variants(write(tmp_path / "plain", "abcd"), folders)
    assert [song.name for song in found.songs] == ["b"]


def test_a_folder_with_other_songs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MismatchedVariantError, match="holds none of the songs"):
        find_variants(write(tmp_path / "plain"), [write(tmp_path / "x", "xyz", transpose=1)])


def test_folders_that_share_no_song_with_each_other_are_refused(tmp_path: Path) -> None:
    folders = [write(tmp_path / "x", "a", transpose=1), write(tmp_path / "y", "b", transpose=2)]
    with pytest.raises(MismatchedVariantError, match="No song is in every folder"):
        find_variants(write(tmp_path / "plain"), folders)


@pytest.mark.parametrize(("transpose", "stretch"), [(0, 1.0), (2, 1.1)])
def test_a_folder_must_be_changed_in_exactly_one_way(tmp_path: Path, transpose: int, stretch: float) -> None:
    folder = write(tmp_path / "x", transpose=transpose, stretch=stretch)
    with pytest.raises(MismatchedVariantError, match="either transposed or stretched"):
        find_variants(write(tmp_path / "plain"), [folder])


def test_songs_changed_by_different_amounts_are_refused(tmp_path: Path) -> None:
    folder = write(write(tmp_path / "x", "a", transpose=1), "b", transpose=2)
    with pytest.raises(MismatchedVariantError, match="not all changed alike"):
        find_variants(write(tmp_path / "plain"), [folder])


def test_the_same_change_twice_is_refused(tmp_path: Path) -> None:
    folders = [write(tmp_path / "x", transpose=1), write(tmp_path / "y", transpose=1)]
    with pytest.raises(MismatchedVariantError, match="second folder with transpose 1"):
        find_variants(write(tmp_path / "plain"), folders)


@pytest.mark.parametrize("note", ["", "{}", '{"transpose": 1}', '{"transpose": "up", "stretch": 1}'])
def test_a_variant_that_does_not_say_what_it_is_is_refused(tmp_path: Path, note: str) -> None:
    folder = write(tmp_path / "x", transpose=1)
    (folder / "a" / "song.json").write_text(note or "{}")
    with pytest.raises(MismatchedVariantError, match="does not say how the song was rendered"):
        find_variants(write(tmp_path / "plain"), [folder])


def test_a_folder_without_songs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(NoSongsError):
        find_variants(write(tmp_path / "plain"), [tmp_path / "x"])
