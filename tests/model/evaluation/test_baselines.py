"""Rules find what they should, and know nothing of what they should not."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType
from model.evaluation.baselines import rule_scorers
from model.evaluation.scorer import StemScorer
from tests.model.evaluation.baseline_sounds import beat, chords, clicks, progression, rhythm
from tests.model.multitracks import noise, tone

SECONDS = 20.0
DELAY = 6.37  # of a stem's end that is played with the mix


def scorer(label: str) -> StemScorer:
    return next(one for one in rule_scorers() if one.label == label)


def ask(
    label: str, mix: Waveform, stems: Sequence[Waveform], stem_type: StemType = StemType.KEYS
) -> NDArray[np.float32]:
    rule = scorer(label)
    return rule.scores(mix, stem_type, [rule.embed_stem(stem, stem_type) for stem in stems])


def mix_and_stem(seed: int) -> tuple[Waveform, Waveform]:
    """A mix of high clicks that begins `DELAY` after the stem of low clicks that goes with it."""
    times = rhythm(seed, SECONDS + DELAY)
    later = times[times > DELAY] - DELAY
    return clicks(later, SECONDS, 3000.0), clicks(times, SECONDS + DELAY, 500.0)


def test_every_rule_has_a_name_of_its_own() -> None:
    labels = [one.label for one in rule_scorers()]
    assert len(set(labels)) == len(labels) == 8


@pytest.mark.parametrize("label", [one.label for one in rule_scorers()])
@pytest.mark.parametrize("stem_type", [StemType.DRUMS, StemType.BASS])
def test_every_rule_scores_every_stem_even_silence(label: str, stem_type: StemType) -> None:
    stems = [noise(0, 20 * SAMPLE_RATE), np.zeros(20 * SAMPLE_RATE, np.float32), noise(1, 3 * SAMPLE_RATE)]
    for mix in (noise(2, 20 * SAMPLE_RATE), np.zeros(20 * SAMPLE_RATE, np.float32)):
        scores = ask(label, mix, stems, stem_type)
        assert scores.shape == (3,)
        assert scores.dtype == np.float32
        assert np.isfinite(scores).all()


@pytest.mark.parametrize("label", ["onset correlation", "onset + chroma correlation"])
@pytest.mark.parametrize("stem_type", [StemType.DRUMS, StemType.KEYS])
def test_onsets_find_the_delayed_clicks(label: str, stem_type: StemType) -> None:
    pairs = [mix_and_stem(seed) for seed in range(4)]
    stems = [stem for _, stem in pairs]
    for number, (mix, _) in enumerate(pairs):
        assert int(ask(label, mix, stems, stem_type).argmax()) == number


def test_onsets_do_not_care_for_level_or_pitch() -> None:
    mix, stem = mix_and_stem(0)
    plain = ask("onset correlation", mix, [stem])
    other = ask("onset correlation", mix / np.float32(10), [stem / np.float32(3)])
    np.testing.assert_allclose(other, plain, atol=1e-3)


def test_chroma_prefers_the_same_chords_whenever_they_begin() -> None:
    played = progression(1, 14)
    mix = chords(played[3:13], 2.0, octave=4)
    same, others = chords(played, 2.0, octave=3), [chords(progression(seed, 14), 2.0) for seed in (2, 3, 4)]
    scores = ask("chroma correlation", mix, [same, *others])
    assert int(scores.argmax()) == 0
    assert scores[0] > 0.8


def test_chroma_hears_a_transposition() -> None:
    played = progression(1, 10)
    moved = [tuple(pitch + 1 for pitch in chord) for chord in played]
    scores = ask("chroma correlation", chords(played, 2.0), [chords(played, 2.0, 3), chords(moved, 2.0, 3)])
    assert scores[0] > scores[1] + 0.5


@pytest.mark.parametrize("label", ["chroma correlation"])
def test_chroma_says_nothing_about_drums(label: str) -> None:
    mix, stem = mix_and_stem(0)
    assert not ask(label, mix, [stem, mix], StemType.DRUMS).any()


def test_together_onsets_and_chroma_must_agree_on_one_lag() -> None:
    """The same chords and the same rhythm, but the rhythm of the second stem belongs elsewhere."""
    played, times = progression(1, 13), rhythm(0, 26.0)
    harmony, low = chords(played, 2.0, octave=3), clicks(times, 26.0, 4000.0)
    mix = chords(played[3:], 2.0) + clicks(times[times > 6] - 6, 20.0, 5000.0)
    apart = np.concatenate([low[-4 * SAMPLE_RATE :], low[: -4 * SAMPLE_RATE]])
    scores = ask("onset + chroma correlation", mix, [harmony + low, harmony + apart])
    assert scores[0] > scores[1] + 0.2


def test_tempo_prefers_the_same_tempo_in_other_sounds() -> None:
    stems = [beat(bpm, 30.0, 400.0) for bpm in (80, 97, 120, 133)]
    assert int(ask("tempo", beat(97, 20.0), stems).argmax()) == 1


def test_tempo_is_blind_to_the_offset() -> None:
    stem = beat(97, 30.0, 400.0)
    scores = ask("tempo", beat(97, 20.0), [stem, stem[5000:]])
    assert scores[0] == pytest.approx(scores[1], abs=0.03)


def test_mashability_needs_both_chords_and_tempo() -> None:
    played = progression(1, 10)
    other = [tuple(pitch + 6 for pitch in chord) for chord in played]
    pulse, wrong = beat(120, 20.0, 4000.0), beat(87, 20.0, 4000.0)
    mix = chords(played, 2.0) + pulse
    stems = [chords(one, 2.0, 3) + time for one in (played, other) for time in (pulse, wrong)]
    scores = ask("chroma, tempo, balance", mix, stems)
    assert int(scores.argmax()) == 0
    assert scores[0] > 1.5 * max(scores[1:])


def test_mashability_prefers_what_fills_the_empty_bands() -> None:
    mix = beat(120, 20.0, 100.0)
    low, high = beat(120, 20.0, 120.0), beat(120, 20.0, 3000.0)
    low_score, high_score = ask("chroma, tempo, balance", mix, [low, high], StemType.DRUMS)
    assert high_score > low_score


def test_loudness_is_blind_to_content() -> None:
    mix, stem = mix_and_stem(0)
    level = np.sqrt(np.mean(stem**2))
    other = noise(5, len(stem))
    other *= level / np.sqrt(np.mean(other**2))
    same, alike, louder = ask("loudness", 100 * mix, [stem, other, 4 * stem])
    assert same == pytest.approx(alike, abs=1e-3)
    assert louder - same == pytest.approx(12.04, abs=0.01)


def test_duration_sees_lengths_only() -> None:
    mix = noise(0, 20 * SAMPLE_RATE)
    scores = ask(
        "duration", mix, [noise(1, 25 * SAMPLE_RATE), tone(440, 20 * SAMPLE_RATE), mix[: 8 * SAMPLE_RATE]]
    )
    np.testing.assert_allclose(scores, [-5, 0, -12])


def test_the_centroid_sees_brightness_only() -> None:
    mix = tone(1000, 20 * SAMPLE_RATE)
    scores = ask("spectral centroid", mix, [tone(500, 9 * SAMPLE_RATE), tone(1000, 9 * SAMPLE_RATE, 0.01)])
    np.testing.assert_allclose(scores, [-1, 0], atol=0.02)
