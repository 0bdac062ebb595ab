"""The paper's front end against its definition, written out plainly."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from audio.decode import SAMPLE_RATE, Waveform
from audio.windows import WINDOW_SAMPLES
from model.config_sections import FrontEndConfig
from model.front_end import LogMel
from tests.model.multitracks import noise, tone

SIZE, HOP, MELS = 400, 160, 80
CONFIG = FrontEndConfig("log_mel", MELS, HOP, lowest_hz=50.0, highest_hz=8000.0, mean=-9.453, deviation=3.569)


def plain_log_mel(waveform: Waveform) -> NDArray[np.float64]:
    """[T] → [M, N], one frame and one filter at a time."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(SIZE) / SIZE)
    margin = (SIZE - HOP) // 2
    padded = np.concatenate([np.zeros(margin), waveform.astype(np.float64), np.zeros(margin)])
    columns = []
    for start in range(0, len(padded) - SIZE + 1, HOP):
        power = np.abs(np.fft.rfft(window * padded[start : start + SIZE])) ** 2
        columns.append([np.log(weights @ power + 1.19e-7) for weights in plain_bank()])
    return (np.array(columns).T + 9.453) / 3.569


def plain_bank() -> list[NDArray[np.float64]]:
    """Triangles between points at equal distances on the mel scale."""
    lowest, highest = (2595 * np.log10(1 + hertz / 700) for hertz in (50.0, 8000.0))
    points = [700 * (10 ** (mel / 2595) - 1) for mel in np.linspace(lowest, highest, MELS + 2)]
    hertz = np.arange(SIZE // 2 + 1) * SAMPLE_RATE / SIZE
    return [
        np.interp(hertz, [points[m], points[m + 1], points[m + 2]], [0.0, 1.0, 0.0], left=0.0, right=0.0)
        for m in range(MELS)
    ]


def log_mel(waveform: Waveform) -> NDArray[np.float32]:
    image: Tensor = LogMel(CONFIG)(torch.from_numpy(waveform)[None])
    return np.asarray(image[0].numpy())


@pytest.mark.parametrize("waveform", [noise(0, 4800), tone(440, 4800), noise(1, 4800, 1e-3)])
def test_log_mel_is_what_the_paper_defines(waveform: Waveform) -> None:
    # Where a filter hears nothing, rounding of the sums is all there is.
    np.testing.assert_allclose(log_mel(waveform), plain_log_mel(waveform), atol=2e-2)
    np.testing.assert_allclose(np.exp(log_mel(waveform)), np.exp(plain_log_mel(waveform)), rtol=2e-2)


def test_a_window_has_eight_hundred_frames() -> None:
    assert log_mel(noise(2, WINDOW_SAMPLES)).shape == (80, 800)


def test_silence_is_the_floor() -> None:
    floor = (np.log(1.19e-7) + 9.453) / 3.569
    np.testing.assert_allclose(log_mel(np.zeros(1600, np.float32)), floor, atol=1e-5)


def test_level_is_kept_as_the_paper_keeps_it() -> None:
    quiet, loud = log_mel(noise(3, 4800, 0.01)), log_mel(noise(3, 4800, 0.1))
    heard = plain_bank_is_wide()
    np.testing.assert_allclose((loud - quiet)[heard], 2 * np.log(10) / 3.569, atol=0.05)


def plain_bank_is_wide() -> NDArray[np.bool_]:
    """Filters that hold at least one line of the spectrum: the lowest are narrower than its lines."""
    return np.array([weights.sum() > 0.2 for weights in plain_bank()])
