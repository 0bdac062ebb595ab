"""An encoder that moves with its input over time, so that one pass over a mix serves every offset.

Convolutions fold frequency away; residual blocks then mix moments. Nothing in it depends on a frame's
absolute position or on statistics over time, hence latents of a long mix are the latents of its windows.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.config_sections import EncoderConfig

DILATIONS = (1, 2, 4, 8)
KERNEL = 5  # moments


class ConvEncoder(nn.Module):
    """Image [B, M, N] → latents [B, N, D]."""

    def __init__(self, bins: int, config: EncoderConfig) -> None:
        super().__init__()
        channels = (1, *config.channels)
        self.folds = nn.ModuleList(
            nn.Conv2d(before, after, (2 * stride - 1, 3), (stride, 1), (stride - 1, 1))
            for before, after, stride in zip(channels, channels[1:], config.strides, strict=False)
        )
        self.folds.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # PyTorch's stubs lack it
        rows = bins
        for stride in config.strides:
            rows = (rows - 1) // stride + 1
        self.project = nn.Linear(rows * channels[-1], config.width)
        self.blocks = nn.ModuleList(
            TemporalBlock(config.width, DILATIONS[i % len(DILATIONS)]) for i in range(config.depth)
        )
        self.norm = nn.LayerNorm(config.width)

    def forward(self, image: Tensor) -> Tensor:
        # Channels last: with so few channels a CPU takes a third less time (6.6 to 4.5 ms a window).
        hidden = image[:, None].contiguous(memory_format=torch.channels_last)
        for fold in self.folds:
            hidden = functional.relu(fold(hidden))
        latents = self.project(hidden.flatten(1, 2).transpose(1, 2))
        for block in self.blocks:
            latents = block(latents)
        normed: Tensor = self.norm(latents)
        return normed


class TemporalBlock(nn.Module):
    """A dilated convolution over time and a linear layer, added to the input [B, N, D].

    Dense, not depthwise: on a CPU a depthwise convolution costs more than the matrix product it saves.
    """

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.over_time = nn.Conv1d(width, width, KERNEL, padding=dilation * (KERNEL // 2), dilation=dilation)
        self.mix = nn.Linear(width, width)

    def forward(self, latents: Tensor) -> Tensor:
        moved = functional.relu(self.over_time(self.norm(latents).transpose(1, 2))).transpose(1, 2)
        out: Tensor = latents + self.mix(moved)
        return out
