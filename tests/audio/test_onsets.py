"""Where things begin."""

import numpy as np

from audio.decode import SAMPLE_RATE
from audio.onsets import ONSET_RATE, onset_strength
from tests.audio.music import make_hit, make_note


def test_a_hit_is_strongest_where_it_begins() -> None:
    waveform = np.zeros(2 * SAMPLE_RATE, dtype=np.float32)
    waveform[SAMPLE_RATE : SAMPLE_RATE + 4000] = make_hit()
    strength = onset_strength(waveform)
    assert abs(strength.argmax() / ONSET_RATE - 1.0) < 0.05


def test_a_low_and_a_high_note_both_count() -> None:
    for pitch in (33, 93):
        silence = np.zeros(SAMPLE_RATE, dtype=np.float32)
        strength = onset_strength(np.concatenate([silence, make_note(pitch, 1.0)]))
        assert abs(strength.argmax() / ONSET_RATE - 1.0) < 0.06


def test_the_gain_does_not_matter() -> None:
    waveform = np.concatenate([np.zeros(8000, np.float32), make_hit()])
    assert np.allclose(onset_strength(waveform), onset_strength(waveform * 8), atol=1e-4)


def test_one_strength_a_hop() -> None:
    assert abs(len(onset_strength(make_note(60, 4.0))) - 4 * ONSET_RATE) <= 2


def test_strengths_are_never_negative() -> None:
    assert onset_strength(make_note(60, 2.0)).min() >= 0


def test_silence_and_a_few_samples_have_none() -> None:
    assert not len(onset_strength(np.zeros(SAMPLE_RATE, dtype=np.float32)))
    assert not len(onset_strength(np.ones(100, dtype=np.float32)))
    assert not len(onset_strength(np.zeros(0, dtype=np.float32)))
