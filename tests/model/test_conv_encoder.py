"""The encoder that moves with its input."""

import pytest
import torch
from torch import Tensor

from model.config_sections import EncoderConfig
from model.conv_encoder import ConvEncoder

BINS, FRAMES = 90, 256
CONFIG = EncoderConfig(width=32, depth=4, channels=(8, 16), strides=(5, 6))
REACH = 2 + 2 * (1 + 2 + 4 + 8)  # frames to each side that a latent of four blocks depends on


def encoder() -> ConvEncoder:
    torch.manual_seed(0)
    return ConvEncoder(BINS, CONFIG).eval()


def image(frames: int = FRAMES, batch: int = 1) -> Tensor:
    return torch.randn(batch, BINS, frames, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("frames", [256, 257, 640])
def test_every_frame_has_a_latent(frames: int) -> None:
    assert encoder()(image(frames, batch=2)).shape == (2, frames, 32)


@pytest.mark.parametrize("bins", [90, 91, 180])
def test_frequency_is_folded_away_whatever_the_height(bins: int) -> None:
    latents = ConvEncoder(bins, CONFIG)(torch.zeros(1, bins, 64))
    assert latents.shape == (1, 64, 32)


@pytest.mark.parametrize("frames", [1, 10, 37])
@torch.no_grad()
def test_latents_move_with_the_image(frames: int) -> None:
    long = image(FRAMES + 100)
    at_start, later = (encoder()(long[:, :, by : by + FRAMES]) for by in (0, frames))
    inner = slice(REACH, FRAMES - REACH - frames)
    moved = slice(REACH + frames, FRAMES - REACH)
    torch.testing.assert_close(later[:, inner], at_start[:, moved], atol=1e-5, rtol=1e-4)


@torch.no_grad()
def test_latents_of_a_long_mix_are_those_of_its_windows() -> None:
    long = image(400)
    of_mix, of_window = encoder()(long), encoder()(long[:, :, 70 : 70 + FRAMES])
    inner = slice(REACH, FRAMES - REACH)
    torch.testing.assert_close(
        of_window[:, inner], of_mix[:, 70 : 70 + FRAMES][:, inner], atol=1e-5, rtol=1e-4
    )


@torch.no_grad()
def test_a_latent_hears_no_further_than_its_reach() -> None:
    before = image()
    after = before.clone()
    after[:, :, 128] += 5
    changed = (encoder()(before) != encoder()(after)).any(dim=-1)[0].nonzero()[:, 0]
    assert int(changed.min()) >= 128 - REACH
    assert int(changed.max()) <= 128 + REACH


@torch.no_grad()
def test_images_of_a_batch_do_not_hear_each_other() -> None:
    images = image(batch=3)
    torch.testing.assert_close(encoder()(images)[1:2], encoder()(images[1:2]), atol=1e-5, rtol=1e-4)


@torch.no_grad()
def test_latents_are_normalised_over_their_features() -> None:
    latents = encoder()(image())
    torch.testing.assert_close(latents.mean(dim=-1), torch.zeros(1, FRAMES), atol=1e-4, rtol=0)
    torch.testing.assert_close(latents.var(dim=-1, correction=0), torch.ones(1, FRAMES), atol=1e-2, rtol=0)


def test_everything_in_it_learns() -> None:
    network = encoder()
    network(image()).square().mul(torch.arange(32)).sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
