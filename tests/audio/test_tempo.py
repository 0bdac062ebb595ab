"""Tempo of beats whose tempo is known, and of sounds without any."""

import numpy as np
import pytest

from audio.decode import SAMPLE_RATE
from audio.tempo import FASTEST_BPM, SLOWEST_BPM, candidate_tempi, estimate_tempo
from tests.audio.music import make_beat, make_hit, make_noise, make_note


@pytest.mark.parametrize("bpm", [75, 90.5, 100, 120, 128, 140])
def test_the_tempo_of_a_beat_is_found_closely(bpm: float) -> None:
    tempo = estimate_tempo(make_beat(bpm, 12))
    assert tempo is not None
    assert tempo.bpm == pytest.approx(bpm, rel=0.005)
    assert 0.3 < tempo.confidence <= 1


def test_two_seconds_are_enough_for_a_clear_beat() -> None:
    tempo = estimate_tempo(make_beat(120, 2.0))
    assert tempo is not None
    assert tempo.bpm == pytest.approx(120, rel=0.04)


@pytest.mark.parametrize("gain", [0.05, 30.0])
def test_the_gain_does_not_matter(gain: float) -> None:
    waveform = make_beat(110, 10)
    quiet, plain = estimate_tempo(waveform * np.float32(gain)), estimate_tempo(waveform)
    assert quiet is not None
    assert plain is not None
    assert quiet.bpm == pytest.approx(plain.bpm, rel=0.001)
    assert quiet.confidence == pytest.approx(plain.confidence, abs=0.02)


def test_it_does_not_matter_where_in_the_bar_a_recording_begins() -> None:
    waveform = make_beat(104, 16)
    tempi = [estimate_tempo(waveform[round(start * SAMPLE_RATE) :]) for start in (0, 0.31, 1.77)]
    assert [tempo and round(tempo.bpm) for tempo in tempi] == [104, 104, 104]


def test_a_long_recording_with_rests_is_read_where_it_plays() -> None:
    rest = np.zeros(40 * SAMPLE_RATE, dtype=np.float32)
    tempo = estimate_tempo(np.concatenate([rest, make_beat(96, 60), rest]))
    assert tempo is not None
    assert tempo.bpm == pytest.approx(96, rel=0.01)


def test_a_regular_beat_is_surer_than_random_hits() -> None:
    waveform = np.zeros(12 * SAMPLE_RATE, dtype=np.float32)
    for number, start in enumerate(np.random.default_rng(3).integers(0, len(waveform) - 4000, 24)):
        waveform[start : start + 4000] += make_hit(seed=number)
    random, regular = estimate_tempo(waveform), estimate_tempo(make_beat(120, 12))
    assert regular is not None
    assert random is None or random.confidence < regular.confidence - 0.2


@pytest.mark.parametrize("seconds", [0, 0.5, 1.4])
def test_too_short_a_sound_has_no_tempo(seconds: float) -> None:
    assert estimate_tempo(make_noise(seconds)) is None


def test_silence_has_no_tempo() -> None:
    assert estimate_tempo(np.zeros(10 * SAMPLE_RATE, dtype=np.float32)) is None


def test_a_constant_has_no_tempo() -> None:
    assert estimate_tempo(np.full(10 * SAMPLE_RATE, 0.5, dtype=np.float32)) is None


def test_one_held_note_has_no_sure_tempo() -> None:
    tempo = estimate_tempo(make_note(60, 10))
    assert tempo is None or tempo.confidence < 0.5


def test_candidates_reach_from_the_slowest_to_the_fastest() -> None:
    tempi = candidate_tempi()
    assert (tempi[0], tempi[-1]) == pytest.approx((SLOWEST_BPM, FASTEST_BPM))
    assert (np.diff(tempi) / tempi[:-1]).max() <= 0.0101


def test_the_estimate_is_the_same_every_time() -> None:
    waveform = make_beat(133, 8)
    assert estimate_tempo(waveform) == estimate_tempo(waveform)
