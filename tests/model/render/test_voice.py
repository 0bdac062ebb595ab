from dataclasses import replace

import numpy as np
import pytest

from audio.decode import SAMPLE_RATE, Waveform
from model.render.midi import Part
from model.render.voice import Singer, draw_singer, sing
from tests.model.render.sounds import band_share, cut, find_onset, make_scale, measure_midi_pitch

PITCHES = [48, 52, 55, 60, 64, 67, 71]
SCALE = make_scale(PITCHES)


def plain_singer(pitch: float = 60.0, seed: int = 1) -> Singer:
    """Sings vowels alone, steadily and once."""
    drawn = draw_singer(pitch, np.random.default_rng(seed))
    return replace(drawn, vibrato_depth=0.0, consonance=0.0, doubling=0.0, jitter=0.02)


def record(part: Part = SCALE, singer: Singer | None = None, seed: int = 1, seconds: float = 8.0) -> Waveform:
    return sing(part, seconds, singer or plain_singer(), np.random.default_rng(seed))


def test_the_voice_sings_the_pitches_of_its_part() -> None:
    sound = record()
    for number, pitch in enumerate(PITCHES):
        note = cut(sound, 0.5 + number + 0.2, 0.5 + number + 0.55)
        assert measure_midi_pitch(note, pitch) == pytest.approx(pitch, abs=0.5)


@pytest.mark.parametrize("seed", range(6))
def test_vowels_begin_on_the_note(seed: int) -> None:
    sound = record(singer=plain_singer(seed=seed), seed=seed)
    onsets = [find_onset(cut(sound, 0.35 + n, 1.15 + n)) - 0.15 for n in range(len(PITCHES))]
    assert np.abs(np.median(onsets)) < 0.015
    assert np.abs(onsets).max() < 0.04


def test_a_recording_is_as_long_as_asked_and_finite() -> None:
    sound = record(seconds=7.77)
    assert len(sound) == round(7.77 * SAMPLE_RATE)
    assert sound.dtype == np.float32
    assert np.isfinite(sound).all()


def test_between_phrases_the_voice_rests() -> None:
    part = make_scale([60, 62, 64], gap=2.0)
    sound = record(part)
    assert np.abs(cut(sound, 1.3, 1.9)).max() < 0.05 * np.abs(sound).max()


def test_vowels_change_from_syllable_to_syllable() -> None:
    sound = record(make_scale([55] * 6))
    shares = [band_share(cut(sound, 0.6 + n, 1.0 + n), 1200, 3000) for n in range(6)]
    assert max(shares) > 3 * min(shares)


def test_a_vowel_is_shaped_by_formants_and_not_by_harmonics_alone() -> None:
    sound = record(make_scale([45] * 4))
    assert band_share(sound, 200, 1200) > 0.3
    assert band_share(sound, 4500, 8000) < 0.1


def test_consonants_hiss() -> None:
    part = make_scale([57] * 7)
    speaking = replace(plain_singer(), consonance=1.0, consonant_level=1.5)
    spoken, sung = record(part, speaking), record(part)
    before = [[np.abs(cut(sound, 0.4 + n, 0.48 + n)).max() for n in range(7)] for sound in (spoken, sung)]
    assert max(before[0]) > 2 * max(before[1])


def test_long_notes_waver() -> None:
    part = make_scale([57], length=3.0)
    steady, wavering = (replace(plain_singer(), vibrato_depth=d, vibrato_rate=5.0) for d in (0.0, 1.0))

    def spread(singer: Singer, start: float) -> float:
        sound = record(part, singer, seconds=4.0)
        places = np.arange(start, start + 0.7, 0.05)
        return float(np.std([measure_midi_pitch(cut(sound, p, p + 0.08), 57) for p in places]))

    assert spread(wavering, 2.2) > 3 * spread(steady, 2.2)


def test_a_doubled_voice_has_more_than_one_take() -> None:
    alone, doubled = (record(singer=replace(plain_singer(), doubling=d)) for d in (0.0, 0.7))
    assert not np.allclose(alone, doubled)
    assert len(alone) == len(doubled)


def test_an_octave_below_keeps_the_pitch_class() -> None:
    low = replace(plain_singer(), doubling=0.8, doubling_octave=-12)
    note = cut(record(make_scale([64]), low, seconds=2.0), 0.7, 1.05)
    assert measure_midi_pitch(note, 52) == pytest.approx(52, abs=0.6)


def test_the_same_seed_sings_the_same_and_another_does_not() -> None:
    assert np.array_equal(record(seed=3), record(seed=3))
    assert not np.array_equal(record(seed=3), record(seed=4))


def test_a_part_without_notes_is_silence() -> None:
    assert not record(Part(0, 52, np.zeros((0, 4)))).any()


def test_singers_differ_and_high_lines_have_short_tracts() -> None:
    low = [draw_singer(48, np.random.default_rng(seed)).tract for seed in range(20)]
    high = [draw_singer(74, np.random.default_rng(seed)).tract for seed in range(20)]
    assert np.mean(high) > 1.1 * np.mean(low)
    assert len({draw_singer(60, np.random.default_rng(seed)) for seed in range(20)}) == 20
