"""Stem-JEPA: context encoder f, type-conditioned predictor g, and a target encoder that follows f slowly.

Riou et al., "Stem-JEPA: a joint-embedding predictive architecture for musical stem compatibility
estimation", ISMIR 2024 (arXiv 2408.02514).

Shapes, here and everywhere in this package: **B** batch, **T** samples, **M** bins, **N** frames,
**P** patches (latents of one window), **D** width or length of a vector, **K** query vectors of one
waveform (one for each offset), **C** candidates.
"""

import copy
import math
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.config import Config
from model.conv_encoder import ConvEncoder
from model.front_end import build_front_end
from model.heads import build_head, in_single_precision
from model.predictor import Predictor
from model.vit_encoder import VitEncoder


@dataclass(frozen=True)
class Prediction:
    """What the context side makes of a mix."""

    latents: Tensor  # [B, P, D] of the missing stem, to be compared with the target's
    queries: Tensor  # [B, K, D] to be searched with


@dataclass(frozen=True)
class Embedding:
    """What the stem side makes of a stem."""

    latents: Tensor  # [B, P, D]
    candidates: Tensor  # [B, D] to be stored


class StemEncoder(nn.Module):
    """An encoder with its head: image [B, M, N] → latents and vectors."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.encoder = build_encoder(config)
        self.head = build_head(config)

    def forward(self, image: Tensor, played: Tensor | None = None) -> Embedding:
        latents = self.encoder(image)
        return Embedding(latents, in_single_precision(self.head, latents, played)[:, 0])


class Jepa(nn.Module):
    """The whole network. `online` holds f, `target` its moving average; a stem is embedded by either."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.front_end = build_front_end(config.front_end)
        self.online = StemEncoder(config)
        self.target = copy.deepcopy(self.online).requires_grad_(requires_grad=False)
        self.predictor = Predictor(config.encoder.width, config.predictor)
        self.query_head = build_head(config)
        self.target.eval()
        self.log_scale = nn.Parameter(torch.tensor(math.log(1 / config.loss.temperature)))

    def embed_context(self, image: Tensor) -> Tensor:
        """Latents of a mix: [B, M, N] → [B, P, D]."""
        latents: Tensor = self.online.encoder(image)
        return latents

    def predict(self, latents: Tensor, stem_type: Tensor, played: Tensor | None = None) -> Prediction:
        """Latents of a mix and numbers of the wanted types [B] → what is missing.

        `played` [B, N] is 1 for latents of the mix and 0 for those beyond its ends; None if there are none.
        """
        predicted = self.predictor(latents, stem_type)
        return Prediction(predicted, in_single_precision(self.query_head, predicted, played))

    @property
    def dimension(self) -> int:
        """Length of a query or candidate vector."""
        return self.config.dimension

    def describe(self) -> dict[str, Any]:
        """The config, ready for JSON."""
        return self.config.to_dict()

    @torch.no_grad()
    def embed_target(self, image: Tensor, played: Tensor | None = None) -> Embedding:
        """Embed stems with the moving average; nothing is learned through it. `played` is as in `predict`."""
        embedding: Embedding = self.target(image, played)
        return embedding

    def train(self, mode: bool = True) -> Self:
        """Switch to training; the target only ever follows, so it stays as it is at inference."""
        super().train(mode)
        self.target.eval()
        return self

    @torch.no_grad()
    def update_target(self, momentum: float) -> None:
        """Move the target encoder towards the online one: 1 leaves it, 0 copies."""
        followers = [*self.target.parameters(), *self.target.buffers()]
        leaders = [*self.online.parameters(), *self.online.buffers()]
        for follower, leader in zip(followers, leaders, strict=True):
            follower.lerp_(leader, 1 - momentum)


def build_encoder(config: Config) -> nn.Module:
    """The encoder that `config` describes."""
    if config.encoder.kind == "vit":
        return VitEncoder(config.front_end.bins, config.front_end.frames, config.encoder)
    return ConvEncoder(config.front_end.bins, config.encoder)


def standardise(latents: Tensor) -> Tensor:
    """Each latent to zero mean and unit variance over its features (Stem-JEPA, section 3.3)."""
    return functional.layer_norm(latents, (latents.shape[-1],))
