"""From a file to its windows, or to the sentence that says why not."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from audio.stems import StemType
from indexer.read import DecodedStem, FailedStem, RecognisedStem, StemReading, read_stem
from library.records import StemEntry
from tests.songs import stem_waveform, write_stem


def read(path: Path, *, embedded: bool = False) -> StemReading:
    entry = StemEntry(path, path.parent, "song", path.parent, StemType.BASS, "name")
    return read_stem(entry, lambda _hash: embedded, 8.0)


def test_a_stem_becomes_windows(tmp_path: Path) -> None:
    path = write_stem(tmp_path / "bass.wav", stem_waveform(0, StemType.BASS, 20.0))
    reading = read(path)
    assert isinstance(reading, DecodedStem)
    assert reading.windows.samples.shape == (3, 128_000)
    assert (reading.facts.seconds, reading.facts.sample_rate, reading.facts.channels) == (20.0, 16_000, 1)
    assert reading.content_hash == hashlib.sha256(path.read_bytes()).hexdigest()
    assert reading.state.size == path.stat().st_size


def test_a_sound_that_has_vectors_is_not_decoded(tmp_path: Path) -> None:
    (tmp_path / "bass.wav").write_bytes(b"decoding this would fail")
    assert isinstance(read(tmp_path / "bass.wav", embedded=True), RecognisedStem)


@pytest.mark.parametrize("content", [b"", b"this is text, not sound", b"RIFF\x10\x00\x00\x00WAVE"])
def test_what_cannot_be_decoded_has_a_reason_and_is_not_tried_again_unchanged(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "bass.wav").write_bytes(content)
    reading = read(tmp_path / "bass.wav")
    assert isinstance(reading, FailedStem)
    assert reading.reason.endswith(".")
    assert reading.state is not None


def test_silence_has_a_reason(tmp_path: Path) -> None:
    reading = read(write_stem(tmp_path / "bass.wav", np.zeros(160_000, np.float32)))
    assert isinstance(reading, FailedStem)
    assert "silent" in reading.reason


def test_a_file_that_is_gone_is_tried_again(tmp_path: Path) -> None:
    reading = read(tmp_path / "bass.wav")
    assert isinstance(reading, FailedStem)
    assert reading.state is None
    assert "tries again" in reading.reason


def test_a_file_that_is_being_written_is_tried_again(tmp_path: Path) -> None:
    path = write_stem(tmp_path / "bass.wav", stem_waveform(0, StemType.BASS, 10.0))
    entry = StemEntry(path, path.parent, "song", path.parent, StemType.BASS, "name")

    def write_more(_hash: str) -> bool:  # after the checksum, before decoding
        write_stem(path, stem_waveform(1, StemType.BASS, 12.0))
        return False

    reading = read_stem(entry, write_more, 8.0)
    assert isinstance(reading, FailedStem)
    assert reading.state is None
    assert "written to" in reading.reason
