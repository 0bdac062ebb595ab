"""Scores as serving gives them: what the network finds gets a second look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from audio.agreement import LOOKED_AT, Agreement
from audio.decode import Waveform
from audio.sketch import Sketch, sketch
from audio.stems import StemType
from model.evaluation.scorer import Features, StemScorer


@dataclass(frozen=True)
class LookedAt:
    """What is kept of a stem: what the first scorer keeps, and its sketch."""

    features: Features
    drawn: Sketch


@dataclass(frozen=True)
class SecondLookScorer:
    """A `StemScorer` that adds a bonus for agreement to the best of another's scores."""

    first: StemScorer
    looked_at: int = LOOKED_AT
    label: str = ""

    def embed_stem(self, stem: Waveform, stem_type: StemType) -> LookedAt:
        """Features and sketch of a whole stem [T]."""
        return LookedAt(self.first.embed_stem(stem, stem_type), sketch(stem))

    def scores(self, mix: Waveform, stem_type: StemType, stems: Sequence[Features]) -> NDArray[np.float32]:
        """The other's scores [C]; to the `looked_at` best of them, their bonuses are added."""
        known = [cast("LookedAt", stem) for stem in stems]
        scores = self.first.scores(mix, stem_type, [one.features for one in known]).copy()
        best = np.argsort(-scores, kind="stable")[: self.looked_at]
        scores[best] += Agreement(sketch(mix)).bonuses([known[row].drawn for row in best], stem_type)
        return scores
