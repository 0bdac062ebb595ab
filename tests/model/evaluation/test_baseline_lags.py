"""Correlation at every lag."""

import numpy as np
import pytest

from model.evaluation.baseline_lags import correlate_lags, frames_of_window


def frames(seed: int, count: int, features: int = 1) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.random.default_rng(seed).standard_normal((features, count)).astype(np.float32)


@pytest.mark.parametrize("features", [1, 12])
@pytest.mark.parametrize("lag", [0, 7, 150, 300])
def test_a_piece_is_found_where_it_was_cut(features: int, lag: int) -> None:
    stem = frames(0, 400, features)
    values, both_begin = correlate_lags(stem[:, lag : lag + 100], stem, 50)
    assert int(values.argmax()) - both_begin == lag
    assert values.max() == pytest.approx(1, abs=1e-5)


def test_a_mix_that_began_before_the_stem_is_found_too() -> None:
    recording = frames(0, 200)
    values, both_begin = correlate_lags(recording[:, :150], recording[:, 40:], 50)
    assert int(values.argmax()) - both_begin == -40


def test_every_lag_has_the_cosine_of_the_overlap_times_the_root_of_its_share() -> None:
    mix, stem = frames(1, 30, 3), frames(2, 50, 3)
    values, both_begin = correlate_lags(mix, stem, 10)
    assert len(values) == 30 + 50 - 2 * 10 + 1
    for place, value in enumerate(values):
        lag = place - both_begin
        first, last = max(lag, 0), min(lag + 30, 50)
        ours, theirs = mix[:, first - lag : last - lag].ravel(), stem[:, first:last].ravel()
        cosine = ours @ theirs / np.linalg.norm(ours) / np.linalg.norm(theirs)
        assert value == pytest.approx(cosine * np.sqrt((last - first) / 30), abs=1e-5)


def test_a_short_overlap_counts_for_less() -> None:
    recording = frames(0, 200)
    whole = correlate_lags(recording[:, :100], recording, 20)[0].max()
    part = correlate_lags(recording[:, :100], recording[:, :25], 20)[0].max()
    assert part == pytest.approx(whole / 2, abs=1e-4)


def test_level_does_not_matter() -> None:
    mix, stem = frames(1, 40), frames(2, 90)
    np.testing.assert_allclose(
        correlate_lags(mix, stem, 10)[0], correlate_lags(5 * mix, stem / np.float32(100), 10)[0], atol=1e-5
    )


def test_silence_correlates_with_nothing() -> None:
    assert not correlate_lags(np.zeros((1, 40), np.float32), frames(0, 90), 10)[0].any()
    assert not correlate_lags(frames(0, 40), np.zeros((1, 90), np.float32), 10)[0].any()


def test_a_stem_shorter_than_the_least_overlap_is_compared_whole() -> None:
    stem = frames(0, 8)
    mix = np.concatenate([frames(1, 20), stem, frames(2, 12)], axis=1)
    values, both_begin = correlate_lags(mix, stem, 30)
    assert int(values.argmax()) - both_begin == -20
    assert len(values) == 40 - 8 + 1


def test_the_least_overlap_is_the_networks_window() -> None:
    assert frames_of_window(500) == 256
    assert frames_of_window(250) == 512
