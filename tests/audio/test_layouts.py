"""Type and song by a file's place, in the layouts that people and data sets use."""

from pathlib import Path

import pytest

from audio.layouts import Place, describe_place
from audio.stems import StemType

ROOT = Path("/music/lib")


def place(path: str) -> Place:
    return describe_place(ROOT / path, ROOT)


@pytest.mark.parametrize(
    ("path", "stem_type", "song"),
    [
        ("song-a/drums.wav", StemType.DRUMS, "song-a"),
        ("song-a/drums-2.opus", StemType.DRUMS, "song-a"),
        ("album/song-a/bass.flac", StemType.BASS, "album/song-a"),
        ("song-a/stems/vocals.wav", StemType.VOCALS, "song-a"),
        ("pack/drums/take one.wav", StemType.DRUMS, "pack"),
        ("drums/take one.wav", StemType.DRUMS, "."),
        ("bass.wav", StemType.BASS, "."),
    ],
)
def test_names_tell_type_and_song(path: str, stem_type: StemType, song: str) -> None:
    assert place(path) == Place(stem_type, "name", ROOT / song)


def test_musdb18_is_read_by_its_folders() -> None:
    assert place("train/A Song/other.wav") == Place(StemType.OTHER, "layout", ROOT / "train/A Song")


def test_the_mixture_of_musdb18_has_no_type() -> None:
    assert place("test/A Song/mixture.wav").type is None


def test_moisesdb_is_read_by_its_folders() -> None:
    path = "0a7c/other_plucked/3f2b6f0e-8081-4c4e-9d5a-0c808b808a01.wav"
    assert place(path) == Place(StemType.GUITAR, "layout", ROOT / "0a7c")


def test_slakh_is_read_by_its_metadata(tmp_path: Path) -> None:
    track = tmp_path / "Track00001"
    (track / "stems").mkdir(parents=True)
    (track / "metadata.yaml").write_text("stems:\n  S00:\n    inst_class: Brass\n")
    assert describe_place(track / "stems/S00.wav", tmp_path) == Place(StemType.WIND, "layout", track)
    assert describe_place(track / "stems/S01.wav", tmp_path).type is None


def test_a_mix_has_no_type() -> None:
    assert place("song-a/mix-minus-guitar.opus").type is None
    assert place("song-a/mix.wav").type is None


def test_the_indexed_folders_own_name_counts_and_those_above_do_not() -> None:
    root = Path("/home/vocals/drums")
    assert describe_place(root / "one.wav", root).type == StemType.DRUMS
    assert describe_place(root / "one.wav", root).song_folder == root
    assert describe_place(Path("/home/vocals/loops/one.wav"), Path("/home/vocals/loops")).type is None
