"""Guesses a stem's type from its vectors, for files of which no name, folder or manifest tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from audio.stems import STEM_TYPES, StemType

FILE = "types.npz"
DECAY = 1e-5  # weight of the squared coefficients: chosen on rendered validation songs, 1e-6 to 1e-3 tried


class UnreadableTypeGuessError(ValueError):
    """A file that holds no classifier for this model."""


@dataclass(frozen=True)
class TypeGuess:
    """Multinomial logistic regression on candidate vectors."""

    weights: NDArray[np.float32]  # [D, types]
    bias: NDArray[np.float32]  # [types]

    def __call__(self, vectors: NDArray[np.float32]) -> tuple[StemType, float]:
        """Type of the stem that the windows [V, D] are of, and the mean probability of it (0..1).

        Raises:
            ValueError: there are no windows.
        """
        if not len(vectors):
            raise ValueError("A stem without audible windows says nothing about its type.")
        probabilities = self.probabilities(vectors).mean(axis=0)
        best = int(np.argmax(probabilities))
        return StemType(STEM_TYPES[best]), float(probabilities[best])

    def probabilities(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Of each type for each window: [V, D] → [V, types]."""
        return _softmax(vectors.astype(np.float64) @ self.weights + self.bias)

    def save(self, folder: Path) -> None:
        """Write it beside the graphs whose vectors it reads."""
        np.savez(folder / FILE, weights=self.weights, bias=self.bias)

    @classmethod
    def load(cls, folder: Path, dimension: int) -> Self | None:
        """The classifier of a release; None if it has none.

        Raises:
            UnreadableTypeGuessError: the file is damaged, or another model's.
        """
        path = folder / FILE
        if not path.exists():
            return None
        try:
            with np.load(path, allow_pickle=False) as arrays:
                guess = cls(arrays["weights"], arrays["bias"])
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise UnreadableTypeGuessError(
                f"{path} cannot be read ({error}). Export the model again."
            ) from error
        if guess.weights.shape != (dimension, len(STEM_TYPES)):
            raise UnreadableTypeGuessError(f"{path} is for another model. Export the model again.")
        return guess


def fit_type_guess(vectors: NDArray[np.float32], types: Sequence[StemType]) -> TypeGuess:
    """Fit on windows [N, D] whose types are known; rare types weigh as the square root of their number.

    Raises:
        ValueError: fewer than two types are there to tell apart.
    """
    numbers = np.array([stem_type.number for stem_type in types])
    if len(set(numbers.tolist())) < 2:  # noqa: PLR2004 - types to tell apart
        raise ValueError("A classifier of types needs stems of at least two types.")
    counts = np.bincount(numbers, minlength=len(STEM_TYPES))
    shares = 1 / np.sqrt(counts[numbers])
    shares /= shares.sum()
    inputs, truth = vectors.astype(np.float64), np.eye(len(STEM_TYPES))[numbers]
    shape = (vectors.shape[1] + 1, len(STEM_TYPES))

    def cost(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        parameters = flat.reshape(shape)
        weights, bias = parameters[:-1], parameters[-1]
        probabilities = _softmax(inputs @ weights + bias)
        likelihood = float(shares @ np.log(probabilities[np.arange(len(numbers)), numbers] + 1e-12))
        errors = (probabilities - truth) * shares[:, None]
        gradient = np.vstack([inputs.T @ errors + 2 * DECAY * weights, errors.sum(axis=0)])
        return DECAY * float(np.square(weights).sum()) - likelihood, gradient.ravel()

    fitted = minimize(cost, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    parameters = fitted.x.reshape(shape).astype(np.float32)
    return TypeGuess(parameters[:-1], parameters[-1])


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
    return shares
