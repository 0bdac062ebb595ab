from dataclasses import replace
from typing import TypedDict, Unpack

import numpy as np
import pytest

from audio.decode import SAMPLE_RATE
from audio.stems import StemType
from model.render.electronic import play_electronic
from model.render.midi import Control, Part
from model.render.timbres import CHARACTERS, Shape, Synthesis, Timbre, draw_timbre
from model.render.tones import make_tone
from tests.model.render.sounds import band_share, cut, find_onset, make_scale, measure_midi_pitch

PITCHES = [40, 47, 55, 62, 70, 79]


class Changes(TypedDict, total=False):
    """What is set of a timbre that was drawn."""

    voices: int
    decay: float
    sustain: float
    release: float
    cutoff: float
    sweep: float
    detune: float
    pluck_damping: float
    touch: float


def timbre_of(synthesis: Synthesis, seed: int = 0, **changes: Unpack[Changes]) -> Timbre:
    drawn = draw_timbre(StemType.SYNTH, 0.5, np.random.default_rng(seed))
    # Modulators at ratios like 3.5 make bells, whose pitch is a matter of taste.
    return replace(drawn, synthesis=synthesis, fm_ratio=1.0, sub=0.0, vibrato=0.0, **changes)


@pytest.mark.parametrize("synthesis", list(Synthesis))
def test_every_synthesis_plays_the_pitches_of_a_part(synthesis: Synthesis) -> None:
    sound = play_electronic(make_scale(PITCHES), 7.0, timbre_of(synthesis))
    for number, pitch in enumerate(PITCHES):
        note = cut(sound, 0.6 + number, 1.0 + number)
        assert measure_midi_pitch(note, pitch) == pytest.approx(pitch, abs=0.25)


@pytest.mark.parametrize("stem_type", [StemType.BASS, StemType.KEYS, StemType.GUITAR])
@pytest.mark.parametrize("seed", range(5))
def test_struck_instruments_sound_on_the_note(stem_type: StemType, seed: int) -> None:
    sound = play_electronic(make_scale([50]), 2.0, draw_timbre(stem_type, 0.5, np.random.default_rng(seed)))
    assert find_onset(sound) == pytest.approx(0.5, abs=0.015)


@pytest.mark.parametrize("shape", list(Shape))
def test_nothing_folds_back_from_above_the_highest_frequency(shape: Shape) -> None:
    timbre = timbre_of(Synthesis.SUBTRACTIVE, voices=1, detune=0.0, cutoff=60.0, sweep=0.0)
    tone = make_tone(replace(timbre, shape=shape, sustain=1.0), 1500.0, 0.5, 1.0)[1600:]
    power = np.abs(np.fft.rfft(tone * np.hanning(len(tone)))) ** 2
    hertz = np.fft.rfftfreq(len(tone), 1 / SAMPLE_RATE)
    harmonic = np.abs(hertz / 1500 - np.round(hertz / 1500)) * 1500 < 20
    assert power[~harmonic].sum() < 1e-3 * power.sum()


def test_a_low_cutoff_is_dark() -> None:
    dark, bright = (
        make_tone(timbre_of(Synthesis.SUBTRACTIVE, cutoff=c, sweep=0.0), 110.0, 0.5, 1.0) for c in (2.0, 30.0)
    )
    assert band_share(dark, 1000, 8000) < 0.2 * band_share(bright, 1000, 8000)


def test_a_unison_beats_and_a_single_oscillator_does_not() -> None:
    single, unison = (
        timbre_of(Synthesis.SUBTRACTIVE, voices=n, detune=0.4 * (n > 1), sustain=1.0, sweep=0.0)
        for n in (1, 3)
    )
    levels = [
        np.abs(make_tone(timbre, 220.0, 0.5, 3.0)[8000:].reshape(-1, 800)).max(axis=1)
        for timbre in (single, unison)
    ]
    assert levels[1].std() / levels[1].mean() > 3 * levels[0].std() / levels[0].mean()


def test_a_string_dies_away_and_its_high_partials_first() -> None:
    tone = make_tone(timbre_of(Synthesis.PLUCKED, decay=0.8, pluck_damping=0.5, cutoff=20.0), 110.0, 0.5, 2.0)
    assert np.abs(cut(tone, 1.7, 2.0)).max() < 0.3 * np.abs(cut(tone, 0.0, 0.3)).max()
    assert band_share(cut(tone, 1.0, 1.5), 1000, 8000) < 0.3 * band_share(cut(tone, 0.0, 0.5), 1000, 8000)


def test_a_hard_stroke_is_louder_and_brighter() -> None:
    timbre = timbre_of(Synthesis.PLUCKED, touch=1.5, cutoff=6.0)
    soft, hard = (
        play_electronic(Part(0, 0, np.array([[0.0, 1.0, 50, v]], np.float64)), 1.5, timbre) for v in (40, 120)
    )
    assert np.abs(hard).max() > 2 * np.abs(soft).max()
    assert band_share(hard, 1500, 8000) > band_share(soft, 1500, 8000)


def test_a_note_ends_with_its_release() -> None:
    timbre = timbre_of(Synthesis.ORGAN, release=0.02)
    sound = play_electronic(make_scale([60], length=0.5), 2.0, timbre)
    assert np.abs(cut(sound, 0.6, 0.95)).max() > 0.3
    assert np.abs(cut(sound, 1.15, 2.0)).max() < 1e-3


def test_the_pedal_holds_a_note() -> None:
    notes = make_scale([60], length=0.3).notes
    held = Part(0, 0, notes, (Control(0.0, 64, 127), Control(1.5, 64, 0)))
    timbre = timbre_of(Synthesis.ORGAN, release=0.02)
    assert np.abs(cut(play_electronic(held, 2.0, timbre), 1.2, 1.4)).max() > 0.3


def test_equal_notes_are_equal_copies() -> None:
    sound = play_electronic(make_scale([60, 60, 60]), 4.0, timbre_of(Synthesis.SUBTRACTIVE, release=0.03))
    assert np.array_equal(cut(sound, 0.5, 1.4), cut(sound, 1.5, 2.4))


def test_a_note_beyond_the_end_is_cut_and_not_an_error() -> None:
    sound = play_electronic(make_scale([60, 62], gap=1.4), 2.0, timbre_of(Synthesis.FM))
    assert len(sound) == 2 * SAMPLE_RATE
    assert np.isfinite(sound).all()


@pytest.mark.parametrize("stem_type", list(CHARACTERS))
def test_instruments_of_a_type_differ_and_draw_only_its_syntheses(stem_type: StemType) -> None:
    drawn = [draw_timbre(stem_type, 0.5, np.random.default_rng(seed)) for seed in range(40)]
    assert len(set(drawn)) == 40
    assert {timbre.synthesis for timbre in drawn} <= set(CHARACTERS[stem_type].syntheses)


def test_long_notes_are_not_given_to_an_instrument_that_dies_away() -> None:
    for seed in range(30):
        assert draw_timbre(StemType.KEYS, 2.0, np.random.default_rng(seed)).sustain >= 0.5
