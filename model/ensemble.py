"""Networks that answer together: their vectors side by side, so that a score is the mean of theirs.

Networks that were trained apart are wrong about different stems.
"""

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from model.jepa import Embedding, Jepa, Prediction


class UnlikeNetworksError(ValueError):
    """Networks that cannot answer together."""


class Ensemble(nn.Module):
    """Answers what a `Jepa` answers outside training; latents and vectors of the members lie side by side.

    Raises:
        UnlikeNetworksError: the members hear or ask differently.
    """

    def __init__(self, members: Sequence[Jepa]) -> None:
        super().__init__()
        first = members[0].config
        for each in members[1:]:
            if each.config.front_end != first.front_end or each.config.moments != first.moments:
                raise UnlikeNetworksError(
                    f"{each.config.name} and {first.name} cannot answer together: their front ends differ."
                )
        if not all(each.config.dense for each in members):
            raise UnlikeNetworksError("Only conv networks can answer together: a vit asks window by window.")
        self.members = nn.ModuleList(members)
        self.front_end = members[0].front_end
        self.config = first
        self.widths = [each.config.encoder.width for each in members]

    @property
    def dimension(self) -> int:
        """Length of a query or candidate vector."""
        return sum(each.config.dimension for each in self._networks)

    def describe(self) -> dict[str, Any]:
        """The members' configs, ready for JSON."""
        return {"members": [each.config.to_dict() for each in self._networks]}

    def embed_context(self, image: Tensor) -> Tensor:
        """Latents of a mix: [B, M, N] → [B, N, sum of widths]."""
        return torch.cat([each.embed_context(image) for each in self._networks], dim=-1)

    def predict(self, latents: Tensor, stem_type: Tensor, played: Tensor | None = None) -> Prediction:
        """As `Jepa.predict`: each member predicts from its own latents."""
        asked = zip(self._networks, torch.split(latents, self.widths, dim=-1), strict=True)
        answers = [each.predict(its_own, stem_type, played) for each, its_own in asked]
        return Prediction(
            torch.cat([each.latents for each in answers], dim=-1),
            self._beside([each.queries for each in answers]),
        )

    def embed_target(self, image: Tensor, played: Tensor | None = None) -> Embedding:
        """As `Jepa.embed_target`."""
        answers = [each.target(image, played) for each in self._networks]
        return Embedding(
            torch.cat([each.latents for each in answers], dim=-1),
            self._beside([each.candidates for each in answers]),
        )

    @property
    def _networks(self) -> list[Jepa]:
        return cast("list[Jepa]", list(self.members))

    def _beside(self, vectors: list[Tensor]) -> Tensor:
        """Side by side, of length 1 together."""
        together: Tensor = torch.cat(vectors, dim=-1) * len(vectors) ** -0.5
        return together
