"""Scores as serving gives them: what the network finds gets a second look."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from audio.agreement import COMPARED_SECONDS, LOOKED_AT, Agreement
from audio.decode import Waveform
from audio.sketch import Sketch, sketch
from audio.stems import StemType
from audio.windows import cut_middle
from model.evaluation.scorer import Features, StemScorer


@dataclass(frozen=True)
class LookedAt:
    """What is kept of a stem: what the first scorer keeps, and its sketch."""

    features: Features
    drawn: Sketch
    stem_type: StemType


@dataclass(frozen=True)
class SecondLookScorer:
    """A `StemScorer` that adds a bonus for agreement to the best of another's scores.

    Each type's best are looked at, as in serving, where a type has an index of its own. So a stem's rank
    within its type does not depend on which other types are asked about.
    """

    first: StemScorer
    looked_at: int = LOOKED_AT
    label: str = ""

    def embed_stem(self, stem: Waveform, stem_type: StemType) -> LookedAt:
        """Features and sketch of a whole stem [T]."""
        return LookedAt(self.first.embed_stem(stem, stem_type), sketch(stem), stem_type)

    def scores(self, mix: Waveform, stem_type: StemType, stems: Sequence[Features]) -> NDArray[np.float32]:
        """The other's scores [C]; to the `looked_at` best of each type, their bonuses are added."""
        known = [cast("LookedAt", stem) for stem in stems]
        scores = self.first.scores(mix, stem_type, [one.features for one in known]).copy()
        best = self._best_of_each_type(scores, [one.stem_type for one in known])
        compared = cut_middle(mix, COMPARED_SECONDS)
        scores[best] += Agreement(sketch(compared)).bonuses([known[row].drawn for row in best], stem_type)
        return scores

    def _best_of_each_type(self, scores: NDArray[np.float32], types: Sequence[StemType]) -> list[int]:
        looked_at: Counter[StemType] = Counter()
        best = []
        for row in np.argsort(-scores, kind="stable").tolist():
            looked_at[types[row]] += 1
            if looked_at[types[row]] <= self.looked_at:
                best.append(row)
        return best
