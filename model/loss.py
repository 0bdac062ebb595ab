"""The terms of the objective, each a pure function of tensors."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from model.jepa import standardise


@dataclass(frozen=True)
class Losses:
    """One step's loss and what it is made of, for the log."""

    total: Tensor
    parts: dict[str, Tensor]


def jepa_loss(predicted: Tensor, target: Tensor) -> Tensor:
    """Stem-JEPA's objective: 2 - 2 cos between predicted and standardised target latents [B, P, D].

    It lies between 0 and 4; no gradient reaches the target.
    """
    cosine = functional.cosine_similarity(predicted, standardise(target.detach()), dim=-1)
    return 2 - 2 * cosine.mean()


def contrastive_loss(queries: Tensor, candidates: Tensor, scale: Tensor, *, same_song: Tensor) -> Tensor:
    """InfoNCE both ways: query i belongs to candidate i, [B, D] each; `scale` is 1 / temperature.

    `same_song` [B, B] marks pairs that come from one song: off the diagonal they are left out, since a
    second stem of the same song is no wrong answer.
    """
    scores = scale * queries @ candidates.T
    others = same_song & ~torch.eye(len(queries), dtype=torch.bool, device=queries.device)
    scores = scores.masked_fill(others, -torch.inf)
    answers = torch.arange(len(queries), device=queries.device)
    forward = functional.cross_entropy(scores, answers)
    backward = functional.cross_entropy(scores.T, answers)
    return (forward + backward) / 2


def spread(vectors: Tensor) -> Tensor:
    """Mean standard deviation of each feature over the batch, times √D: 0 is collapse, about 1 is healthy."""
    deviation: Tensor = vectors.std(dim=0).mean() * vectors.shape[-1] ** 0.5
    return deviation
