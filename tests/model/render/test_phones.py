import numpy as np
import pytest

from model.render.articulation import articulate
from model.render.phones import HISSES, NASAL, VOWELS, hiss_envelopes, vowel_envelopes
from model.render.sung_line import write_line
from tests.model.render.sounds import make_scale

HERTZ = np.asarray(np.fft.rfftfreq(2048, 1 / 16_000), np.float64)
NAMES = list(VOWELS)


@pytest.mark.parametrize("name", ["i", "a", "u", "er"])
def test_a_vowel_is_loudest_at_its_first_formant(name: str) -> None:
    envelope = vowel_envelopes(HERTZ, 1.0, 0.0)[NAMES.index(name)]
    # The source falls by six decibels an octave.
    heard = envelope[1:] - np.log(HERTZ[1:])
    near = (HERTZ[1:] > 150) & (HERTZ[1:] < 8000)
    assert HERTZ[1:][near][int(np.argmax(heard[near]))] == pytest.approx(VOWELS[name][0], abs=80)


def test_a_shorter_tract_has_higher_formants() -> None:
    short, long = (vowel_envelopes(HERTZ, scale, 0.0)[NAMES.index("a")] for scale in (1.2, 1.0))
    assert HERTZ[int(np.argmax(short))] > 1.1 * HERTZ[int(np.argmax(long))]


def test_a_trained_voice_rings_near_three_kilohertz() -> None:
    gain = vowel_envelopes(HERTZ, 1.0, 1.5)[0] - vowel_envelopes(HERTZ, 1.0, 0.0)[0]
    assert 2700 < HERTZ[int(np.argmax(gain))] < 3100


def test_vowels_are_about_equally_loud() -> None:
    levels = np.sqrt(np.mean(np.exp(2 * vowel_envelopes(HERTZ, 1.0, 0.0)[:, HERTZ < 2900]), axis=1))
    assert levels == pytest.approx(np.ones(len(VOWELS)), rel=0.01)


@pytest.mark.parametrize("name", list(HISSES))
def test_a_hiss_lies_in_its_band(name: str) -> None:
    envelope = hiss_envelopes(HERTZ)[list(HISSES).index(name)]
    assert HERTZ[int(np.argmax(envelope))] == pytest.approx(HISSES[name].centre, abs=10)


def test_the_voice_is_on_during_notes_and_off_between_phrases() -> None:
    line = write_line(make_scale([60, 62], gap=2.0), 0.0, np.random.default_rng(0))
    moments = np.arange(0, 4, 0.002)
    voiced = articulate(line, moments, 1.0).voiced
    assert voiced[(moments > 0.55) & (moments < 1.05)].min() > 0.7
    assert voiced[(moments > 1.2) & (moments < 2.4)].max() < 0.01
    assert voiced[round(0.5 / 0.002)] == pytest.approx(0.5 * line.levels[0], rel=0.1)


def test_a_singer_takes_breath_before_a_phrase_and_hisses_before_the_note() -> None:
    line = write_line(make_scale([60] * 20, gap=1.0), 1.0, np.random.default_rng(1))
    moments = np.arange(0, 21, 0.002)
    tracks = articulate(line, moments, 1.0)
    assert tracks.breath.max() > 0
    for start, consonant in zip(line.starts, line.consonants, strict=True):
        before = tracks.hissing[(moments > start - 0.05) & (moments < start)].max()
        assert (before > 0.05) == (consonant in HISSES)


def test_a_nasal_murmurs_before_its_vowel() -> None:
    line = write_line(make_scale([60] * 40, gap=1.0), 1.0, np.random.default_rng(2))
    moments = np.arange(0, 41, 0.002)
    weights = articulate(line, moments, 1.0).vowels[:, NAMES.index(NASAL)]
    nasal = [weights[round((s - 0.035) / 0.002)] > 0.5 for s in line.starts]
    assert nasal == [consonant == "m" for consonant in line.consonants]


def test_weights_of_vowels_add_up() -> None:
    line = write_line(make_scale([60] * 5), 0.8, np.random.default_rng(3))
    weights = articulate(line, np.arange(0, 6, 0.002), 1.0).vowels
    assert weights.sum(axis=1) == pytest.approx(np.ones(len(weights)), abs=1e-4)
