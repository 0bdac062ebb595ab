"""The published encoder."""

import pytest
import torch
from torch import Tensor

from model.config import Config
from model.config_sections import EncoderConfig
from model.train import count_parameters
from model.vit_encoder import AttentionBlock, VitEncoder, sincos_positions
from tests.model.configs import CONFIGS

CONFIG = EncoderConfig("vit", width=32, depth=2, heads=2, patch=16)


def encoder() -> VitEncoder:
    torch.manual_seed(0)
    return VitEncoder(80, 80, CONFIG).eval()


def image(frames: int = 80) -> Tensor:
    return torch.randn(2, 80, frames, generator=torch.Generator().manual_seed(1))


def test_every_patch_has_a_latent() -> None:
    assert encoder()(image()).shape == (2, 25, 32)


@pytest.mark.parametrize("frames", [64, 96, 160])
def test_another_length_is_refused(frames: int) -> None:
    with pytest.raises(ValueError, match=f"takes 5 columns of patches, not {frames // 16}"):
        encoder()(image(frames))


def test_the_paper_has_85_million_numbers() -> None:
    config = Config.from_toml(CONFIGS / "paper.toml")
    with torch.device("meta"):
        network = VitEncoder(config.front_end.bins, config.front_end.frames, config.encoder)
    assert count_parameters(network) == pytest.approx(85e6, rel=0.01)
    assert len(network.positions) == 250


@torch.no_grad()
def test_patches_are_in_the_order_time_then_frequency() -> None:
    network = encoder()
    network.blocks, network.positions = torch.nn.ModuleList(), torch.zeros_like(network.positions)
    marked = torch.zeros(1, 80, 80)
    marked[0, 16:32, 48:64] = 1.0  # second row of patches, fourth column
    unlike = (network(marked) - network(torch.zeros(1, 80, 80))).abs().sum(dim=-1)[0].nonzero()
    assert unlike.flatten().tolist() == [3 * 5 + 1]


def test_every_position_is_its_own() -> None:
    positions = sincos_positions(columns=50, rows=5, width=64)
    assert positions.shape == (250, 64)
    assert len(torch.unique(positions, dim=0)) == 250


def test_half_of_a_position_is_its_time_and_half_its_frequency() -> None:
    positions = sincos_positions(columns=4, rows=3, width=16).view(4, 3, 16)
    assert torch.equal(positions[2, 0, :8], positions[2, 2, :8])
    assert torch.equal(positions[0, 1, 8:], positions[3, 1, 8:])


def test_positions_are_fixed() -> None:
    network = encoder()
    assert "positions" not in dict(network.named_parameters())
    assert "positions" not in network.state_dict()


@torch.no_grad()
def test_attention_is_what_its_formula_says() -> None:
    torch.manual_seed(2)
    block, latents = AttentionBlock(8, heads=1), torch.randn(1, 5, 8)
    query, key, value = block.to_qkv(latents)[0].split(8, dim=-1)
    weights = torch.softmax(query @ key.T / 8**0.5, dim=-1)
    torch.testing.assert_close(block._attend(latents)[0], block.to_out(weights @ value))


@torch.no_grad()
def test_attention_alone_does_not_know_the_order() -> None:
    torch.manual_seed(3)
    block, latents = AttentionBlock(8, heads=2), torch.randn(1, 6, 8)
    order = torch.tensor([3, 1, 5, 0, 2, 4])
    torch.testing.assert_close(block(latents[:, order]), block(latents)[:, order], atol=1e-5, rtol=1e-4)
