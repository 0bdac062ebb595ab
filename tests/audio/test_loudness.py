"""Loudness against the values that ITU-R BS.1770-4 and EBU Tech 3341 state."""

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.loudness import integrated_loudness

Samples = NDArray[np.float32]


def _sine(seconds: float, dbfs: float, rate: int = 48_000, hertz: float = 997.0) -> Samples:
    times = np.arange(round(seconds * rate)) / rate
    return (10 ** (dbfs / 20) * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def _stereo(*parts: Samples) -> Samples:
    mono = np.concatenate(parts)
    return np.stack([mono, mono], axis=1)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_a_full_scale_sine_in_one_channel_is_minus_3_01_lufs_at_any_rate(rate: int) -> None:
    assert integrated_loudness(_sine(5, 0, rate), rate) == pytest.approx(-3.01, abs=0.1)


def test_the_standards_own_rate_gives_its_value_closely() -> None:
    assert integrated_loudness(_sine(20, 0), 48_000) == pytest.approx(-3.01, abs=0.01)


@pytest.mark.parametrize("level", [-23.0, -33.0])
def test_ebu_3341_cases_1_and_2_a_stereo_sine_has_its_level(level: float) -> None:
    assert integrated_loudness(_stereo(_sine(20, level, hertz=1000)), 48_000) == pytest.approx(level, abs=0.1)


def test_ebu_3341_case_3_quiet_ends_fall_to_the_relative_gate() -> None:
    quiet, loud = _sine(10, -36, hertz=1000), _sine(60, -23, hertz=1000)
    assert integrated_loudness(_stereo(quiet, loud, quiet), 48_000) == pytest.approx(-23, abs=0.1)


def test_ebu_3341_case_4_the_absolute_gate_leaves_out_near_silence() -> None:
    silence, quiet = _sine(10, -72, hertz=1000), _sine(10, -36, hertz=1000)
    samples = _stereo(silence, quiet, _sine(60, -23, hertz=1000), quiet, silence)
    assert integrated_loudness(samples, 48_000) == pytest.approx(-23, abs=0.1)


def test_ebu_3341_case_5_blocks_over_the_gate_are_averaged_by_power() -> None:
    ends = _sine(20, -26, hertz=1000)
    samples = _stereo(ends, _sine(20.1, -20, hertz=1000), ends)
    assert integrated_loudness(samples, 48_000) == pytest.approx(-23, abs=0.1)


def test_half_the_amplitude_is_six_decibels_less() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 64_000).astype(np.float32)
    loud, soft = integrated_loudness(noise, 16_000), integrated_loudness(noise * np.float32(0.5), 16_000)
    assert loud is not None
    assert soft == pytest.approx(loud - 6.02, abs=0.01)


def test_low_notes_count_less_than_high_ones() -> None:
    low, high = (integrated_loudness(_sine(2, -10, hertz=hertz), 48_000) for hertz in (30, 4000))
    assert low is not None
    assert high is not None
    assert high - low > 6


def test_a_long_recording_is_as_loud_as_its_part() -> None:
    part = np.random.default_rng(1).normal(0, 0.1, 16_000 * 50).astype(np.float32)
    assert integrated_loudness(np.tile(part, 3), 16_000) == pytest.approx(
        integrated_loudness(part, 16_000), abs=0.01
    )


@pytest.mark.parametrize("samples", [0, 100, 6_399])
def test_less_than_a_block_has_no_loudness(samples: int) -> None:
    assert integrated_loudness(np.ones(samples, dtype=np.float32), 16_000) is None


def test_one_block_is_enough() -> None:
    assert integrated_loudness(_sine(0.4, 0, 16_000), 16_000) == pytest.approx(-3, abs=0.3)


def test_silence_has_no_loudness() -> None:
    assert integrated_loudness(np.zeros(16_000, dtype=np.float32), 16_000) is None
    assert integrated_loudness(_sine(1, -90), 48_000) is None
