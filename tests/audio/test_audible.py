"""Which windows of a mix are worth asking with."""

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.audible import are_windows_audible
from audio.decode import Waveform
from audio.windows import WINDOW_SAMPLES, cut_windows

WINDOW = 8000
HOP = 2000


def starts(count: int, hop: int = HOP, first: int = 0) -> NDArray[np.int64]:
    return np.arange(first, first + count) * hop


def hum(level: float, samples: int) -> Waveform:
    return np.full(samples, level, np.float32)


def test_all_of_a_steady_mix_is_audible() -> None:
    assert are_windows_audible(hum(0.1, 24_000), WINDOW, starts(9)).all()


@pytest.mark.parametrize("level", [0.0, 0.0009])
def test_nothing_of_a_silent_mix_is_audible(level: float) -> None:
    assert not are_windows_audible(hum(level, 24_000), WINDOW, starts(9)).any()


def test_windows_inside_a_rest_are_not_audible() -> None:
    mix = np.concatenate([hum(0.1, 8000), hum(0.0, 16_000), hum(0.1, 8000)])
    audible = are_windows_audible(mix, WINDOW, starts(13))
    assert np.flatnonzero(~audible).tolist() == [4, 5, 6, 7, 8]


def test_what_is_far_below_the_loudest_window_is_a_rest() -> None:
    mix = np.concatenate([hum(0.5, 8000), hum(0.004, 8000)])
    assert are_windows_audible(mix, WINDOW, starts(2, WINDOW)).tolist() == [True, False]
    assert are_windows_audible(mix[8000:], WINDOW, starts(1, WINDOW)).tolist() == [True]


def test_beyond_the_end_there_is_silence() -> None:
    assert are_windows_audible(hum(0.1, 9000), WINDOW, starts(3, WINDOW)).tolist() == [True, True, False]


def test_a_window_that_begins_before_the_mix_hears_what_it_holds_of_it() -> None:
    mix = np.concatenate([hum(0.0, 4000), hum(0.1, 8000)])
    assert are_windows_audible(mix, WINDOW, starts(7, first=-5)).tolist() == [False] * 4 + [True] * 3
    assert not are_windows_audible(hum(0.1, 8000), WINDOW, starts(1, first=-4)).any()


def test_a_short_mix_is_as_loud_as_what_there_is_of_it() -> None:
    """A quarter of a window, just above silence."""
    assert are_windows_audible(hum(0.0011, 2000), WINDOW, starts(2, first=-2)).all()


def test_an_empty_mix_has_no_audible_window() -> None:
    assert are_windows_audible(hum(0.1, 0), WINDOW, starts(2)).tolist() == [False, False]


def test_the_rule_is_that_of_stem_windows() -> None:
    levels = [0.3, 0.0, 0.01, 0.0029, 0.0031, 0.1]
    stem = np.concatenate([hum(level, WINDOW_SAMPLES) for level in levels])
    asked = are_windows_audible(stem, WINDOW_SAMPLES, starts(len(levels), WINDOW_SAMPLES))
    kept = cut_windows(stem, WINDOW_SAMPLES / 16_000).numbers
    assert np.flatnonzero(asked).tolist() == kept.tolist() == [0, 2, 4, 5]
