"""The predictor g: from a latent of the mix and the wanted stem type to the latent of the missing stem."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from audio.stems import STEM_TYPES
from model.config_sections import PredictorConfig


class Predictor(nn.Module):
    """An MLP on each latent with a learned type embedding beside it (Stem-JEPA, section 3.2).

    Latents [B, P, D] and type numbers [B] → predicted latents [B, P, D].
    """

    def __init__(self, width: int, config: PredictorConfig) -> None:
        super().__init__()
        self.conditioned = config.conditioned
        self.types = nn.Embedding(len(STEM_TYPES), config.type_width)
        sizes = [width + config.type_width, *[config.hidden] * config.layers]
        layers: list[nn.Module] = []
        for before, after in pairwise(sizes):
            layers += [nn.Linear(before, after), nn.ReLU()]
        self.mlp = nn.Sequential(*layers, nn.Linear(sizes[-1], width))

    def forward(self, latents: Tensor, stem_type: Tensor) -> Tensor:
        numbers = stem_type if self.conditioned else torch.zeros_like(stem_type)
        wanted = self.types(numbers)[:, None, :].expand(-1, latents.shape[1], -1)
        predicted: Tensor = self.mlp(torch.cat([latents, wanted], dim=-1))
        return predicted
