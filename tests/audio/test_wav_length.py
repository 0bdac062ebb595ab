"""What a WAV's header announces, read by the chunk."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.decode import decode
from audio.wav_length import MOST_CHUNKS, announced_bytes


def chunk(name: bytes, content: bytes, size: int | None = None) -> bytes:
    """A chunk; `size` is what its header says, where that is a lie."""
    padding = b"\0" * (len(content) % 2)
    return name + struct.pack("<I", len(content) if size is None else size) + content + padding


def wav(*chunks: bytes, kind: bytes = b"RIFF") -> io.BytesIO:
    body = b"WAVE" + b"".join(chunks)
    return io.BytesIO(kind + struct.pack("<I", len(body)) + body)


FORMAT = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 16_000, 32_000, 2, 16))


def test_the_size_of_the_sound_is_found() -> None:
    assert announced_bytes(wav(FORMAT, chunk(b"data", bytes(100)))) == 100


def test_a_size_that_is_not_there_is_what_the_header_says() -> None:
    assert announced_bytes(wav(FORMAT, chunk(b"data", bytes(10), size=1_000_000))) == 1_000_000


def test_chunks_before_the_sound_are_passed_with_their_padding() -> None:
    assert announced_bytes(wav(FORMAT, chunk(b"LIST", b"odd"), chunk(b"data", bytes(6)))) == 6


@pytest.mark.parametrize(
    "file",
    [
        io.BytesIO(b""),
        io.BytesIO(b"RIFF\0\0\0\0WAV"),
        wav(FORMAT),
        wav(FORMAT, chunk(b"data", bytes(4))[:6]),
        wav(FORMAT, chunk(b"data", bytes(4)), kind=b"RF64"),
        wav(FORMAT, chunk(b"data", bytes(4), size=0xFFFFFFFF)),
        wav(*[chunk(b"junk", b"")] * MOST_CHUNKS, chunk(b"data", bytes(4))),
        wav(chunk(b"junk", b"", size=2**31), chunk(b"data", bytes(4))),
    ],
    ids=["nothing", "half a header", "no sound", "half a chunk", "RF64", "unknown", "chunks", "far away"],
)
def test_where_nothing_is_said_nothing_is_made_up(file: io.BytesIO) -> None:
    assert announced_bytes(file) is None


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
@pytest.mark.parametrize("channels", [1, 2])
def test_half_a_file_announces_the_whole_in_every_width(tmp_path: Path, subtype: str, channels: int) -> None:
    path = tmp_path / "sound.wav"
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (32_000, channels))
    soundfile.write(path, noise, 16_000, subtype=subtype)
    assert decode(path).announced_seconds == 2.0
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    recording = decode(path)
    assert recording.announced_seconds == 2.0
    assert recording.seconds == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("subtype", ["IMA_ADPCM", "MS_ADPCM", "ULAW"])
def test_coded_samples_announce_what_libsndfile_counts(tmp_path: Path, subtype: str) -> None:
    path = tmp_path / "sound.wav"
    soundfile.write(path, np.zeros(32_000) + 0.1, 16_000, subtype=subtype)
    recording = decode(path)
    assert recording.announced_seconds == pytest.approx(recording.seconds)
