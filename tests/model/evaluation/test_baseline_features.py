"""What rules hear, on sounds of which it is known."""

import numpy as np
import pytest

from audio.decode import SAMPLE_RATE
from model.evaluation.baseline_features import CHROMA_HOP, ONSET_HOP, Listener, hear, onset_strength
from tests.model.evaluation.baseline_sounds import A_MINOR, C_MAJOR, beat, chords, clicks
from tests.model.multitracks import noise, tone

SECOND = SAMPLE_RATE


def test_level_is_rms_in_decibels() -> None:
    assert hear(tone(440, SECOND, level=1.0)).level == pytest.approx(-3.01, abs=0.01)
    assert hear(tone(440, SECOND, level=0.1)).level == pytest.approx(-23.01, abs=0.01)


def test_length_is_in_seconds() -> None:
    assert hear(noise(0, 3 * SECOND)).seconds == 3.0


@pytest.mark.parametrize("hertz", [250.0, 1000.0, 4000.0])
def test_the_centroid_of_a_tone_is_its_frequency(hertz: float) -> None:
    assert hear(tone(hertz, 2 * SECOND)).centroid == pytest.approx(np.log2(hertz), abs=0.02)


@pytest.mark.parametrize(("hertz", "band"), [(100.0, 0), (500.0, 1), (3000.0, 2)])
def test_a_tone_fills_one_band(hertz: float, band: int) -> None:
    bands = hear(tone(hertz, 2 * SECOND)).bands
    assert bands[band] > 0.98 * bands.sum()


def test_onsets_are_strongest_where_something_is_struck() -> None:
    times = np.array([0.5, 1.1, 1.9, 2.4])
    strength = onset_strength(clicks(times, 3.0))
    strongest = np.sort(np.argsort(strength)[-len(times) :]) * ONSET_HOP / SAMPLE_RATE
    # A frame before or after: the window is wider than the hop.
    np.testing.assert_allclose(strongest, times, atol=2 * ONSET_HOP / SAMPLE_RATE)


def test_a_held_tone_has_no_onsets_after_its_beginning() -> None:
    strength = onset_strength(tone(440, 3 * SECOND))
    begun = SECOND // ONSET_HOP
    assert np.ptp(strength[begun:-10]) < 0.05 * np.ptp(strength)


def test_onsets_do_not_depend_on_the_level() -> None:
    loud = clicks(np.array([0.5, 1.1, 1.9]), 3.0, level=0.5)
    np.testing.assert_allclose(onset_strength(loud), onset_strength(loud / np.float32(100)), atol=1e-4)


def test_onsets_have_no_mean() -> None:
    assert abs(onset_strength(beat(120, 5.0)).mean()) < 1e-6


@pytest.mark.parametrize("chord", [C_MAJOR, A_MINOR])
@pytest.mark.parametrize("octave", [3, 4])
def test_chroma_is_strongest_at_the_chords_pitches_in_any_octave(chord: tuple[int, ...], octave: int) -> None:
    chroma = hear(chords([chord], 2.0, octave)).chroma
    assert set(np.argsort(chroma.mean(axis=1))[-3:]) == set(chord)


def test_chroma_has_no_mean_and_length_one() -> None:
    chroma = hear(chords([C_MAJOR], 2.0)).chroma
    np.testing.assert_allclose(chroma.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(chroma, axis=0), 1, atol=1e-5)


def test_chroma_does_not_depend_on_the_level() -> None:
    chord = chords([C_MAJOR, A_MINOR], 1.0)
    np.testing.assert_allclose(hear(chord).chroma, hear(chord / np.float32(8)).chroma, atol=1e-4)


def test_a_pause_has_no_chroma() -> None:
    chord = chords([C_MAJOR], 2.0)
    paused = np.concatenate([chord, np.zeros(2 * SECOND, np.float32)])
    chroma = hear(paused).chroma
    assert np.abs(chroma[:, : SECOND // CHROMA_HOP]).max() > 0
    assert not chroma[:, 3 * SECOND // CHROMA_HOP :].any()


def test_the_pulse_of_one_tempo_is_the_same_in_any_sound() -> None:
    slow, slow_and_high, fast = hear(beat(90, 12.0)), hear(beat(90, 12.0, 3000.0)), hear(beat(131, 12.0))
    assert slow.pulse @ slow_and_high.pulse > 0.95
    assert slow.pulse @ fast.pulse < 0.3


@pytest.mark.parametrize("samples", [0, 1, 100, SECOND])
def test_silence_and_next_to_nothing_can_be_heard(samples: int) -> None:
    heard = hear(np.zeros(samples, np.float32))
    assert heard.level == -120
    assert not heard.onsets.any()
    assert not heard.chroma.any()
    assert not heard.pulse.any()
    assert not heard.bands.any()


def test_features_are_in_step_with_time() -> None:
    heard = hear(noise(0, 10 * SECOND))
    assert heard.onsets.shape == (1, 10 * SECOND // ONSET_HOP)
    assert heard.chroma.shape == (12, 10 * SECOND // CHROMA_HOP)


def test_a_long_recording_is_heard_as_its_parts_are() -> None:
    long = noise(0, 80 * SECOND)  # more frames than are transformed at once
    whole, part = hear(long), hear(long[: 10 * SECOND])
    inside = 9 * SECOND // CHROMA_HOP
    np.testing.assert_allclose(whole.chroma[:, :inside], part.chroma[:, :inside], atol=1e-5)


def test_a_recording_is_heard_once() -> None:
    listener = Listener()
    first = listener.listen(noise(0, SECOND))
    assert listener.listen(noise(0, SECOND)) is first
    assert listener.listen(noise(1, SECOND)) is not first
    assert len(listener.heard) == 2
