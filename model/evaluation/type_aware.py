"""Rankings of all types: what a stem sounds like counts beside how well it fits.

The wanted type steers a query, yet what plays in the mix is in time and in key with it, so among all types
the mix's own stems come first. Whoever is not told types can guess them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from audio.decode import Waveform
from audio.stems import STEM_TYPES, StemType
from model.evaluation.scorer import Features, StemScorer, StemVectors
from model.evaluation.second_look import LookedAt
from model.type_guess import TypeGuess

WEIGHT = 0.2  # of a neper of probability, in evidence: chosen on validation songs, see docs/model.md
LEAST = 1e-3  # probability: a guess is never surer than that of what a stem is not


@runtime_checkable
class TypeAware(Protocol):
    """A scorer that can tell types apart."""

    def type_evidence(self, stem_type: StemType, stems: Sequence[Features]) -> NDArray[np.float32]:
        """What is added to the scores of stems [C] where those of all types are ranked."""
        ...


@dataclass(frozen=True)
class Typed:
    """What another scorer keeps of a stem, and how probable each type is."""

    features: Features
    probabilities: NDArray[np.float64]  # [types]


@dataclass(frozen=True)
class TypeAwareScorer:
    """A `StemScorer` that guesses types as the release does. Among stems of one type it changes nothing."""

    first: StemScorer
    guess: TypeGuess

    @property
    def label(self) -> str:
        """As the other's."""
        return self.first.label

    def embed_stem(self, stem: Waveform, stem_type: StemType) -> Typed:
        """Features of a whole stem [T], and its type as its vectors tell it, whatever `stem_type` says."""
        features = self.first.embed_stem(stem, stem_type)
        vectors = _vectors(features)
        heard = self.guess.probabilities(vectors) if len(vectors) else np.zeros((1, len(STEM_TYPES)))
        return Typed(features, heard.mean(axis=0))

    def scores(self, mix: Waveform, stem_type: StemType, stems: Sequence[Features]) -> NDArray[np.float32]:
        """The other's scores [C]."""
        return self.first.scores(mix, stem_type, [cast("Typed", stem).features for stem in stems])

    def type_evidence(self, stem_type: StemType, stems: Sequence[Features]) -> NDArray[np.float32]:
        """`WEIGHT` × the log probability that a stem is of the wanted type [C]."""
        shares = [cast("Typed", stem).probabilities[stem_type.number] for stem in stems]
        return np.asarray(WEIGHT * np.log(np.maximum(shares, LEAST)), np.float32)


def _vectors(features: Features) -> NDArray[np.float32]:
    looked_at = cast("LookedAt | StemVectors", features)
    return _vectors(looked_at.features) if isinstance(looked_at, LookedAt) else looked_at.vectors
