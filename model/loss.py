"""The terms of the objective, each a pure function of tensors."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from model.jepa import standardise
from model.train_config import OFFSET_GUARD


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


@dataclass(frozen=True)
class SearchedScores:
    """Scores of every mix with every stem, the offset searched as retrieval does."""

    pairs: Tensor  # [B, B]: mix i at its best offset for stem j; for its own stem, at the true one
    own_elsewhere: Tensor | None  # [B]: mix i at its best wrong offset for its own stem; None without offsets


def search_offsets(
    queries: Tensor, candidates: Tensor, offsets: Tensor, guard: int = OFFSET_GUARD
) -> SearchedScores:
    """Score queries [B, K, D] at all K offsets with candidates [B, D]; stem i lies at `offsets[i]` of mix i.

    A wrong stem is compared where it fits best, since that is where a search would find it. Offsets within
    `guard` of the true one are neither right nor wrong.
    """
    batch, places, _ = queries.shape
    scores = torch.einsum("ikd,jd->ijk", queries, candidates)
    each = torch.arange(batch, device=queries.device)
    own = scores[each, each]
    right = own[each, offsets]
    pairs = torch.where(torch.eye(batch, dtype=torch.bool, device=queries.device), right, scores.amax(dim=2))
    if places == 1:
        return SearchedScores(pairs, None)
    distance = (torch.arange(places, device=queries.device) - offsets[:, None]).abs()
    return SearchedScores(pairs, own.masked_fill(distance <= guard, -torch.inf).amax(dim=1))


def contrastive_loss(scores: Tensor, *, same_song: Tensor, own_elsewhere: Tensor | None = None) -> Tensor:
    """InfoNCE both ways on scores [B, B], already divided by the temperature: mix i belongs to stem i.

    `same_song` [B, B] marks pairs of which nobody can say whether they belong together, since they come from
    one song: off the diagonal they are left out. `own_elsewhere` [B] is one more wrong answer for each.
    """
    others = same_song & ~torch.eye(len(scores), dtype=torch.bool, device=scores.device)
    scores = scores.masked_fill(others, -torch.inf)
    answers = torch.arange(len(scores), device=scores.device)
    losses = []
    for direction in (scores, scores.T):
        choices = direction
        if own_elsewhere is not None:
            choices = torch.cat([direction, own_elsewhere[:, None]], dim=1)
        losses.append(functional.cross_entropy(choices, answers))
    return (losses[0] + losses[1]) / 2


def spread(vectors: Tensor) -> Tensor:
    """Mean standard deviation of each feature over the batch, times √D: 0 is collapse, about 1 is healthy."""
    deviation: Tensor = vectors.std(dim=0).mean() * vectors.shape[-1] ** 0.5
    return deviation
