"""A stem held at one lag."""

import numpy as np
import pytest

from audio.alignment import AGREEMENT, best_alignments
from audio.stems import StemType
from model.evaluation.baselines import rule_scorers
from model.evaluation.scorer import EmbeddingScorer
from model.evaluation.sensitivity_lags import evidence_at, lag_probe
from tests.model.evaluation.baseline_sounds import clicks, rhythm
from tests.model.evaluation.sensitivity_songs import HearsRhythm, seconds


def test_a_lag_is_scored_by_the_pairs_that_lie_on_it() -> None:
    products = np.arange(12, dtype=np.float32).reshape(4, 3)
    places = np.array([0, 2, 4])
    # The mix begins at place 1 of the stem: query 1 meets the window at 2, query 3 the one at 4.
    np.testing.assert_allclose(evidence_at(products, places, np.array([1])), [(4 + 11) / 2**AGREEMENT])
    # It begins with the stem: queries 0 and 2 meet the windows at 0 and 2.
    np.testing.assert_allclose(evidence_at(products, places, np.array([0])), [(0 + 7) / 2**AGREEMENT])


def test_a_lag_without_a_pair_has_no_evidence() -> None:
    products = np.ones((2, 1), np.float32)
    assert evidence_at(products, np.array([10]), np.array([2])).tolist() == [-np.inf]


def test_queries_that_are_not_asked_do_not_count() -> None:
    products = np.array([[np.nan, 1], [2, 3]], np.float32)
    assert evidence_at(products, np.array([0, 1]), np.array([0])).tolist() == [3]


def test_the_best_of_all_lags_is_the_one_that_a_search_finds() -> None:
    generator = np.random.default_rng(0)
    products = generator.standard_normal((40, 6)).astype(np.float32)
    places = np.arange(6, dtype=np.int64) * 16
    found = best_alignments(products, np.arange(40), np.zeros(6, np.int64), places)
    every = evidence_at(products, places, np.arange(-40, 100))
    assert every.max() == pytest.approx(float(found.scores[0]), abs=1e-5)
    best = int(places[found.windows[0]] - found.queries[0])
    assert int(every.argmax()) - 40 == best


@pytest.mark.parametrize("start", [1.37, 9.02, 14.0])
def test_the_true_lag_is_where_the_mix_was_cut(start: float) -> None:
    scorer = EmbeddingScorer(HearsRhythm(), "rhythm")
    stem = clicks(rhythm(0, 36.0), 36.0)
    probe = lag_probe(scorer)
    assert probe is not None
    mix = stem[seconds(start) : seconds(start) + seconds(20)]
    features = scorer.embed_stem(stem, StemType.KEYS)
    lags = start + np.array([0.0, -0.25, 0.25, 4.0, -1.0])
    scores = probe(mix, StemType.KEYS, features, lags)
    assert scores[0] > 1.3 * scores[1:].max()
    assert scores[0] == pytest.approx(float(scorer.scores(mix, StemType.KEYS, [features])[0]), rel=1e-5)


def test_the_true_lag_is_found_where_the_mix_begins_with_a_rest() -> None:
    """Its first windows ask nothing, so the first query lies later than the mix begins."""
    scorer = EmbeddingScorer(HearsRhythm(), "rhythm")
    stem = clicks(rhythm(0, 40.0), 40.0)
    probe = lag_probe(scorer)
    assert probe is not None
    mix = stem[seconds(4.0) : seconds(4.0) + seconds(24)].copy()
    mix[: seconds(11)] = 0
    features = scorer.embed_stem(stem, StemType.KEYS)
    scores = probe(mix, StemType.KEYS, features, 4.0 + np.array([0.0, -3.0, 3.0, 5.0]))
    assert scores[0] > 1.3 * scores[1:].max()
    assert scores[0] == pytest.approx(float(scorer.scores(mix, StemType.KEYS, [features])[0]), rel=1e-5)


def test_a_stem_without_audible_windows_fits_at_no_lag() -> None:
    scorer = EmbeddingScorer(HearsRhythm(), "rhythm")
    probe = lag_probe(scorer)
    assert probe is not None
    silent = scorer.embed_stem(np.zeros(seconds(20), np.float32), StemType.KEYS)
    mix = clicks(rhythm(0, 20.0), 20.0)
    assert probe(mix, StemType.KEYS, silent, np.array([0.0, 1.0])).tolist() == [-np.inf, -np.inf]


def test_rules_cannot_be_held_at_a_lag() -> None:
    assert all(lag_probe(rule) is None for rule in rule_scorers())
