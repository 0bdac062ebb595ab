"""The outline of a waveform."""

import numpy as np
import pytest

from audio.peaks import waveform_peaks


def test_each_point_holds_the_lowest_and_highest_sample_of_its_stretch() -> None:
    waveform = np.array([0.0, 0.5, -1.0, 0.25, 1.0, 0.0, -0.5, -0.25], dtype=np.float32)
    assert waveform_peaks(waveform, points=2).tolist() == [[-127, 64], [-64, 127]]


def test_a_sine_fills_the_whole_height_everywhere() -> None:
    waveform = np.sin(np.arange(160_000) * 0.3).astype(np.float32)
    outline = waveform_peaks(waveform)
    assert outline.shape == (800, 2)
    assert outline.dtype == np.int8
    assert (outline[:, 0] <= -120).all()
    assert (outline[:, 1] >= 120).all()


def test_no_sample_is_left_out_whatever_the_length() -> None:
    waveform = np.zeros(1003, dtype=np.float32)
    waveform[1002] = 1
    assert waveform_peaks(waveform, points=10)[-1].tolist() == [0, 127]


def test_samples_beyond_full_scale_are_drawn_at_full_scale() -> None:
    waveform = np.array([-9.0, 9.0], dtype=np.float32)
    assert waveform_peaks(waveform, points=1).tolist() == [[-127, 127]]


def test_a_quiet_sound_is_not_drawn_as_silence() -> None:
    waveform = np.array([-1e-4, 1e-4], dtype=np.float32)
    assert waveform_peaks(waveform, points=1).tolist() == [[-1, 1]]


def test_fewer_samples_than_points_repeat() -> None:
    waveform = np.array([0.0, 1.0], dtype=np.float32)
    assert waveform_peaks(waveform, points=4).tolist() == [[0, 0], [0, 0], [127, 127], [127, 127]]


def test_nothing_and_silence_are_flat() -> None:
    assert not waveform_peaks(np.zeros(0, dtype=np.float32), points=3).any()
    assert not waveform_peaks(np.zeros(100, dtype=np.float32), points=3).any()


def test_an_outline_without_points_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot have 0 points"):
        waveform_peaks(np.zeros(10, dtype=np.float32), points=0)
