"""Songs in folders: facts beside them, groups, and the split between learning and validation."""

import json
from collections import Counter
from pathlib import Path

import pytest

from audio.stems import StemType
from model.csv_table import BrokenTableError
from model.json_file import BrokenJsonError
from model.songs import HELD_OUT, NoSongsError, Song, find_held_out, find_sides, find_songs, split_songs


def touch(root: Path, *names: str) -> Path:
    """Songs are found by name: the files may be empty."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def song(name: str, group: str | None = None) -> Song:
    return Song(name, group or name, {StemType.DRUMS: (Path("drums.wav"),)})


def test_songs_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{name}/{part}.wav" for name in ("b", "a", "c") for part in ("bass", "drums")))
    assert [found.name for found in find_songs(tmp_path)] == ["a", "b", "c"]


def test_a_song_without_facts_is_its_own_group(tmp_path: Path) -> None:
    found = find_songs(touch(tmp_path, "a/bass.wav", "a/drums.wav"))[0]
    assert (found.group, found.bpm, found.source, found.licence) == ("a", None, "", "")


def test_facts_are_read_from_beside_the_stems(tmp_path: Path) -> None:
    touch(tmp_path, "a/bass.wav", "a/drums.wav")
    facts = {"midi": "tune.mid", "bpm": 96, "source": "folk", "licence": "CC0-1.0", "seed": 3}
    (tmp_path / "a" / "song.json").write_text(json.dumps(facts))
    found = find_songs(tmp_path)[0]
    assert (found.group, found.bpm, found.source, found.licence) == ("tune.mid", 96.0, "folk", "CC0-1.0")


def test_a_renderer_may_name_the_group_whatever_it_rendered(tmp_path: Path) -> None:
    touch(tmp_path, "a/bass.wav", "a/drums.wav")
    (tmp_path / "a" / "song.json").write_text(json.dumps({"group": "tune.xm"}))
    assert find_songs(tmp_path)[0].group == "tune.xm"


@pytest.mark.parametrize(
    ("note", "told"), [("{bad", "not JSON"), ("[1]", "no JSON object"), ('{"bpm": "fast"}', "'fast'")]
)
def test_a_damaged_note_of_a_song_is_named(tmp_path: Path, note: str, told: str) -> None:
    touch(tmp_path, "a/bass.wav", "a/drums.wav")
    (tmp_path / "a" / "song.json").write_text(note)
    with pytest.raises(BrokenJsonError, match=f"a/song.json .*{told}"):
        find_songs(tmp_path)


def test_a_manifest_says_which_songs_share_a_source(tmp_path: Path) -> None:
    touch(
        tmp_path, *(f"{name}/{part}.wav" for name in ("live", "studio", "own") for part in ("bass", "drums"))
    )
    rows = ["song,file,group", "live,live/bass.wav,tune", "studio,studio/bass.wav,tune", "own,own/bass.wav,"]
    (tmp_path / "manifest.csv").write_text("\n".join(rows))
    assert {found.name: found.group for found in find_songs(tmp_path)} == {
        "live": "tune",
        "own": "own",
        "studio": "tune",
    }


def test_a_manifest_about_other_things_is_no_obstacle(tmp_path: Path) -> None:
    touch(tmp_path, "a/bass.wav", "a/drums.wav")
    (tmp_path / "manifest.csv").write_text("file,licence\na/bass.wav,CC0-1.0\n")
    assert find_songs(tmp_path)[0].group == "a"


def test_a_manifest_may_come_from_a_spreadsheet(tmp_path: Path) -> None:
    """Which marks its UTF-8 with three bytes."""
    touch(tmp_path, "ä/bass.wav", "ä/drums.wav")
    (tmp_path / "manifest.csv").write_text("song,group\nä,tune\n", encoding="utf-8-sig")
    assert find_songs(tmp_path)[0].group == "tune"


@pytest.mark.parametrize("table", ["song,group\nA Song,tune\n", "file,group\na/bass.wav,tune\n"])
def test_groups_of_songs_that_are_not_there_are_refused(tmp_path: Path, table: str) -> None:
    touch(tmp_path, "b/bass.wav", "b/drums.wav", "a/bass.wav", "a/drums.wav")
    (tmp_path / "manifest.csv").write_text(table)
    with pytest.raises(BrokenTableError, match=r"names none of the songs here\. .* such as a\."):
        find_songs(tmp_path)


def test_a_manifest_in_another_encoding_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "a/bass.wav", "a/drums.wav")
    (tmp_path / "manifest.csv").write_text("song,group\na,Lied für uns\n", encoding="latin-1")
    with pytest.raises(BrokenTableError, match=r"is not a CSV table in UTF-8\. Save it again"):
        find_songs(tmp_path)


def test_a_song_of_one_type_is_no_song(tmp_path: Path) -> None:
    touch(tmp_path, "loop/drums.wav", "loop/drums-2.wav", "song/drums.wav", "song/bass.wav")
    assert [found.name for found in find_songs(tmp_path)] == ["song"]


def test_more_types_can_be_asked_for(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "two/drums.wav",
        "two/bass.wav",
        *(f"three/{part}.wav" for part in ("drums", "bass", "keys")),
    )
    assert [found.name for found in find_songs(tmp_path, least_types=3)] == ["three"]


def test_a_folder_without_songs_is_refused_with_an_example(tmp_path: Path) -> None:
    touch(tmp_path, "readme.txt", "a/drums.wav")
    with pytest.raises(NoSongsError, match=r"No song with 2 stem types under .*my-song/drums\.wav"):
        find_songs(tmp_path)


def test_a_split_holds_out_about_the_share_asked_for() -> None:
    training, validation = split_songs([song(f"song {number}") for number in range(2000)], 0.1)
    assert len(training) + len(validation) == 2000
    assert len(validation) == pytest.approx(200, abs=40)


def test_a_split_never_cuts_through_a_group() -> None:
    songs = [song(f"{group}-{take}", f"group {group}") for group in range(200) for take in range(3)]
    sides = [{one.group for one in side} for side in split_songs(songs, 0.3)]
    assert all(sides)
    assert not sides[0] & sides[1]


def test_a_song_stays_on_its_side_whatever_comes_beside_it() -> None:
    few = [song(f"song {number}") for number in range(50)]
    many = [song(f"another {number}") for number in range(50)] + few[::-1]
    before, after = ({one.name for one in split_songs(songs, 0.2)[1]} for songs in (few, many))
    assert before == after & {one.name for one in few}


def test_the_split_of_these_names_is_known_for_ever() -> None:
    validation = split_songs([song(f"song-{number:03}") for number in range(40)], 0.08)[1]
    assert [one.name for one in validation] == ["song-001", "song-009", "song-019", "song-037"]


def test_nothing_is_held_out_of_a_share_of_nothing() -> None:
    songs = [song(f"song {number}") for number in range(20)]
    assert split_songs(songs, 0.0) == (songs, [])
    assert split_songs(songs, 1.0) == ([], songs)


def two_stems(root: Path, *songs: str) -> Path:
    return touch(root, *(f"{name}/{part}.wav" for name in songs for part in ("bass", "drums")))


def test_a_data_sets_own_test_songs_are_on_neither_side(tmp_path: Path) -> None:
    songs = ("train/a", "train/song-001", "test/b", "test/c", "more/d", "pack/test/e")
    sides = find_sides(two_stems(tmp_path, *songs), 0.08)
    assert {one.name for one in sides.tests} == {"test/b", "test/c"}
    assert {one.name for one in (*sides.training, *sides.validation)} == {*songs} - {"test/b", "test/c"}


def test_a_data_set_may_lie_in_a_folder_of_its_own(tmp_path: Path) -> None:
    sides = find_sides(two_stems(tmp_path, "musdb18/train/a", "musdb18/test/b", "test/c"), 0.0)
    assert [one.name for one in sides.tests] == ["musdb18/test/b"]


def test_a_folder_called_test_alone_may_be_learned_from(tmp_path: Path) -> None:
    sides = find_sides(two_stems(tmp_path, "test/a", "test/b"), 0.0)
    assert [one.name for one in sides.training] == ["test/a", "test/b"]
    assert sides.tests == []


def test_songs_that_are_all_held_out_leave_nothing_to_learn_from(tmp_path: Path) -> None:
    with pytest.raises(NoSongsError, match=r"All 2 songs under .* are held out.* Add songs\."):
        find_sides(two_stems(tmp_path, "song-001", "song-009"), 0.08)


def test_the_songs_held_out_are_those_that_training_holds_out(tmp_path: Path) -> None:
    songs = two_stems(tmp_path, "song-001", "song-002", "song-009")
    held_out = find_held_out(songs)
    assert [one.name for one in held_out] == ["song-001", "song-009"]
    assert held_out == find_sides(songs, HELD_OUT).validation


def test_a_folder_of_which_nothing_is_held_out_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoSongsError, match=r"No song under .* is held out.* Add songs\."):
        find_held_out(two_stems(tmp_path, "song-002", "song-003"))


def test_types_of_a_song_are_in_the_order_of_the_list(tmp_path: Path) -> None:
    found = find_songs(touch(tmp_path, "a/vocals.wav", "a/bass.wav", "a/drums.wav"))[0]
    assert found.types == (StemType.DRUMS, StemType.BASS, StemType.VOCALS)


def test_every_file_belongs_to_one_song(tmp_path: Path) -> None:
    touch(
        tmp_path, *(f"{name}/{part}.wav" for name in "ab" for part in ("bass", "drums", "keys-1", "keys-2"))
    )
    files = Counter(
        path for found in find_songs(tmp_path) for paths in found.stems.values() for path in paths
    )
    assert len(files) == 8
    assert set(files.values()) == {1}
