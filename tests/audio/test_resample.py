"""Resampling block by block gives what resampling the whole would."""

import numpy as np
import pytest
import soxr  # type: ignore[import-untyped]  # it publishes no types

from audio.resample import Resampler
from tests.audio.sounds import make_tone


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("block", [100, 4_096, 1_000_000])
def test_blocks_of_any_length_give_the_same_as_the_whole(rate: int, block: int) -> None:
    samples = make_tone(2.3, rate, channels=1)[:, 0]
    resampler = Resampler(rate, 16_000)
    for start in range(0, len(samples), block):
        resampler.add(samples[start : start + block])
    np.testing.assert_allclose(resampler.finish(), soxr.resample(samples, rate, 16_000), atol=1e-6)


def test_at_the_same_rate_nothing_changes() -> None:
    samples = make_tone(3, 16_000, channels=1)[:, 0]
    resampler = Resampler(16_000, 16_000)
    for part in np.array_split(samples, 7):
        resampler.add(part)
    np.testing.assert_array_equal(resampler.finish(), samples)


def test_the_result_does_not_change_with_the_block_it_came_from() -> None:
    block = make_tone(1, 16_000, channels=1)[:, 0].copy()
    resampler = Resampler(16_000, 16_000)
    resampler.add(block)
    block[:] = 7
    assert resampler.finish().max() <= 0.5


def test_nothing_gives_nothing() -> None:
    result = Resampler(44_100, 16_000).finish()
    assert result.shape == (0,)
    assert result.dtype == np.float32
