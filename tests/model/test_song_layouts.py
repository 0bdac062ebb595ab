"""The layouts in which multitracks come."""

from pathlib import Path

import pytest

from audio.layouts import AUDIO_SUFFIXES
from audio.stems import StemType
from model.songs import Song, find_songs
from tests.model.test_songs import touch

UUID = "1a2b3c4d-bd07-4e5f-8a9b-0c1d2e3f4a5b"
OTHER_UUID = "ffffffff-aaaa-4bbb-8ccc-dddddddddddd"


def only_song(root: Path) -> Song:
    found = find_songs(root)
    assert len(found) == 1
    return found[0]


def files(song: Song) -> dict[str, list[str]]:
    return {str(stem_type): [path.name for path in paths] for stem_type, paths in song.stems.items()}


def test_plain_folders_of_types(tmp_path: Path) -> None:
    song = only_song(touch(tmp_path, "a/drums.opus", "a/drums-2.opus", "a/keys.flac", "a/notes.txt"))
    assert files(song) == {"drums": ["drums-2.opus", "drums.opus"], "keys": ["keys.flac"]}


def test_what_people_call_their_stems(tmp_path: Path) -> None:
    song = only_song(touch(tmp_path, "a/01 Kick.wav", "a/02 Snare.wav", "a/03 E Gtr.wav", "a/04 LeadVox.wav"))
    assert files(song) == {
        "drums": ["01 Kick.wav", "02 Snare.wav"],
        "vocals": ["04 LeadVox.wav"],
        "guitar": ["03 E Gtr.wav"],
    }


def test_musdb18(tmp_path: Path) -> None:
    parts = ("mixture", "drums", "bass", "other", "vocals")
    touch(
        tmp_path,
        *(f"{side}/Artist - Title {side}/{part}.wav" for side in ("train", "test") for part in parts),
    )
    songs = find_songs(tmp_path)
    assert [song.name for song in songs] == ["test/Artist - Title test", "train/Artist - Title train"]
    assert [set(song.types) for song in songs] == [{"drums", "bass", "other", "vocals"}] * 2


def test_moisesdb(tmp_path: Path) -> None:
    touch(
        tmp_path,
        *(f"song/{part}/{UUID}.wav" for part in ("bass", "other_plucked", "bowed_strings", "vocals")),
    )
    touch(
        tmp_path, f"song/bass/{OTHER_UUID}.wav", f"song/other_keys/{UUID}.wav", f"song/percussion/{UUID}.wav"
    )
    song = only_song(tmp_path)
    assert song.name == "song"
    assert set(song.types) == {"drums", "bass", "vocals", "guitar", "keys", "strings"}
    assert len(song.stems[StemType.BASS]) == 2


def test_slakh(tmp_path: Path) -> None:
    root = touch(tmp_path, *(f"train/Track00001/stems/{name}.flac" for name in ("S00", "S01", "S02")))
    described = ["stems:"]
    for name, kind, drums in (("S00", "Piano", "false"), ("S01", "Drums", "true"), ("S02", "Brass", "false")):
        described += [f"  {name}:", f"    inst_class: {kind}", f"    is_drum: {drums}"]
    (root / "train" / "Track00001" / "metadata.yaml").write_text("\n".join(described))
    song = only_song(root)
    assert song.name == "train/Track00001"
    assert files(song) == {"drums": ["S01.flac"], "keys": ["S00.flac"], "wind": ["S02.flac"]}


def test_folders_that_only_name_a_type_belong_to_the_song_above(tmp_path: Path) -> None:
    song = only_song(touch(tmp_path, "a/drums/take 1.wav", "a/bass/take 1.wav"))
    assert song.name == "a"
    assert set(song.types) == {"drums", "bass"}


def test_a_folder_called_stems_belongs_to_the_song_above(tmp_path: Path) -> None:
    assert only_song(touch(tmp_path, "a/stems/drums.wav", "a/stems/bass.wav")).name == "a"


def test_songs_may_lie_deeper(tmp_path: Path) -> None:
    assert only_song(touch(tmp_path, "pack/one/drums.wav", "pack/one/bass.wav")).name == "pack/one"


def test_the_root_itself_may_be_the_song(tmp_path: Path) -> None:
    root = touch(tmp_path / "my song", "drums.wav", "bass.wav")
    assert only_song(root).name == "my song"


def test_a_mix_minus_is_everything_but_its_stem(tmp_path: Path) -> None:
    song = only_song(touch(tmp_path, "a/guitar.opus", "a/mix-minus-guitar.opus"))
    assert files(song) == {"guitar": ["guitar.opus"]}
    assert [path.name for path in song.without[StemType.GUITAR]] == ["mix-minus-guitar.opus"]


def test_a_mix_minus_something_unknown_is_left_out(tmp_path: Path) -> None:
    song = only_song(touch(tmp_path, "a/drums.wav", "a/bass.wav", "a/mix-minus-harmony.wav"))
    assert not song.without


@pytest.mark.parametrize(
    "name", ["mix.wav", "Mixture.wav", "master.flac", "my song mixdown.mp3", "click.wav"]
)
def test_mixes_and_files_without_a_type_are_left_out(tmp_path: Path, name: str) -> None:
    song = only_song(touch(tmp_path, "a/drums.wav", "a/bass.wav", f"a/{name}"))
    assert set(song.types) == {"drums", "bass"}


@pytest.mark.parametrize("hidden", ["a/._drums.wav", ".unfinished/drums.wav", "a/.cache/keys.wav"])
def test_hidden_files_and_folders_are_left_out(tmp_path: Path, hidden: str) -> None:
    song = only_song(touch(tmp_path, "a/drums.wav", "a/bass.wav", hidden))
    assert files(song) == {"drums": ["drums.wav"], "bass": ["bass.wav"]}


@pytest.mark.parametrize("extension", sorted(AUDIO_SUFFIXES))
def test_every_format_is_found_in_either_case(tmp_path: Path, extension: str) -> None:
    song = only_song(touch(tmp_path, f"a/drums{extension}", f"a/bass{extension.upper()}"))
    assert set(song.types) == {"drums", "bass"}
