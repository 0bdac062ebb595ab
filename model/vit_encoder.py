"""The published encoder: a Vision Transformer on square patches of a log-mel image (Stem-JEPA, 4.1)."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.config_sections import EncoderConfig


class VitEncoder(nn.Module):
    """Image [B, M, N] → latents [B, P, D], patches in the order time, then frequency.

    Positions are fixed sines and cosines of both axes; there is no class token. The longest image is one
    window: positions beyond it were never trained.
    """

    positions: Tensor

    def __init__(self, bins: int, frames: int, config: EncoderConfig) -> None:
        super().__init__()
        rows, columns = bins // config.patch, frames // config.patch
        self.columns = columns
        self.embed = nn.Conv2d(1, config.width, config.patch, config.patch)
        self.blocks = nn.ModuleList(AttentionBlock(config.width, config.heads) for _ in range(config.depth))
        self.norm = nn.LayerNorm(config.width)
        self.register_buffer("positions", sincos_positions(columns, rows, config.width), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        patches = self.embed(image[:, None])
        if patches.shape[-1] != self.columns:
            raise ValueError(
                f"This encoder takes {self.columns} columns of patches, not {patches.shape[-1]}."
            )
        latents = patches.permute(0, 3, 2, 1).flatten(1, 2) + self.positions
        for block in self.blocks:
            latents = block(latents)
        normed: Tensor = self.norm(latents)
        return normed


class AttentionBlock(nn.Module):
    """Pre-norm self-attention and MLP (Dosovitskiy et al. 2021)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm_attention = nn.LayerNorm(width)
        self.to_qkv = nn.Linear(width, 3 * width)
        self.to_out = nn.Linear(width, width)
        self.norm_mlp = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, latents: Tensor) -> Tensor:
        latents = latents + self._attend(self.norm_attention(latents))
        out: Tensor = latents + self.mlp(self.norm_mlp(latents))
        return out

    def _attend(self, latents: Tensor) -> Tensor:
        batch, patches, width = latents.shape
        qkv = self.to_qkv(latents).view(batch, patches, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(query, key, value)
        out: Tensor = self.to_out(attended.transpose(1, 2).reshape(batch, patches, width))
        return out


def sincos_positions(columns: int, rows: int, width: int) -> Tensor:
    """[columns · rows, width]: half of the width tells the time, half the frequency."""
    time = _sincos(torch.arange(columns), width // 2)[:, None, :].expand(-1, rows, -1)
    frequency = _sincos(torch.arange(rows), width // 2)[None, :, :].expand(columns, -1, -1)
    return torch.cat([time, frequency], dim=-1).reshape(columns * rows, width)


def _sincos(positions: Tensor, width: int) -> Tensor:
    rates = torch.exp(-math.log(10_000) * torch.arange(width // 2) / (width // 2))
    angles = positions[:, None] * rates[None, :]
    return torch.cat([torch.sin(angles), torch.cos(angles)], dim=-1)
