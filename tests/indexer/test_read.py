"""From a file to its windows, or to the sentence that says why not."""

import errno
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from audio.parts import channels_part
from audio.stems import StemType
from indexer.listen import LISTENER_VERSION, Listened, listen
from indexer.read import (
    DecodedStem,
    FailedStem,
    KnownSounds,
    Listener,
    ListenerDiedError,
    RecognisedStem,
    StemReading,
    read_stem,
)
from indexer.stopping import IndexingStoppedError, Stop
from library.records import SoundFacts, StemEntry
from tests.songs import stem_waveform, write_stem


@dataclass(frozen=True)
class Known:
    """What the reader is told of every sound."""

    embedded: bool = False
    heard: bool = False

    def has_vectors(self, _content_hash: str) -> bool:
        return self.embedded

    def is_heard(self, _content_hash: str) -> bool:
        return self.heard


def read(
    path: Path, known: KnownSounds | None = None, listener: Listener = listen, stop: Stop | None = None
) -> StemReading:
    entry = StemEntry(path, path.parent, "song", path.parent, StemType.BASS, "name")
    return read_stem(entry, known or Known(), listener, stop)


def test_a_stem_becomes_a_waveform_with_facts(tmp_path: Path) -> None:
    path = write_stem(tmp_path / "bass.wav", stem_waveform(0, StemType.BASS, 20.0))
    reading = read(path)
    assert isinstance(reading, DecodedStem)
    assert reading.waveform.shape == (320_000,)
    assert reading.heard.version == LISTENER_VERSION
    assert (reading.facts.seconds, reading.facts.sample_rate, reading.facts.channels) == (20.0, 16_000, 1)
    assert reading.content_hash == hashlib.sha256(path.read_bytes()).hexdigest()
    assert reading.state.size == path.stat().st_size


def test_a_sound_that_has_vectors_is_not_decoded(tmp_path: Path) -> None:
    (tmp_path / "bass.wav").write_bytes(b"decoding this would fail")
    reading = read(tmp_path / "bass.wav", Known(embedded=True, heard=True))
    assert isinstance(reading, RecognisedStem)
    assert reading.heard is None


def test_a_sound_that_has_vectors_and_no_facts_is_only_heard(tmp_path: Path) -> None:
    path = write_stem(tmp_path / "bass.wav", stem_waveform(0, StemType.BASS, 10.0))
    reading = read(path, Known(embedded=True))
    assert isinstance(reading, RecognisedStem)
    assert reading.facts == SoundFacts(10.0, 16_000, 1)
    assert reading.heard is not None


def test_a_part_of_a_file_has_a_checksum_of_its_own(tmp_path: Path) -> None:
    path = write_stem(tmp_path / "all.wav", np.stack([stem_waveform(0, StemType.BASS, 3.0)] * 4, axis=1))
    entry = StemEntry(path, tmp_path, "song", tmp_path, StemType.BASS, "manifest", part=channels_part(3, 4))
    reading = read_stem(entry, Known(), listen)
    assert isinstance(reading, DecodedStem)
    assert reading.facts.channels == 2
    assert reading.content_hash != hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_that_kills_its_reader_is_tried_again(tmp_path: Path) -> None:
    def die(_path: Path, _part: int) -> Listened:
        raise ListenerDiedError("The process that read the file died (signal SIGSEGV).")

    reading = read(write_stem(tmp_path / "bass.wav", stem_waveform(0, StemType.BASS, 3.0)), listener=die)
    assert isinstance(reading, FailedStem)
    assert (reading.state, "SIGSEGV" in reading.reason) == (None, True)


@pytest.mark.parametrize("content", [b"", b"this is text, not sound", b"RIFF\x10\x00\x00\x00WAVE"])
def test_what_cannot_be_decoded_has_a_reason_and_is_not_tried_again_unchanged(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "bass.wav").write_bytes(content)
    reading = read(tmp_path / "bass.wav")
    assert isinstance(reading, FailedStem)
    assert reading.reason.endswith(".")
    assert reading.state is not None


def test_a_file_that_is_gone_is_tried_again(tmp_path: Path) -> None:
    reading = read(tmp_path / "bass.wav")
    assert isinstance(reading, FailedStem)
    assert reading.state is None
    assert "tries again" in reading.reason


def test_a_file_that_is_being_written_is_tried_again(tmp_path: Path) -> None:
    path = write_stem(tmp_path / "bass.wav", stem_waveform(0, StemType.BASS, 10.0))

    def write_more(path: Path, part: int) -> Listened:  # after the checksum, before decoding
        write_stem(path, stem_waveform(1, StemType.BASS, 12.0))
        return listen(path, part)

    reading = read(path, listener=write_more)
    assert isinstance(reading, FailedStem)
    assert reading.state is None
    assert "written to" in reading.reason


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_folder_without_room_for_a_part_is_not_the_files_fault(tmp_path: Path, number: int) -> None:
    def find_no_room(_path: Path, _part: int) -> Listened:
        raise OSError(number, os.strerror(number))

    path = write_stem(tmp_path / "bass.wav", stem_waveform(0, StemType.BASS, 3.0))
    reading = read(path, listener=find_no_room)
    assert isinstance(reading, FailedStem)
    assert reading.state is None
    assert reading.reason.endswith("The next run tries again.")
    assert ("temporary folder" in reading.reason) == (number == errno.ENOSPC)


def test_a_pipe_is_refused_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "bass.wav")
    reading = read(tmp_path / "bass.wav")
    assert isinstance(reading, FailedStem)
    assert "not a file" in reading.reason
    assert reading.state is not None


def test_a_stop_ends_the_making_of_a_checksum(tmp_path: Path) -> None:
    looks = iter([False, False, True])
    with (tmp_path / "bass.wav").open("wb") as file:
        file.truncate(1 << 40)  # a terabyte of nothing, which would take an hour
    with pytest.raises(IndexingStoppedError):
        read(tmp_path / "bass.wav", stop=Stop(lambda: next(looks)))
