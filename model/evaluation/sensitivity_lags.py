"""How well a stem fits when it is held at one lag, instead of at its best."""

from collections.abc import Callable
from typing import cast

import numpy as np
from numpy.typing import NDArray

from audio.alignment import Places, evidence
from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType
from model.evaluation.scorer import EmbeddingScorer, Features, StemScorer, StemVectors, ask

LagProbe = Callable[[Waveform, StemType, Features, NDArray[np.float64]], NDArray[np.float32]]
"""Mix [T], type, stem and lags [L] to scores [L]. A lag is where the mix begins in the stem, in seconds."""


def lag_probe(scorer: StemScorer) -> LagProbe | None:
    """How to hold a stem at a lag, for scorers that compare windows by their vectors; None for others."""
    if not isinstance(scorer, EmbeddingScorer):
        return None

    def probe(
        mix: Waveform, stem_type: StemType, stem: Features, lags: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        known = cast("StemVectors", stem)
        if not len(known.starts):
            return np.full(len(lags), -np.inf, np.float32)
        queries, asked = ask(scorer.embedder, mix, stem_type)
        if not len(asked):
            return np.full(len(lags), -np.inf, np.float32)
        products = np.full((asked[-1] - asked[0] + 1, len(known.starts)), np.nan, np.float32)
        products[asked - asked[0]] = queries @ known.vectors.T
        clock = SAMPLE_RATE / scorer.embedder.query_hop_samples
        # A true lag lies between two places of the queries; a search would find the better of them.
        places = np.rint(known.starts * clock).astype(np.int64) - asked[0]
        below = np.floor(lags * clock).astype(np.int64)
        return np.maximum(evidence_at(products, places, below), evidence_at(products, places, below + 1))

    return probe


def evidence_at(products: NDArray[np.float32], window_places: Places, lags: Places) -> NDArray[np.float32]:
    """Evidence of single lags as `audio.alignment` counts it.

    Args:
        products: scores of queries at K places in a row and windows [K, V]; NaN where a query is not asked.
        window_places: where each window begins in its stem, less the place of row 0 in the mix [V].
        lags: place in the stem at which the mix begins [L].

    Returns:
        [L], minus infinity where no query meets a window.
    """
    rows = window_places[None] - lags[:, None]
    inside = (rows >= 0) & (rows < len(products))
    scores = products[np.where(inside, rows, 0), np.arange(len(window_places))[None]]
    asked = inside & ~np.isnan(scores)
    count = asked.sum(axis=1)
    strengths = evidence(np.where(asked, scores, 0).sum(axis=1), count)
    return np.where(count > 0, strengths, -np.inf).astype(np.float32)
