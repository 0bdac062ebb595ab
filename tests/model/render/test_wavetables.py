"""Single cycles: what they are made of, and that no pitch folds back."""

import numpy as np
import pytest

from audio.decode import SAMPLE_RATE
from model.render.wavetables import (
    CYCLE,
    TOP_HERTZ,
    count_harmonics,
    make_tables,
    pulse_tables,
    read_tables,
    steady_phase,
)


def amplitudes_of(cycle: np.ndarray, harmonics: int) -> np.ndarray:
    """Amplitude of each harmonic of a cycle."""
    return np.abs(np.fft.rfft(cycle))[1 : harmonics + 1] * 2 / len(cycle)


def test_a_table_with_one_harmonic_is_a_sine() -> None:
    [cycle] = make_tables(np.array([[0.5]]))
    np.testing.assert_allclose(cycle, 0.5 * np.sin(2 * np.pi * np.arange(CYCLE) / CYCLE), atol=1e-6)


def test_a_quarter_turn_makes_it_a_cosine() -> None:
    [cycle] = make_tables(np.array([[1.0]]), np.pi / 2)
    np.testing.assert_allclose(cycle, np.cos(2 * np.pi * np.arange(CYCLE) / CYCLE), atol=1e-6)


def test_harmonics_have_the_amplitudes_that_were_asked_for() -> None:
    wanted = np.array([[1.0, 0.5, 0.0, 0.25], [0.1, 0.2, 0.3, 0.4]])
    for cycle, amplitudes in zip(make_tables(wanted), wanted, strict=True):
        np.testing.assert_allclose(amplitudes_of(cycle, 6), [*amplitudes, 0, 0], atol=1e-6)


@pytest.mark.parametrize("hertz", [27.5, 110.0, 440.0, 1760.0, 3520.0])
def test_all_harmonics_that_fit_below_the_top_are_used(hertz: float) -> None:
    harmonics = count_harmonics(hertz)
    assert harmonics * hertz <= TOP_HERTZ < SAMPLE_RATE / 2
    assert (harmonics + 1) * hertz > TOP_HERTZ


@pytest.mark.parametrize(("hertz", "harmonics"), [(7000.0, 1), (9000.0, 1), (0.5, CYCLE // 2 - 1)])
def test_there_is_one_harmonic_at_least_and_no_more_than_a_cycle_holds(hertz: float, harmonics: int) -> None:
    assert count_harmonics(hertz) == harmonics


def test_each_octave_of_pulses_stays_below_the_top_at_its_highest_pitch() -> None:
    tables = pulse_tables(tilt=1.0, lowest=100.0, highest=800.0)
    assert tables.shape == (3, CYCLE)
    for octave, cycle in enumerate(tables):
        heard = np.flatnonzero(amplitudes_of(cycle, CYCLE // 2) > 1e-4) + 1
        assert heard.max() * 100.0 * 2 ** (octave + 1) <= TOP_HERTZ


def test_harmonics_of_a_pulse_fall_by_its_tilt() -> None:
    cycle = pulse_tables(tilt=1.5, lowest=100.0, highest=200.0)[0]
    np.testing.assert_allclose(amplitudes_of(cycle, 8), np.arange(1, 9) ** -1.5, rtol=1e-3)


@pytest.mark.parametrize("hertz", [100.0, 440.0, 1000.0])
def test_a_table_is_read_at_the_pitch_of_its_phase(hertz: float) -> None:
    tables = make_tables(np.array([[1.0]]))
    sound = read_tables(tables, np.zeros(SAMPLE_RATE, np.int64), steady_phase(hertz, SAMPLE_RATE))
    assert np.argmax(np.abs(np.fft.rfft(sound))) == pytest.approx(hertz, abs=1)


def test_rows_can_change_from_sample_to_sample() -> None:
    tables = np.stack([np.full(CYCLE, 1.0), np.full(CYCLE, -1.0)]).astype(np.float32)
    assert read_tables(tables, np.array([0, 1, 0]), np.array([0.1, 0.9, 7.3])).tolist() == [1.0, -1.0, 1.0]


def test_a_phase_starts_where_it_is_told_and_moves_on_evenly() -> None:
    phase = steady_phase(SAMPLE_RATE / 4, 5, start=0.5)
    assert phase.tolist() == [0.5, 0.75, 1.0, 1.25, 1.5]
