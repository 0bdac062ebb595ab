"""Means over sliding windows: those of PyTorch's pooling, in far fewer additions."""

import pytest
import torch
from torch.nn import functional

from model.sliding import sliding_mean


@pytest.mark.parametrize("window", [1, 2, 3, 7, 8, 100, 256, 300])
def test_means_are_those_of_pooling(window: int) -> None:
    frames = torch.randn(2, 5, 300, generator=torch.Generator().manual_seed(window))
    pooled = functional.avg_pool1d(frames, window, stride=1)
    found = sliding_mean(frames, window)
    assert found.shape == pooled.shape == (2, 5, 301 - window)
    torch.testing.assert_close(found, pooled, atol=1e-6, rtol=1e-5)


def test_a_mean_follows_its_frames_and_no_others() -> None:
    frames = torch.zeros(20)
    frames[10] = 6.0
    assert sliding_mean(frames, 6).tolist() == [0.0] * 5 + [1.0] * 6 + [0.0] * 4


def test_a_large_offset_costs_no_digits() -> None:
    """A running total of 10,000 frames would be off by more than this."""
    frames = 100 + torch.randn(10_000, generator=torch.Generator().manual_seed(0))
    exact = functional.avg_pool1d(frames[None].double(), 256, stride=1)[0]
    assert float((sliding_mean(frames, 256).double() - exact).abs().max()) < 1e-4


def test_gradients_are_those_of_pooling() -> None:
    frames = torch.randn(1, 3, 40, generator=torch.Generator().manual_seed(1), requires_grad=True)
    (ours,) = torch.autograd.grad((sliding_mean(frames, 12) ** 2).sum(), frames)
    (pooled,) = torch.autograd.grad((functional.avg_pool1d(frames, 12, stride=1) ** 2).sum(), frames)
    torch.testing.assert_close(ours, pooled, atol=1e-6, rtol=1e-5)


def test_half_precision_keeps_its_digits() -> None:
    frames = 1 + torch.rand(1, 1, 512, generator=torch.Generator().manual_seed(2))
    found = sliding_mean(frames.bfloat16(), 256).float()
    torch.testing.assert_close(found, sliding_mean(frames, 256), atol=0.02, rtol=0)


def test_a_window_longer_than_the_frames_has_no_mean() -> None:
    assert sliding_mean(torch.ones(7), 8).shape == (0,)


def test_a_window_holds_a_frame() -> None:
    with pytest.raises(ValueError, match="A window of 0 frames has no mean"):
        sliding_mean(torch.ones(7), 0)
