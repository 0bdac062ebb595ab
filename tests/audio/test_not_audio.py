"""Files that hold no audio are refused for that, whatever they are called and however they begin."""

from pathlib import Path

import numpy as np
import pytest

from audio.decode import UnreadableAudioError, decode
from tests.audio.sounds import make_tone, write_with_ffmpeg, write_with_soundfile


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".flac", ".ogg", ".m4a", ".webm"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"Dear diary, today I wrote no music.\n" * 30, "not_audio"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "not_audio"),
        (b"#EXTM3U\n#EXTINF:10,\n/etc/passwd\n", "not_audio"),
        (b"\x00", "not_audio"),
        (np.random.default_rng(0).bytes(100_000), "not_audio"),
    ],
    ids=["empty", "text", "picture", "playlist", "one-byte", "noise"],
)
def test_what_is_no_audio_is_refused_whatever_its_name(
    tmp_path: Path, suffix: str, content: bytes, reason: str
) -> None:
    path = tmp_path / f"song{suffix}"
    path.write_bytes(content)
    with pytest.raises(UnreadableAudioError) as refusal:
        decode(path)
    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    "beginning",
    [
        b"RIFF\xff\xff\xff\xffWAVE",
        b"FORM\xff\xff\xff\xffAIFF",
        b"fLaC",
        b"caff\x00\x01\x00\x00",
        b".snd",
        b"OggS",
        b"\x00\x00\x00\x18ftypmp42",
        b"\x1a\x45\xdf\xa3",
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
        b"\xff\xf1",
        b"\xff\xfb\x90\x64",
        b"ID3\x04\x00\x00\x00\x00\x00\x00",
        b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f",
    ],
)
def test_noise_that_begins_like_audio_is_refused(tmp_path: Path, beginning: bytes) -> None:
    path = tmp_path / "song"
    path.write_bytes(beginning + np.random.default_rng(1).bytes(50_000))
    with pytest.raises(UnreadableAudioError) as refusal:
        decode(path)
    assert refusal.value.reason in {"damaged", "empty"}


def test_a_wav_of_a_header_alone_is_empty(tmp_path: Path) -> None:
    path = write_with_soundfile(tmp_path / "header.wav", make_tone(0))
    with pytest.raises(UnreadableAudioError, match=r"holds less than 0\.1 s of audio") as refusal:
        decode(path)
    assert refusal.value.reason == "empty"


def test_a_film_without_sound_is_refused(tmp_path: Path) -> None:
    path = write_with_ffmpeg(tmp_path / "silent.mp4", "aac")
    with pytest.raises(UnreadableAudioError, match="no audio") as refusal:
        decode(path)
    assert refusal.value.reason == "not_audio"
