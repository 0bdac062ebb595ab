"""Key of cadences whose key is known, and of sounds without any."""

import numpy as np
import pytest

from audio.chroma import measure_chroma
from audio.decode import SAMPLE_RATE
from audio.key import Key, compatible_keys, estimate_key, key_probabilities
from tests.audio.music import MAJOR_SCALE, MINOR_SCALE, make_beat, make_cadence, make_noise, make_note


@pytest.mark.parametrize("tonic", [0, 3, 6, 7, 10])
@pytest.mark.parametrize("minor", [False, True])
def test_the_key_of_a_cadence_is_found(tonic: int, minor: bool) -> None:
    guess = estimate_key(make_cadence(tonic, MINOR_SCALE if minor else MAJOR_SCALE))
    assert guess is not None
    assert guess.key == Key(tonic, minor)
    assert 0.3 < guess.confidence <= 1


@pytest.mark.parametrize("tuning", [-0.4, 0.3])
def test_a_recording_out_of_tune_keeps_its_key(tuning: float) -> None:
    guess = estimate_key(make_cadence(2, MAJOR_SCALE, tuning=tuning))
    assert guess is not None
    assert guess.key == Key(2, minor=False)


def test_the_tuning_is_measured() -> None:
    chroma = measure_chroma(make_cadence(0, MAJOR_SCALE, tuning=0.25))
    assert chroma is not None
    assert chroma.tuning == pytest.approx(0.25, abs=0.05)


def test_drums_beside_the_notes_do_not_change_the_key() -> None:
    notes = make_cadence(9, MINOR_SCALE)
    guess = estimate_key(notes + make_beat(120, len(notes) / SAMPLE_RATE) * np.float32(0.3))
    assert guess is not None
    assert guess.key in compatible_keys(Key(9, minor=True))


def test_a_note_fills_its_own_pitch_class() -> None:
    chroma = measure_chroma(make_note(69, 2.0, harmonics=1))
    assert chroma is not None
    assert chroma.classes.argmax() == 9
    assert chroma.classes[9] > 0.9
    assert chroma.classes.sum() == pytest.approx(1)


def test_a_transposed_recording_has_the_transposed_probabilities() -> None:
    chromas = [measure_chroma(make_cadence(tonic, MAJOR_SCALE)) for tonic in (0, 2)]
    first, second = (key_probabilities(chroma) for chroma in chromas if chroma)
    assert np.allclose(np.roll(first.reshape(2, 12), 2, axis=1), second.reshape(2, 12), atol=0.1)


def test_probabilities_sum_to_one() -> None:
    chroma = measure_chroma(make_cadence(5, MINOR_SCALE))
    assert chroma is not None
    assert key_probabilities(chroma).sum() == pytest.approx(1)


def test_one_note_is_less_sure_than_a_cadence() -> None:
    note, cadence = estimate_key(make_note(60, 4.0)), estimate_key(make_cadence(0, MAJOR_SCALE))
    assert cadence is not None
    assert note is None or note.confidence < cadence.confidence


def test_drums_have_no_key() -> None:
    assert estimate_key(make_beat(120, 8)) is None


def test_noise_has_no_key() -> None:
    assert estimate_key(make_noise(8)) is None


def test_silence_and_half_a_second_have_no_key() -> None:
    assert estimate_key(np.zeros(8 * SAMPLE_RATE, dtype=np.float32)) is None
    assert estimate_key(make_note(60, 0.4)) is None
    assert estimate_key(np.zeros(0, dtype=np.float32)) is None


def test_a_constant_offset_does_not_hide_the_key() -> None:
    notes = make_cadence(9, MINOR_SCALE)
    without, beside = estimate_key(notes), estimate_key(notes + np.float32(0.5))
    assert without is not None
    assert beside is not None
    assert beside.key == without.key
    assert beside.confidence == pytest.approx(without.confidence, abs=0.05)
