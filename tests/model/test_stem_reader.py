"""Reading pieces of stems, from any file and any place."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.stems import StemType
from model.songs import Song
from model.stem_reader import StemReader, UnreadableStemError
from tests.model.multitracks import noise, tone, write_wav

SIXTEEN_BIT = 2**-15


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def fresh(cache: Path) -> StemReader:
    return StemReader(cache)


def test_a_piece_is_read_from_its_place(tmp_path: Path, fresh: StemReader) -> None:
    waveform = noise(0, 1000)
    path = write_wav(tmp_path / "a.wav", waveform)
    np.testing.assert_allclose(fresh.read((path,), 300, 50), waveform[300:350], atol=SIXTEEN_BIT)


def test_a_stem_is_the_sum_of_its_files(tmp_path: Path, fresh: StemReader) -> None:
    first, second = noise(0, 1000), noise(1, 1000)
    paths = write_wav(tmp_path / "a.wav", first), write_wav(tmp_path / "b.wav", second)
    np.testing.assert_allclose(fresh.read(paths, 0, 1000), first + second, atol=2 * SIXTEEN_BIT)


def test_files_of_a_stem_may_end_apart(tmp_path: Path, fresh: StemReader) -> None:
    long, short = noise(0, 1000), noise(1, 400)
    paths = write_wav(tmp_path / "a.wav", long), write_wav(tmp_path / "b.wav", short)
    read = fresh.read(paths, 300, 500)
    np.testing.assert_allclose(read[:100], long[300:400] + short[300:], atol=2 * SIXTEEN_BIT)
    np.testing.assert_allclose(read[100:], long[400:800], atol=2 * SIXTEEN_BIT)


@pytest.mark.parametrize(("start", "heard"), [(900, 100), (999, 1), (1000, 0), (5000, 0)])
def test_past_the_end_is_silence(tmp_path: Path, fresh: StemReader, start: int, heard: int) -> None:
    waveform = noise(0, 1000)
    read = fresh.read((write_wav(tmp_path / "a.wav", waveform),), start, 200)
    np.testing.assert_allclose(read[:heard], waveform[start:], atol=SIXTEEN_BIT)
    assert len(read) == 200
    assert not read[heard:].any()


@pytest.mark.parametrize(("start", "missing"), [(-30, 30), (-200, 200), (-500, 200)])
def test_before_the_beginning_is_silence(tmp_path: Path, fresh: StemReader, start: int, missing: int) -> None:
    waveform = noise(0, 1000)
    read = fresh.read((write_wav(tmp_path / "a.wav", waveform),), start, 200)
    assert not read[:missing].any()
    np.testing.assert_allclose(read[missing:], waveform[: 200 - missing], atol=SIXTEEN_BIT)


def test_a_ready_file_is_read_as_it_is(tmp_path: Path, fresh: StemReader, cache: Path) -> None:
    fresh.read((write_wav(tmp_path / "a.wav", noise(0, 1000)),), 0, 10)
    assert not cache.exists()


def test_another_sample_rate_is_decoded_into_the_cache(
    tmp_path: Path, fresh: StemReader, cache: Path
) -> None:
    phase = 2 * np.pi * 440 * np.arange(44_100) / 44_100
    path = write_wav(tmp_path / "a.wav", np.asarray(0.2 * np.sin(phase), np.float32), sample_rate=44_100)
    assert fresh.samples(path) == 16_000
    np.testing.assert_allclose(fresh.read((path,), 4000, 8000), tone(440, 16_000)[4000:12_000], atol=2e-3)
    assert len(list(cache.glob("*.wav"))) == 1


def test_stereo_becomes_the_average_of_its_channels(tmp_path: Path, fresh: StemReader) -> None:
    left, right = noise(0, 4000), noise(1, 4000)
    path = write_wav(tmp_path / "a.wav", np.stack([left, right], axis=1))
    np.testing.assert_allclose(fresh.read((path,), 0, 4000), (left + right) / 2, atol=2 * SIXTEEN_BIT)


def test_a_file_is_decoded_once(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, noise(0, 4000), 16_000)
    StemReader(cache).read((path,), 0, 10)
    written = next(cache.iterdir())
    before = written.stat().st_mtime_ns
    StemReader(cache).read((path,), 0, 10)
    assert [found.stat().st_mtime_ns for found in cache.iterdir()] == [before]


def test_a_file_that_changed_is_decoded_again(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, noise(0, 4000), 16_000)
    StemReader(cache).read((path,), 0, 10)
    soundfile.write(path, noise(1, 5000), 16_000)
    read = StemReader(cache).read((path,), 0, 10)
    np.testing.assert_allclose(read, noise(1, 5000)[:10], atol=2 * SIXTEEN_BIT)


def test_what_a_killed_run_left_half_written_is_ignored(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, noise(0, 4000), 16_000)
    StemReader(cache).read((path,), 0, 10)
    whole = next(cache.iterdir())
    whole.rename(whole.with_suffix(".123-456.partial")).write_bytes(b"RIFF torn")
    np.testing.assert_allclose(StemReader(cache).read((path,), 0, 4000), noise(0, 4000), atol=2 * SIXTEEN_BIT)


def test_a_cache_is_not_left_with_partial_files(tmp_path: Path, fresh: StemReader, cache: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, noise(0, 4000), 16_000)
    fresh.read((path,), 0, 10)
    assert not list(cache.glob("*.partial"))


def test_files_of_one_name_in_two_folders_are_kept_apart(tmp_path: Path, fresh: StemReader) -> None:
    paths = [tmp_path / name / "a.flac" for name in ("one", "two")]
    for seed, path in enumerate(paths):
        path.parent.mkdir()
        soundfile.write(path, noise(seed, 4000), 16_000)
    first, second = (fresh.read((path,), 0, 4000) for path in paths)
    assert float(np.abs(first - second).max()) > 0.1


def test_the_length_of_a_song_is_that_of_its_longest_file(tmp_path: Path, fresh: StemReader) -> None:
    drums = (write_wav(tmp_path / "d.wav", noise(0, 700)), write_wav(tmp_path / "e.wav", noise(0, 900)))
    bass = (write_wav(tmp_path / "b.wav", noise(0, 800)),)
    assert fresh.length(Song("a", "a", {StemType.DRUMS: drums, StemType.BASS: bass})) == 900


@pytest.mark.parametrize("name", ["a.wav", "a.mp3"])
def test_a_file_that_is_not_audio_is_named(tmp_path: Path, fresh: StemReader, name: str) -> None:
    (tmp_path / name).write_bytes(b"this is no audio at all" * 50)
    with pytest.raises(UnreadableStemError, match=f"{name} cannot be read: This is not audio"):
        fresh.samples(tmp_path / name)


def test_an_empty_file_is_named(tmp_path: Path, fresh: StemReader) -> None:
    (tmp_path / "a.wav").touch()
    with pytest.raises(UnreadableStemError, match=r"a\.wav cannot be read: The file is empty"):
        fresh.read((tmp_path / "a.wav",), 0, 10)


def test_a_last_second_that_is_cut_off_is_no_louder_for_the_first(tmp_path: Path, fresh: StemReader) -> None:
    """What lies beyond the end is silence, not the beginning again."""
    loud = np.concatenate([np.full(8_000, 0.5), np.zeros(8_000), np.full(800, 0.5)]).astype(np.float32)
    path = tmp_path / "a.wav"
    soundfile.write(path, loud, 16_000, subtype="FLOAT")
    assert fresh.loudest((path,)) == pytest.approx(0.5 * 0.5**0.5, rel=1e-4)
