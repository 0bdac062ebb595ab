"""Which windows of a mix are worth asking with."""

import numpy as np
import pytest

from audio.audible import are_windows_audible
from audio.decode import Waveform
from audio.windows import WINDOW_SAMPLES, cut_windows

WINDOW = 8000
HOP = 2000


def hum(level: float, samples: int) -> Waveform:
    return np.full(samples, level, np.float32)


def test_all_of_a_steady_mix_is_audible() -> None:
    assert are_windows_audible(hum(0.1, 24_000), WINDOW, HOP, 9).all()


@pytest.mark.parametrize("level", [0.0, 0.0009])
def test_nothing_of_a_silent_mix_is_audible(level: float) -> None:
    assert not are_windows_audible(hum(level, 24_000), WINDOW, HOP, 9).any()


def test_windows_inside_a_rest_are_not_audible() -> None:
    mix = np.concatenate([hum(0.1, 8000), hum(0.0, 16_000), hum(0.1, 8000)])
    audible = are_windows_audible(mix, WINDOW, HOP, 13)
    assert np.flatnonzero(~audible).tolist() == [4, 5, 6, 7, 8]


def test_what_is_far_below_the_loudest_window_is_a_rest() -> None:
    mix = np.concatenate([hum(0.5, 8000), hum(0.004, 8000)])
    assert are_windows_audible(mix, WINDOW, WINDOW, 2).tolist() == [True, False]
    assert are_windows_audible(mix[8000:], WINDOW, WINDOW, 1).tolist() == [True]


def test_beyond_the_end_there_is_silence() -> None:
    assert are_windows_audible(hum(0.1, 9000), WINDOW, WINDOW, 3).tolist() == [True, True, False]


def test_an_empty_mix_has_no_audible_window() -> None:
    assert are_windows_audible(hum(0.1, 0), WINDOW, HOP, 2).tolist() == [False, False]


def test_the_rule_is_that_of_stem_windows() -> None:
    levels = [0.3, 0.0, 0.01, 0.0029, 0.0031, 0.1]
    stem = np.concatenate([hum(level, WINDOW_SAMPLES) for level in levels])
    asked = are_windows_audible(stem, WINDOW_SAMPLES, WINDOW_SAMPLES, len(levels))
    kept = cut_windows(stem, WINDOW_SAMPLES / 16_000).numbers
    assert np.flatnonzero(asked).tolist() == kept.tolist() == [0, 2, 4, 5]
