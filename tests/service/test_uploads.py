"""Uploaded files: names that cannot hurt, and temporary files that do not stay."""

import io
from pathlib import Path

import pytest

from audio.decode import DecodeLimits, Recording, UnreadableAudioError
from service.decoders import decode_here
from service.patience import Patience
from service.uploads import LONGEST_NAME, decode_upload, plain_name, safe_name
from tests.service.conftest import wav_bytes
from tests.songs import tone


def decode(content: bytes, scratch: Path, limits: DecodeLimits = DecodeLimits()) -> Recording:  # noqa: B008 - frozen
    return decode_upload(
        io.BytesIO(content), "mix.wav", limits, decoder=decode_here, patience=Patience(30), scratch=scratch
    )


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("mix.wav", "mix.wav"),
        ("../../etc/passwd.mp3", "passwd.mp3"),
        ("C:\\Users\\me\\mix.flac", "mix.flac"),
        ("Über mix (final).ogg", "_ber_mix_final_.ogg"),
        ("mix\0\n.wav", "mix_.wav"),
        ("-rf.wav", "rf.wav"),
        ("..", "mix"),
        ("", "mix"),
        (None, "mix"),
    ],
)
def test_a_name_has_no_folders_and_no_odd_characters(filename: str | None, expected: str) -> None:
    assert safe_name(filename) == expected


def test_a_person_sees_the_name_as_it_was() -> None:
    assert plain_name("music/Über mix (final).ogg") == "Über mix (final).ogg"
    assert plain_name("..\\secret\\mix.wav") == "mix.wav"
    assert plain_name(None) == "mix"
    assert plain_name("half\ud800.wav") == "half?.wav"


def test_a_long_name_keeps_its_suffix() -> None:
    name = safe_name("a" * 500 + ".wav")
    assert len(name) == LONGEST_NAME
    assert name.endswith(".wav")


def test_an_upload_is_decoded_and_leaves_nothing_behind(tmp_path: Path) -> None:
    recording = decode(wav_bytes(tone(440, 3)), tmp_path)
    assert recording.seconds == pytest.approx(3)
    assert recording.waveform.shape == (48_000,)
    assert list(tmp_path.iterdir()) == []


def test_an_unreadable_upload_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(UnreadableAudioError):
        decode(b"not audio at all", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_upload_is_held_to_the_limits(tmp_path: Path) -> None:
    with pytest.raises(UnreadableAudioError) as caught:
        decode(wav_bytes(tone(440, 3)), tmp_path, DecodeLimits(max_seconds=2))
    assert caught.value.reason == "too_long"
