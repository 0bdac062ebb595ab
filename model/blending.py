"""Weights half-way between a network and the one that its training started from.

Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022 (arXiv 2109.01903): what training on has
brought and what it has cost lie on one line, and the middle of it is often better than both ends.
"""

import copy

import torch

from model.jepa import Jepa


class UnlikeWeightsError(ValueError):
    """Networks whose weights do not correspond."""


def check_alike(later: Jepa, earlier: Jepa) -> None:
    """Whether the weights of one can stand in for those of the other.

    Raises:
        UnlikeWeightsError: they are not of one architecture.
    """
    shapes, others = (
        {name: each.shape for name, each in jepa.state_dict().items()} for jepa in (later, earlier)
    )
    if shapes != others:
        raise UnlikeWeightsError(
            f"{later.config.name} cannot go on from {earlier.config.name} or be blended with it: they differ "
            "in architecture. Give a run of the same."
        )


@torch.no_grad()
def blend(later: Jepa, earlier: Jepa, share: float = 0.5) -> Jepa:
    """A network whose weights are `share` of the later's and the rest of the earlier's.

    Raises:
        UnlikeWeightsError: they are not of one architecture.
    """
    check_alike(later, earlier)
    mine, others = later.state_dict(), earlier.state_dict()
    blended = copy.deepcopy(later)
    blended.load_state_dict({name: torch.lerp(others[name], mine[name], share) for name in mine})
    return blended
