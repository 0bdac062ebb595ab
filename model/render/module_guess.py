"""Guess the type of an instrument that nothing else tells, by a release of the model."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.stems import StemType
from model.card import BrokenModelError
from model.embedder import Embedder
from model.render.module_types import GUESSED_TYPES, Guess


def open_guess(release: Path) -> Guess:
    """The guess of a release, among `GUESSED_TYPES` alone.

    Raises:
        BrokenModelError: the release cannot be read, or cannot guess types.
    """
    embedder = Embedder.open(release, threads=1)
    classify = embedder.guess_type
    if classify is None:
        raise BrokenModelError(f"{release} cannot guess types. Give a release that has types.npz.")

    def guess(windows: NDArray[np.float32]) -> StemType:
        probabilities = classify.probabilities(embedder.embed_stems(windows)).mean(axis=0)
        return max(GUESSED_TYPES, key=lambda stem_type: float(probabilities[stem_type.number]))

    return guess
