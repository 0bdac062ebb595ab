"""The musical image: what a tone, a transposition, a gain and silence look like."""

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from audio.decode import Waveform
from audio.windows import WINDOW_SAMPLES
from model.config_sections import FrontEndConfig
from model.front_end import LogFrequency, Spectrum, build_front_end, to_level
from tests.model.multitracks import noise, tone

MUSICAL = FrontEndConfig()
MEL = FrontEndConfig("log_mel", 80, 160, lowest_hz=50.0, highest_hz=8000.0, mean=-9.453, deviation=3.569)


def image_of(waveform: Waveform, config: FrontEndConfig = MUSICAL) -> NDArray[np.float32]:
    image: Tensor = build_front_end(config)(torch.from_numpy(waveform)[None])
    return np.asarray(image[0].numpy())


def steady(hertz: float) -> NDArray[np.float32]:
    """The middle frame of a steady tone's image."""
    return np.asarray(image_of(tone(hertz, WINDOW_SAMPLES))[:, 128])


@pytest.mark.parametrize("config", [MUSICAL, MEL])
def test_a_window_has_as_many_frames_as_hops(config: FrontEndConfig) -> None:
    assert image_of(noise(0, WINDOW_SAMPLES), config).shape == (config.bins, config.frames)


@pytest.mark.parametrize("samples", [500, 501, 999, 1000, 64_499])
def test_a_part_of_a_hop_gives_no_frame(samples: int) -> None:
    assert image_of(noise(0, samples)).shape[1] == samples // 500


@pytest.mark.parametrize("hertz", [82.4, 110.0, 220.0, 440.0, 622.25, 659.26, 880.0, 1760.0, 3520.0, 7040.0])
def test_a_tone_lands_in_its_bin(hertz: float) -> None:
    octaves = math.log2(hertz / MUSICAL.lowest_hz)
    assert abs(int(steady(hertz).argmax()) - octaves * MUSICAL.bins_per_octave) <= 1


@pytest.mark.parametrize("hertz", [110.0, 220.0, 440.0, 880.0, 1760.0, 3520.0])
def test_a_semitone_shifts_the_image_by_two_bins(hertz: float) -> None:
    low, high = steady(hertz), steady(hertz * 2 ** (1 / 12))
    shift = [float(np.corrcoef(low[10:-10], high[10 + by : len(high) - 10 + by])[0, 1]) for by in range(5)]
    assert int(np.argmax(shift)) == 2
    assert shift[2] > 0.95


def test_a_click_is_seen_at_its_time() -> None:
    waveform = np.zeros(WINDOW_SAMPLES, np.float32)
    waveform[100 * 500 + 250] = 1.0  # in the middle of frame 100
    assert int(image_of(waveform)[140:].mean(axis=0).argmax()) == 100


def test_low_and_high_bins_agree_on_when_a_note_begins() -> None:
    waveform = noise(1, WINDOW_SAMPLES)
    waveform[: 128 * 500] = 0
    image = image_of(waveform)
    rises = [int(np.diff(band.mean(axis=0)).argmax()) for band in (image[60:90], image[100:])]
    assert abs(rises[0] - rises[1]) <= 4  # the long window sees it up to an eighth of a second early


@pytest.mark.parametrize("gain", [0.05, 0.5, 3.0])
def test_gain_carries_no_information(gain: float) -> None:
    waveform = noise(2, WINDOW_SAMPLES)
    np.testing.assert_allclose(image_of(np.float32(gain) * waveform), image_of(waveform), atol=1e-3)


@pytest.mark.parametrize("config", [MUSICAL, MEL])
def test_silence_is_finite(config: FrontEndConfig) -> None:
    assert np.isfinite(image_of(np.zeros(WINDOW_SAMPLES, np.float32), config)).all()


def test_what_is_nearly_silent_is_not_blown_up() -> None:
    hiss = noise(3, WINDOW_SAMPLES, level=1e-6)
    assert float(to_level(torch.from_numpy(hiss)[None]).abs().max()) < 0.01


def test_waveforms_of_a_batch_are_levelled_apart() -> None:
    pair = torch.stack([torch.from_numpy(noise(4, 8000, level)) for level in (0.01, 0.5)])
    assert to_level(pair).square().mean(dim=-1).sqrt().tolist() == pytest.approx([0.1, 0.1], rel=1e-4)


@pytest.mark.parametrize("config", [MUSICAL, MEL])
def test_a_batch_is_its_waveforms_one_at_a_time(config: FrontEndConfig) -> None:
    waveforms = np.stack([noise(5, 32_000), tone(330, 32_000)])
    together: Tensor = build_front_end(config)(torch.from_numpy(waveforms))
    for image, waveform in zip(together, waveforms, strict=True):
        np.testing.assert_allclose(image.numpy(), image_of(waveform, config), atol=1e-4)


@pytest.mark.parametrize("config", [MUSICAL, MEL])
def test_the_exported_sums_are_the_fft(config: FrontEndConfig) -> None:
    front_end, waveform = build_front_end(config), torch.from_numpy(noise(6, 40_000))[None]
    by_fft = front_end(waveform)
    _switch(front_end, exportable=True)
    by_sums = front_end(waveform)
    assert float((by_sums - by_fft).abs().max()) < 1e-4


def test_export_can_be_switched_off_again() -> None:
    front_end, waveform = build_front_end(MUSICAL), torch.from_numpy(noise(7, 8000))[None]
    before = front_end(waveform)
    _switch(front_end, exportable=True)
    _switch(front_end, exportable=False)
    assert torch.equal(front_end(waveform), before)


def test_a_front_end_has_nothing_to_learn_and_nothing_to_save() -> None:
    front_end = build_front_end(MUSICAL)
    assert not list(front_end.parameters())
    assert not front_end.state_dict()


def test_no_bin_is_deaf() -> None:
    front_end = LogFrequency(MUSICAL)
    assert len(front_end.low_bank) + len(front_end.high_bank) == MUSICAL.bins
    assert bool((front_end.low_bank.sum(dim=1) > 0).all())
    assert bool((front_end.high_bank.sum(dim=1) > 0).all())


def test_both_resolutions_agree_on_the_level_of_a_tone() -> None:
    assert float(steady(600).max()) == pytest.approx(float(steady(700).max()), abs=0.3)


def _switch(front_end: nn.Module, *, exportable: bool) -> None:
    for module in front_end.modules():
        if isinstance(module, Spectrum):
            module.make_exportable(exportable=exportable)
