"""Files with several stems are taken apart without touching the sound."""

import errno
import os
import struct
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from audio.decode import UnreadableAudioError, decode
from audio.parts import channels_part, extract_part, is_stem_file, part_suffix, read_part_names
from tests.data import development_data
from tests.songs import tone

RATE = 44_100


def write_streams(path: Path, hertz: tuple[float, ...]) -> Path:
    """An MP4 with one AAC stream a tone."""
    with av.open(path, "w", format="mp4") as container:
        streams = [container.add_stream("aac", rate=RATE) for _ in hertz]
        for stream, pitch in zip(streams, hertz, strict=True):
            samples = np.sin(2 * np.pi * pitch * np.arange(2 * RATE) / RATE).astype(np.float32) * 0.3
            frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
            frame.sample_rate = RATE
            for packet in [*stream.encode(frame), *stream.encode(None)]:
                container.mux(packet)
    return path


def pitch_of(path: Path) -> float:
    waveform = decode(path).waveform
    spectrum = np.abs(np.fft.rfft(waveform * np.hanning(len(waveform))))
    return float(np.argmax(spectrum) * 16_000 / len(waveform))


@pytest.mark.parametrize(("name", "is_one"), [("A.stem.mp4", True), ("b.STEM.MP4", True), ("c.mp4", False)])
def test_a_stem_file_is_told_by_its_name(name: str, is_one: bool) -> None:
    assert is_stem_file(Path(name)) == is_one


def test_each_stream_can_be_heard_alone(tmp_path: Path) -> None:
    path = write_streams(tmp_path / "x.stem.mp4", (200.0, 300.0, 400.0, 500.0, 600.0))
    for part in (1, 2, 3, 4):
        folder = tmp_path / str(part)
        folder.mkdir()
        assert pitch_of(extract_part(path, part, folder)) == pytest.approx(200 + 100 * part, abs=2)


def test_a_stream_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = write_streams(tmp_path / "x.stem.mp4", (200.0, 300.0))
    with pytest.raises(UnreadableAudioError, match="no stream 4 in the file, which has 2 audio streams"):
        extract_part(path, 4, tmp_path)


def test_channels_are_taken_out_as_they_are(tmp_path: Path) -> None:
    samples = np.stack([tone(100.0 * (1 + channel), 1.0) for channel in range(6)], axis=1)
    soundfile.write(tmp_path / "x.wav", samples, 16_000, subtype="PCM_24")
    part = extract_part(tmp_path / "x.wav", channels_part(3, 4), tmp_path)
    taken, rate = soundfile.read(part, dtype="float32")
    whole, _ = soundfile.read(tmp_path / "x.wav", dtype="float32")
    assert rate == 16_000
    assert soundfile.info(part).subtype == "PCM_24"
    assert np.array_equal(taken, whole[:, 2:4])


def test_channels_in_a_form_that_wav_does_not_have_are_taken_out_as_well(tmp_path: Path) -> None:
    samples = np.stack([tone(100.0 * (1 + channel), 1.0) for channel in range(4)], axis=1)
    soundfile.write(tmp_path / "x.aiff", samples, 16_000, subtype="PCM_S8")
    taken, _ = soundfile.read(extract_part(tmp_path / "x.aiff", channels_part(3, 4), tmp_path))
    whole, _ = soundfile.read(tmp_path / "x.aiff")
    assert np.array_equal(taken, whole[:, 2:4])


def test_a_channel_that_is_not_there_is_told(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", np.zeros((1000, 2), np.float32), 16_000)
    with pytest.raises(UnreadableAudioError, match="no channel 4 in the file, which has 2 channels"):
        extract_part(tmp_path / "x.wav", channels_part(3, 4), tmp_path)


@pytest.mark.parametrize("part", [1, channels_part(1, 2)])
def test_what_is_no_audio_is_refused_and_what_is_not_there_is_missing(tmp_path: Path, part: int) -> None:
    (tmp_path / "x.stem.mp4").write_text("this is text, not sound")
    with pytest.raises(UnreadableAudioError, match="damaged"):
        extract_part(tmp_path / "x.stem.mp4", part, tmp_path)
    with pytest.raises(FileNotFoundError):
        extract_part(tmp_path / "nothing.stem.mp4", part, tmp_path)


@pytest.mark.parametrize("part", [2, channels_part(3, 4)])
def test_a_folder_without_room_is_not_the_files_fault(tmp_path: Path, part: int) -> None:
    if part == channels_part(3, 4):
        path = tmp_path / "x.wav"
        soundfile.write(path, np.zeros((1000, 4), np.float32), 16_000)
    else:
        path = write_streams(tmp_path / "x.stem.mp4", (200.0, 300.0, 400.0))
    (tmp_path / f"part{part_suffix(part)}").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left") as failure:
        extract_part(path, part, tmp_path)
    assert failure.value.errno == errno.ENOSPC


def test_a_pipe_has_no_names_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.stem.mp4")
    assert read_part_names(tmp_path / "x.stem.mp4") == ()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text",
        struct.pack(">I4s", 0, b"moov"),
        struct.pack(">I4s", 4, b"moov") * 3,
        struct.pack(">I4sQ", 1, b"moov", 2**63),
        struct.pack(">I4sI4sI4s", 24, b"moov", 16, b"udta", 8, b"stem"),
        struct.pack(">I4sI4sI4s", 26, b"moov", 18, b"udta", 10, b"stem") + b"[]",
    ],
)
def test_names_that_cannot_be_read_are_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.stem.mp4").write_bytes(content)
    assert read_part_names(tmp_path / "x.stem.mp4") == ()


@pytest.mark.development_data
def test_a_native_instruments_file_is_taken_apart(tmp_path: Path) -> None:
    path = development_data() / "formats" / "ni_stem_5streams.stem.mp4"
    assert read_part_names(path) == ("Drums", "Bass", "Keys", "Strings")
    recording = decode(extract_part(path, 2, tmp_path))
    assert recording.seconds == pytest.approx(12.0, abs=0.05)
