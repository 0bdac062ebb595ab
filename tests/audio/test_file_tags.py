"""Tags inside files tell tempo and key, in every container, and never refuse a sound."""

import struct
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from audio.file_tags import FileTags, read_file_tags
from tests.songs import tone


def write_tagged(path: Path, muxer: str, codec: str, **tags: str) -> Path:
    """A second of a tone with `tags`."""
    with av.open(path, "w", format=muxer) as container:
        container.metadata.update(tags)
        stream = container.add_stream(codec, rate=44_100)
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 44_100), np.int16), format="s16", layout="mono")
        frame.sample_rate = 44_100
        resampled = av.AudioResampler(format=stream.format.name, layout="mono", rate=44_100).resample(frame)
        for part in [*resampled, None]:
            for packet in stream.encode(part):
                container.mux(packet)
    return path


def write_acid(path: Path, *, flags: int, tempo: float) -> Path:
    """A WAV with the chunk that loop libraries write: flags, root note, two unknowns, beats, metre, tempo."""
    soundfile.write(path, tone(200, 1.0), 16_000)
    chunk = struct.pack("<IHHfIHHf", flags, 60, 0x8000, 0.0, 8, 4, 4, tempo)
    content = path.read_bytes() + struct.pack("<4sI", b"acid", len(chunk)) + chunk
    path.write_bytes(content[:4] + struct.pack("<I", len(content) - 8) + content[8:])
    return path


def test_flac_comments_are_read(tmp_path: Path) -> None:
    path = write_tagged(tmp_path / "x.flac", "flac", "flac", BPM="96.5", INITIALKEY="Am")
    assert read_file_tags(path) == FileTags(bpm=96.5, key="Am")


def test_id3_is_read(tmp_path: Path) -> None:
    path = write_tagged(tmp_path / "x.mp3", "mp3", "libmp3lame", TBPM="128", TKEY="F#m")
    assert read_file_tags(path) == FileTags(bpm=128.0, key="F#m")


def test_the_acid_chunk_of_a_loop_tells_its_tempo(tmp_path: Path) -> None:
    tags = read_file_tags(write_acid(tmp_path / "x.wav", flags=0, tempo=120.0))
    assert (tags.bpm, tags.is_one_shot) == (120.0, False)


def test_a_one_shot_has_no_tempo(tmp_path: Path) -> None:
    tags = read_file_tags(write_acid(tmp_path / "x.wav", flags=1, tempo=120.0))
    assert (tags.bpm, tags.is_one_shot) == (None, True)


@pytest.mark.parametrize("bpm", ["fast", "0", "-3", "nan", "inf", "100000"])
def test_a_tempo_that_is_none_is_not_believed(tmp_path: Path, bpm: str) -> None:
    path = write_tagged(tmp_path / "x.flac", "flac", "flac", BPM=bpm)
    assert read_file_tags(path) == FileTags()


@pytest.mark.parametrize("content", [b"", b"text", b"RIFF\x10\x00\x00\x00WAVEacid\xff\xff\xff\xff", b"fLaC"])
def test_what_cannot_be_read_has_no_tags(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.wav").write_bytes(content)
    assert read_file_tags(tmp_path / "x.wav") == FileTags()


def test_a_file_without_tags_says_nothing(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", tone(200, 1.0), 16_000)
    assert read_file_tags(tmp_path / "x.wav") == FileTags()


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_file_tags(tmp_path / "nothing.wav")
