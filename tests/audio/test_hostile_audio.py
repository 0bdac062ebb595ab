"""Broken and hostile files: each is refused with a sentence or read for what it holds, in little memory."""

import multiprocessing
import resource
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.decode import UnreadableAudioError, decode
from tests.audio.sounds import cut_off, damage, make_tone, write_with_ffmpeg, write_with_soundfile
from tests.data import development_data

GIGABYTE = 1 << 30


def forbid_excess() -> None:
    """Let the process hold 2 GB, address space counted, and calculate for a minute."""
    resource.setrlimit(resource.RLIMIT_AS, (2 * GIGABYTE, 2 * GIGABYTE))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))


def describe(path: Path) -> tuple[str, float, float]:
    """What became of `path`: how it ended, the seconds read, and the megabytes that it took."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        outcome, seconds = "read", decode(path).seconds
    except UnreadableAudioError as error:
        outcome, seconds = f"{error.reason}: {error}", 0.0
    return outcome, seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


@pytest.fixture(scope="module")
def confined() -> Iterator[ProcessPoolExecutor]:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=forbid_excess) as pool:
        yield pool


def lie_about_flac_length(path: Path) -> Path:
    """Set the 36 bits of STREAMINFO's total samples."""
    content = bytearray(path.read_bytes())
    content[21] |= 0x0F
    content[22:26] = b"\xff" * 4
    path.write_bytes(content)
    return path


def lie_about_wav_length(path: Path) -> Path:
    content = bytearray(path.read_bytes())
    start = content.index(b"data") + 4
    content[start : start + 4] = (2 * GIGABYTE).to_bytes(4, "little")
    path.write_bytes(content)
    return path


def test_a_flac_that_announces_18_days_is_neither_believed_nor_given_the_memory(
    confined: ProcessPoolExecutor, tmp_path: Path
) -> None:
    path = lie_about_flac_length(write_with_soundfile(tmp_path / "lie.flac", make_tone(2)))
    assert soundfile.info(path).frames == 2**36 - 1
    outcome, _, megabytes = confined.submit(describe, path).result()
    assert outcome.startswith("damaged")
    assert megabytes < 100


def test_a_wav_that_announces_2_gb_is_read_for_what_it_holds(
    confined: ProcessPoolExecutor, tmp_path: Path
) -> None:
    path = lie_about_wav_length(write_with_soundfile(tmp_path / "lie.wav", make_tone(1)))
    outcome, seconds, megabytes = confined.submit(describe, path).result()
    assert (outcome, seconds) == ("read", 1)
    assert megabytes < 100


def test_a_small_file_that_unfolds_to_gigabytes_stays_small_in_memory(
    confined: ProcessPoolExecutor, tmp_path: Path
) -> None:
    path = tmp_path / "bomb.flac"
    with soundfile.SoundFile(path, "w", 192_000, 8) as file:
        for _ in range(60):
            file.write(np.zeros((192_000, 8), dtype=np.int16))
    outcome, seconds, megabytes = confined.submit(describe, path).result()
    assert path.stat().st_size < 1_000_000
    assert (outcome, seconds) == ("read", 60)
    assert megabytes < 100  # as float32 it is 369 MB


@pytest.mark.parametrize("name", ["tone.mp3", "tone.ogg", "tone.wav"])
def test_a_file_cut_off_is_read_as_far_as_it_goes(tmp_path: Path, name: str) -> None:
    path = cut_off(write_with_soundfile(tmp_path / name, make_tone(4)), keep=0.6)
    recording = decode(path)
    assert 1 < recording.seconds < 3
    assert len(recording.waveform) == pytest.approx(recording.seconds * 16_000, abs=2)


@pytest.mark.parametrize("name", ["tone.flac", "tone.m4a"])
def test_a_file_cut_off_that_cannot_be_read_in_order_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if path.suffix == ".flac":
        write_with_soundfile(path, make_tone(4))
    else:
        write_with_ffmpeg(path, "aac", make_tone(4))
    with pytest.raises(UnreadableAudioError, match="Export it again") as refusal:
        decode(cut_off(path, keep=0.6))
    assert refusal.value.reason == "damaged"


def test_an_mp3_with_a_short_scratch_is_read_on_both_sides_of_it(tmp_path: Path) -> None:
    path = damage(write_with_soundfile(tmp_path / "tone.mp3", make_tone(10)), begin=0.5, length=600)
    assert decode(path).seconds == pytest.approx(10, abs=0.3)


def test_a_file_that_is_mostly_broken_is_refused(tmp_path: Path) -> None:
    path = write_with_ffmpeg(tmp_path / "tone.m4a", "aac", make_tone(10))
    begin = path.read_bytes().index(b"mdat") / path.stat().st_size
    with pytest.raises(UnreadableAudioError, match="damaged"):
        decode(damage(path, begin + 0.1, length=round(path.stat().st_size * 0.7)))


def test_damage_is_told_by_the_error_and_not_on_stderr(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    mp3 = damage(write_with_soundfile(tmp_path / "tone.mp3", make_tone(10)), begin=0.3, length=9000)
    ogg = damage(write_with_soundfile(tmp_path / "tone.ogg", make_tone(10)), begin=0.3, length=2000)
    flac = damage(write_with_soundfile(tmp_path / "tone.flac", make_tone(10)), begin=0.3, length=2000)
    for path in (mp3, ogg, flac):
        describe(path)
    assert capfd.readouterr() == ("", "")


def test_a_file_that_sends_its_reader_outside_itself_is_refused_in_silence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_with_soundfile(tmp_path / "tone.caf", make_tone(1))
    content = bytearray(path.read_bytes())
    size = content.index(b"free") + 4
    content[size : size + 8] = (2**62).to_bytes(8, "big")
    path.write_bytes(content)
    with pytest.raises(UnreadableAudioError, match="damaged"):
        decode(path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["tone.wav", "tone.flac", "tone.mp3", "tone.ogg", "tone.aiff", "tone.m4a"])
def test_random_damage_never_ends_in_anything_but_audio_or_a_refusal(
    confined: ProcessPoolExecutor, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    if path.suffix == ".m4a":
        write_with_ffmpeg(path, "aac", make_tone(1))
    else:
        write_with_soundfile(path, make_tone(1))
    original = path.read_bytes()
    generator = np.random.default_rng(5)
    for _ in range(20):
        content = bytearray(original)
        for place in generator.integers(min(len(content), 2000), size=8):
            content[place] = generator.integers(256)
        path.write_bytes(content)
        _, seconds, megabytes = confined.submit(describe, path).result()
        assert seconds < 3600
        assert megabytes < 300


@pytest.mark.development_data
@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("zero_bytes.wav", "empty"),
        ("truncated.mp3", "read"),
        ("text_renamed.wav", "not_audio"),
        ("data_size_lie.wav", "read"),
        ("absurd_length.flac", "damaged"),
        ("nan_inf_float.wav", "damaged"),
        ("one_sample.wav", "too_short"),
        ("rate_1hz.wav", "unsupported"),
        ("channels_1024.wav", "unsupported"),
        ("silence_10min.flac", "read"),
        ("png_renamed.mp3", "not_audio"),
    ],
)
def test_every_broken_sample_ends_as_it_should_and_takes_little_memory(
    confined: ProcessPoolExecutor, name: str, outcome: str
) -> None:
    path = development_data() / "formats" / "broken" / name
    told, _, megabytes = confined.submit(describe, path).result()
    assert told.partition(":")[0] == outcome
    assert megabytes < 100


@pytest.mark.development_data
def test_no_broken_sample_is_left_untried() -> None:
    assert len(list((development_data() / "formats" / "broken").iterdir())) == 11
