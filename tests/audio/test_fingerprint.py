"""Fingerprints find a recording again after what happens to files, and a stem within its mix."""

from pathlib import Path

import numpy as np
import pytest

from audio.decode import SAMPLE_RATE, Waveform, decode
from audio.fingerprint import (
    HOP_SECONDS,
    OWN_SONG,
    SAME_RECORDING,
    Spectrum,
    find_in_mix,
    find_spectrum_in_mix,
    fingerprint,
    shared_size,
    similarity,
    spectra_similarity,
)
from tests.audio.music import make_hit, make_noise, make_note
from tests.audio.sounds import write_with_ffmpeg


def _melody(seed: int, notes: int = 60, lowest: int = 45) -> Waveform:
    """A random melody of `notes` notes of random lengths, 0.2 to 0.5 s each."""
    generator = np.random.default_rng(seed)
    pitches = generator.integers(lowest, lowest + 25, notes)
    lengths = generator.uniform(0.2, 0.5, notes)
    return np.concatenate([make_note(pitch, length) for pitch, length in zip(pitches, lengths, strict=True)])


def _drums(seed: int, seconds: float) -> Waveform:
    waveform = np.zeros(round(seconds * SAMPLE_RATE), dtype=np.float32)
    for number, start in enumerate(np.random.default_rng(seed).integers(0, len(waveform) - 4000, 60)):
        waveform[start : start + 4000] += make_hit(seed=number)
    return waveform


def test_a_recording_is_like_itself() -> None:
    words = fingerprint(_melody(0))
    assert similarity(words, words) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("gain", [0.1, 4.0])
def test_the_gain_does_not_matter(gain: float) -> None:
    waveform = _melody(1)
    assert similarity(fingerprint(waveform), fingerprint(waveform * np.float32(gain))) > 0.9


@pytest.mark.parametrize("seconds", [0.03, 1.37, 4.0])
def test_a_cut_beginning_or_end_does_not_matter(seconds: float) -> None:
    waveform = _melody(2)
    cut = round(seconds * SAMPLE_RATE)
    whole = fingerprint(waveform)
    assert similarity(whole, fingerprint(waveform[cut:])) > SAME_RECORDING
    assert similarity(whole, fingerprint(waveform[:-cut])) > SAME_RECORDING


def test_silence_put_before_does_not_matter() -> None:
    waveform = _melody(3)
    late = np.concatenate([np.zeros(2 * SAMPLE_RATE, np.float32), waveform])
    assert similarity(fingerprint(waveform), fingerprint(late)) > SAME_RECORDING


@pytest.mark.parametrize(("codec", "suffix"), [("libmp3lame", ".mp3"), ("aac", ".m4a")])
def test_another_codec_does_not_matter(tmp_path: Path, codec: str, suffix: str) -> None:
    waveform = _melody(4, notes=30)
    path = tmp_path / f"stem{suffix}"
    write_with_ffmpeg(path, codec, np.stack([waveform, waveform], axis=1), rate=SAMPLE_RATE)
    assert similarity(fingerprint(waveform), fingerprint(decode(path).waveform)) > SAME_RECORDING


def test_another_melody_is_another_recording() -> None:
    assert similarity(fingerprint(_melody(5)), fingerprint(_melody(6))) < SAME_RECORDING


def test_a_transposed_melody_is_another_recording() -> None:
    assert similarity(fingerprint(_melody(7)), fingerprint(_melody(7, lowest=50))) < SAME_RECORDING


def test_noise_is_not_like_other_noise() -> None:
    assert (
        similarity(fingerprint(make_noise(15, seed=1)), fingerprint(make_noise(15, seed=2))) < SAME_RECORDING
    )


def test_rests_in_common_do_not_make_stems_alike() -> None:
    rest = np.zeros(20 * SAMPLE_RATE, dtype=np.float32)
    first, second = (np.concatenate([rest, _melody(seed, notes=10), rest]) for seed in (8, 9))
    assert similarity(fingerprint(first), fingerprint(second)) < SAME_RECORDING


def test_similarity_is_mutual() -> None:
    first, second = fingerprint(_melody(10)), fingerprint(_melody(10)[SAMPLE_RATE:])
    assert similarity(first, second) == pytest.approx(similarity(second, first), abs=1e-6)


@pytest.mark.parametrize("size", [512, 1000, 4096])
def test_spectra_of_any_size_with_room_for_all_shifts_tell_the_same(size: int) -> None:
    waveform = _melody(10, notes=40)
    whole, cut = fingerprint(waveform), fingerprint(waveform[SAMPLE_RATE:-SAMPLE_RATE])
    assert len(whole) + len(cut) - 1 <= size
    told = spectra_similarity(Spectrum.of(whole, size), Spectrum.of(cut, size))
    assert told == pytest.approx(similarity(whole, cut), abs=1e-5)


def test_recordings_of_about_a_length_share_a_size_that_has_room_for_all_shifts() -> None:
    for count in range(1, 5000, 7):
        assert shared_size(count, count) >= 2 * count - 1
    assert shared_size(3000, 3000) == shared_size(3000, 2800) == shared_size(3100, 2900)


def test_spectra_of_silence_and_of_nothing_are_like_nothing() -> None:
    melody = Spectrum.of(fingerprint(_melody(0)), 1024)
    for words in (np.zeros(100, np.uint32), np.zeros(0, np.uint32)):
        assert spectra_similarity(melody, Spectrum.of(words, 1024)) == 0


def test_a_stem_is_found_in_its_mix_at_its_place() -> None:
    stem, drums = _melody(11), _drums(0, 30)
    length = min(len(stem), len(drums))
    mix = (stem[:length] + drums[:length])[3 * SAMPLE_RATE :]
    found = find_in_mix(fingerprint(mix), fingerprint(stem))
    assert found is not None
    assert found.seconds == pytest.approx(-3, abs=2 * HOP_SECONDS)
    assert found.strength > OWN_SONG


def test_a_stem_is_found_the_same_by_spectra_of_any_size_with_room() -> None:
    stem, mix = fingerprint(_melody(11, notes=20)), fingerprint(_melody(11))
    found = find_in_mix(mix, stem)
    size = shared_size(len(mix), len(stem))
    again = find_spectrum_in_mix(Spectrum.of(mix, size), Spectrum.of(stem, size))
    assert found is not None
    assert again is not None
    assert again.seconds == found.seconds
    assert again.strength == pytest.approx(found.strength, rel=1e-3)


def test_a_stem_of_another_song_is_not_found_in_a_mix() -> None:
    found = find_in_mix(
        fingerprint(_melody(12) + _melody(12, lowest=60)[: len(_melody(12))]), fingerprint(_melody(13))
    )
    assert found is None or found.strength < OWN_SONG


def test_a_minute_takes_less_than_four_kilobytes() -> None:
    words = fingerprint(make_noise(60))
    assert words.dtype == np.uint32
    assert words.nbytes < 4096


def test_silence_is_all_zeros_and_like_nothing() -> None:
    silence = fingerprint(np.zeros(10 * SAMPLE_RATE, dtype=np.float32))
    assert not silence.any()
    assert similarity(silence, silence) == 0
    assert find_in_mix(silence, fingerprint(_melody(14))) is None


@pytest.mark.parametrize("seconds", [0, 0.05, 0.3])
def test_a_sound_too_short_to_tell_is_like_nothing(seconds: float) -> None:
    words = fingerprint(make_noise(seconds))
    assert similarity(words, words) == 0
    assert find_in_mix(fingerprint(_melody(15)), words) is None


def test_bytes_in_native_order_give_the_words_back() -> None:
    words = fingerprint(_melody(16, notes=10))
    assert np.array_equal(np.frombuffer(bytes(words), dtype=np.uint32), words)
