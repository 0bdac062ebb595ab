"""A file is what its first bytes say."""

from io import BytesIO
from pathlib import Path

import pytest

from audio import containers
from audio.containers import (
    AAC,
    AIFF,
    FLAC,
    MP3,
    MP4,
    MPEG_WAV,
    OGG,
    WAV,
    WEBM,
    Container,
    recognise_container,
)
from audio.layouts import AUDIO_SUFFIXES
from tests.audio.sounds import make_tone, write_with_ffmpeg, write_with_soundfile


@pytest.mark.parametrize("atom", [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"])
def test_an_mp4_may_begin_with_any_of_its_atoms(atom: bytes) -> None:
    assert recognise_container(BytesIO(b"\0\0\0\x08" + atom + bytes(16))) == MP4


def id3(length: int) -> bytes:
    return b"ID3\x04\x00\x00" + bytes([0, 0, length >> 7, length & 127]) + bytes(length)


@pytest.mark.parametrize(
    ("name", "container"),
    [("a.wav", WAV), ("a.aiff", AIFF), ("a.flac", FLAC), ("a.ogg", OGG), ("a.opus", OGG), ("a.mp3", MP3)],
)
def test_what_libsndfile_writes_is_recognised(tmp_path: Path, name: str, container: Container) -> None:
    path = tmp_path / name
    subtype = "OPUS" if path.suffix == ".opus" else None
    with write_with_soundfile(path, make_tone(1, rate=48_000), 48_000, subtype).open("rb") as file:
        assert recognise_container(file) == container


@pytest.mark.parametrize(
    ("name", "codec", "container"),
    [("a.m4a", "aac", MP4), ("a.aac", "aac", AAC), ("a.mp3", "libmp3lame", MP3), ("a.webm", "libopus", WEBM)],
)
def test_what_ffmpeg_writes_is_recognised(
    tmp_path: Path, name: str, codec: str, container: Container
) -> None:
    path = write_with_ffmpeg(tmp_path / name, codec, make_tone(1, rate=48_000), rate=48_000)
    with path.open("rb") as file:
        assert recognise_container(file) == container


def test_the_file_is_left_at_its_start() -> None:
    file = BytesIO(id3(300) + b"fLaC" + bytes(100))
    recognise_container(file)
    assert file.tell() == 0


def test_a_tag_in_front_hides_nothing() -> None:
    assert recognise_container(BytesIO(id3(300) + b"fLaC" + bytes(100))) == FLAC
    assert recognise_container(BytesIO(id3(1000) + b"\xff\xf1" + bytes(100))) == AAC


def test_a_tag_in_front_of_something_unknown_is_taken_for_an_mp3() -> None:
    assert recognise_container(BytesIO(id3(300) + bytes(100))) == MP3


@pytest.mark.parametrize("zeros", [1, 417, 4096])
def test_padding_in_front_of_an_mp3_is_passed_over(zeros: int) -> None:
    file = BytesIO(bytes(zeros) + bytes.fromhex("fffb9064") + bytes(100))
    assert recognise_container(file) == MP3
    assert file.tell() == 0


@pytest.mark.parametrize(
    "content", [bytes(100), bytes(5000), bytes(300) + b"fLaC", bytes(5000) + bytes.fromhex("fffb9064")]
)
def test_zeros_alone_are_nothing(content: bytes) -> None:
    assert recognise_container(BytesIO(content)) is None


@pytest.mark.parametrize("header", ["fffb9064", "fff38064", "ffe38064", "fffd9004"])
def test_an_mpeg_frame_is_an_mp3(header: str) -> None:
    assert recognise_container(BytesIO(bytes.fromhex(header) + bytes(100))) == MP3


@pytest.mark.parametrize(
    "header",
    ["ffeb9064", "fffbf064", "fffb9c64", "fffb", "ffff"],
    ids=["version", "bits", "rate", "short", "bom"],
)
def test_an_mpeg_frame_with_impossible_fields_is_none(header: str) -> None:
    assert recognise_container(BytesIO(bytes.fromhex(header))) is None


@pytest.mark.parametrize(
    "content", [b"", b"R", b"RIFF", b"RIFF\x00\x00\x00\x00AVI ", b"%PDF-1.7", b"PK\x03\x04"]
)
def test_anything_else_is_no_audio(content: bytes) -> None:
    assert recognise_container(BytesIO(content)) is None


def test_an_mp3_in_a_wav_is_not_taken_for_plain_samples(tmp_path: Path) -> None:
    with write_with_ffmpeg(tmp_path / "a.wav", "libmp3lame", make_tone(1)).open("rb") as file:
        assert recognise_container(file) == MPEG_WAV


def test_only_what_keeps_every_sample_goes_to_libsndfile_first() -> None:
    assert [container.lossless for container in (WAV, AIFF, FLAC)] == [True] * 3
    assert [container.lossless for container in (OGG, MP3, MP4, AAC, WEBM)] == [False] * 5


def test_a_library_looks_at_files_that_are_called_as_their_container() -> None:
    known = [each for each in vars(containers).values() if isinstance(each, Container)]
    assert WAV in known
    assert {each.suffix for each in known} <= AUDIO_SUFFIXES
