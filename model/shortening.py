"""Vectors in fewer numbers: an index takes less memory, and its scores stay nearly the same.

The vectors of a network fill few of their dimensions, and those of networks side by side fewer still.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from model.config import Config
from model.ensemble import Ensemble
from model.jepa import Embedding, Jepa, Prediction


class TooFewVectorsError(ValueError):
    """Axes that the vectors at hand do not determine."""


class Shortened(nn.Module):
    """Answers what `network` answers, in coordinates along `axes` [d, D], which are orthonormal.

    Both sides of a score are shortened alike, so it loses only what lies across the axes.
    """

    def __init__(self, network: Jepa | Ensemble, axes: NDArray[np.float32]) -> None:
        super().__init__()
        self.network = network
        self.front_end = network.front_end
        # A parameter, though nothing learns it here: it is rounded and stored as the others are.
        self.axes = nn.Parameter(torch.from_numpy(axes.copy()), requires_grad=False)

    @property
    def config(self) -> Config:
        """The network's."""
        return self.network.config

    @property
    def dimension(self) -> int:
        """Length of a query or candidate vector."""
        return len(self.axes)

    def describe(self) -> dict[str, Any]:
        """The network's config, ready for JSON."""
        return self.network.describe()

    def embed_context(self, image: Tensor) -> Tensor:
        """As the network's."""
        return self.network.embed_context(image)

    def predict(self, latents: Tensor, stem_type: Tensor, played: Tensor | None = None) -> Prediction:
        """As the network's, with shorter queries."""
        answer = self.network.predict(latents, stem_type, played)
        return Prediction(answer.latents, answer.queries @ self.axes.T)

    def embed_target(self, image: Tensor, played: Tensor | None = None) -> Embedding:
        """As the network's, with shorter candidates."""
        answer = self.network.embed_target(image, played)
        return Embedding(answer.latents, answer.candidates @ self.axes.T)


Network = Jepa | Ensemble | Shortened
"""Whatever can be exported."""


def principal_axes(vectors: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """The orthonormal directions [count, D] that hold most of the squared lengths of `vectors` [N, D].

    Raises:
        TooFewVectorsError: there are fewer vectors, or fewer dimensions, than directions.
    """
    if count > min(vectors.shape):
        raise TooFewVectorsError(
            f"{count} numbers a vector were asked for, but there are {len(vectors)} vectors of "
            f"{vectors.shape[1]} to learn from. Ask for fewer, or give more songs."
        )
    _, directions = np.linalg.eigh(vectors.T.astype(np.float64) @ vectors)  # in ascending order
    return np.ascontiguousarray(directions[:, ::-1][:, :count].T, np.float32)


def share_kept(vectors: NDArray[np.float32], axes: NDArray[np.float32]) -> float:
    """Share of the squared lengths of `vectors` [N, D] that lies along `axes` [d, D]."""
    return float(np.square(vectors @ axes.T).sum() / np.square(vectors).sum())
