"""Score calibration: what share of validation pairs with this score belong together (Platt 1999)."""

import sys
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from model.card import Calibration
from model.evaluation.protocols import EvaluationProtocol
from model.evaluation.retrieval import embed_candidates, score_queries
from model.evaluation.scorer import EmbeddingScorer, MixAndStemEmbedder
from model.evaluation.second_look import SecondLookScorer
from model.reliability import measure_reliability
from model.songs import Song
from model.stem_reader import StemReader

CALIBRATED_BY = EvaluationProtocol(per_song=2, relations=False)  # a version of the song may belong, too
LEAST_SHARING = 2  # songs that have a type: a true stem and another


class TooFewSongsError(ValueError):
    """Songs that give no pairs to calibrate on."""


def check_songs(songs: Sequence[Song]) -> None:
    """Refuse songs of which no two share a stem type: their stems have no others to be told from.

    Raises:
        TooFewSongsError: there are no two such songs.
    """
    sharing = Counter(stem_type for _, stem_type in {(s.group, each) for s in songs for each in s.types})
    if max(sharing.values(), default=0) < LEAST_SHARING:
        raise TooFewSongsError(
            "Calibration needs two songs, not versions of one, that share a stem type. Name a folder of "
            "songs that were not learned from (of an export: --calibrate SONGS)."
        )


def fit(together: NDArray[np.float64], apart: NDArray[np.float64]) -> Calibration:
    """Logistic regression on scores of pairs that belong together and pairs that do not.

    Both kinds weigh the same, whatever their numbers. Platt's targets keep the slope finite where the
    kinds do not overlap. How far the result can be believed is measured on the same pairs.

    Raises:
        ValueError: one kind is empty.
    """
    if not len(together) or not len(apart):
        raise ValueError(
            "Calibration needs pairs of both kinds. Name a folder with at least two songs (of an export: "
            "--calibrate SONGS)."
        )
    scores = np.concatenate([together, apart])
    high, low = (len(together) + 1) / (len(together) + 2), 1 / (len(apart) + 2)
    targets = np.concatenate([np.full(len(together), high), np.full(len(apart), low)])
    weights = np.concatenate(
        [np.full(len(together), 0.5 / len(together)), np.full(len(apart), 0.5 / len(apart))]
    )

    def cost(parameters: NDArray[np.float64]) -> float:
        logits = parameters[0] * scores + parameters[1]
        return float(np.sum(weights * (np.logaddexp(0, logits) - targets * logits)))

    slope, intercept = minimize(cost, np.array([1.0, 0.0]), method="BFGS").x
    slope, intercept = round(float(slope), 4), round(float(intercept), 4)
    predicted = 1 / (1 + np.exp(-(slope * scores + intercept)))
    belong = np.arange(len(scores)) < len(together)
    return Calibration(slope, intercept, len(scores), measure_reliability(predicted, belong))


def score_pairs(
    songs: Sequence[Song], reader: StemReader, embedder: MixAndStemEmbedder, protocol: EvaluationProtocol
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores as serving computes them: of true stems, and of one random other stem of the type a query."""
    generator = np.random.default_rng(0)
    together, apart = [], []
    # Of every stem, as `/compatibility` does: a wrong one at random is seldom among the best.
    scorer = SecondLookScorer(EmbeddingScorer(embedder, "", protocol.hop_seconds), looked_at=sys.maxsize)
    candidates = embed_candidates(songs, reader, scorer, protocol)
    for scored in score_queries(songs, reader, scorer, candidates, protocol):
        scores, true = scored.of_type()
        other = (true + int(generator.integers(1, len(scores)))) % len(scores)
        together.append(scores[true])
        apart.append(scores[other])
    return np.array(together, np.float64), np.array(apart, np.float64)
