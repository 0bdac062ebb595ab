"""Recall is measured against an exact search, and no more effort is chosen than it takes."""

import faiss
import numpy as np
import pytest

from library.index_building import build_index
from library.index_kinds import plan_quantised
from library.index_recall import (
    RECALL_AT,
    WANTED_RECALL,
    choose_effort,
    make_questions,
    search_exactly,
    try_effort,
)
from tests.library.test_index import unit_vectors

DIMENSION = 16


def store(count: int) -> faiss.IndexScalarQuantizer:
    stored = faiss.IndexScalarQuantizer(DIMENSION, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    stored.train(unit_vectors(1, dimension=DIMENSION))
    stored.add(unit_vectors(count, dimension=DIMENSION))
    return stored


@pytest.mark.parametrize("lists", [1, 16])
def test_the_wanted_recall_is_reached_and_is_what_a_search_gives(lists: int) -> None:
    vectors = unit_vectors(4000, dimension=DIMENSION)
    built = build_index(plan_quantised(DIMENSION, lists), np.arange(4000), vectors)
    assert built.measured.recall >= WANTED_RECALL
    questions = make_questions(store(4000), np.random.default_rng(5))
    hits = built.index.search(questions, RECALL_AT)
    exact = np.argsort(-(questions @ vectors.T), axis=1)[:, :RECALL_AT]
    found = [len(set(hits.ids[hits.queries == row]) & set(exact[row])) for row in range(len(questions))]
    assert np.mean(found) / RECALL_AT == pytest.approx(built.measured.recall, abs=0.03)


def test_half_the_candidates_would_not_have_been_enough() -> None:
    built = build_index(
        plan_quantised(DIMENSION, 1), np.arange(4000), unit_vectors(4000, dimension=DIMENSION)
    )
    refined = faiss.downcast_index(built.index._filled.index)
    questions = make_questions(store(4000), np.random.default_rng(0))
    exact = search_exactly(store(4000), questions)
    chosen = int(refined.k_factor)
    assert chosen > 4
    assert try_effort(refined, 1, chosen, questions, exact) >= WANTED_RECALL
    assert try_effort(refined, 1, chosen // 2, questions, exact) < WANTED_RECALL


def test_an_index_smaller_than_ten_can_be_measured() -> None:
    built = build_index(plan_quantised(DIMENSION, 1), np.arange(20), unit_vectors(20, dimension=DIMENSION))
    lists = faiss.downcast_index(built.index._filled.index)
    assert choose_effort(lists, np.random.default_rng(0)).recall == 1.0


def test_exact_search_gives_the_ten_best_scores_over_all_portions() -> None:
    stored, questions = store(9000), unit_vectors(3, seed=2, dimension=DIMENSION)
    best = search_exactly(stored, questions)
    expected = np.sort(questions @ stored.reconstruct_n(0, 9000).T, axis=1)[:, -RECALL_AT:]
    assert np.allclose(best, expected, atol=1e-6)


def test_questions_lie_to_their_answers_as_queries_of_mixes_do() -> None:
    stored = store(5000)
    questions = make_questions(stored, np.random.default_rng(1))
    assert np.allclose(np.linalg.norm(questions, axis=1), 1, atol=1e-5)
    best = (questions @ stored.reconstruct_n(0, 5000).T).max(axis=1)
    assert best.min() > 0.3
    assert np.median(best) < 0.95


def test_the_same_seed_asks_the_same_questions() -> None:
    one, other = (make_questions(store(100), np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(one, other)
