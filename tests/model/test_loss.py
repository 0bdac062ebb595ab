"""The terms of the objective: their values, bounds and gradients."""

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from model.jepa import standardise
from model.loss import contrastive_loss, jepa_loss, search_offsets, spread


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def unit(*shape: int, seed: int = 0) -> Tensor:
    return functional.normalize(random(*shape, seed=seed), dim=-1)


def apart(batch: int) -> Tensor:
    """Every pair from a song of its own."""
    return torch.eye(batch, dtype=torch.bool)


def test_a_perfect_prediction_costs_nothing() -> None:
    target = random(2, 3, 8)
    assert float(jepa_loss(standardise(target), target)) == pytest.approx(0, abs=1e-6)


def test_the_opposite_prediction_costs_four() -> None:
    target = random(2, 3, 8)
    assert float(jepa_loss(-standardise(target), target)) == pytest.approx(4, abs=1e-6)


def test_a_prediction_at_right_angles_costs_two() -> None:
    target = torch.tensor([[[1.0, -1.0, 0.0, 0.0]]])
    assert float(jepa_loss(torch.tensor([[[0.0, 0.0, 3.0, -3.0]]]), target)) == pytest.approx(2, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_the_distance_lies_between_its_bounds(seed: int) -> None:
    assert 0 <= float(jepa_loss(random(2, 3, 4, seed=seed), random(2, 3, 4, seed=seed + 100))) <= 4


def test_the_length_of_a_prediction_does_not_count() -> None:
    predicted, target = random(2, 3, 8), random(2, 3, 8, seed=1)
    assert float(jepa_loss(9 * predicted, target)) == pytest.approx(float(jepa_loss(predicted, target)))


def test_the_level_of_a_target_does_not_count() -> None:
    predicted, target = random(2, 3, 8), random(2, 3, 8, seed=1)
    louder = float(jepa_loss(predicted, 4 + 9 * target))
    assert louder == pytest.approx(float(jepa_loss(predicted, target)), abs=1e-4)


def test_no_gradient_reaches_the_target_of_the_distance() -> None:
    predicted, target = random(2, 3, 8).requires_grad_(), random(2, 3, 8, seed=1).requires_grad_()
    jepa_loss(predicted, target).backward()  # type: ignore[no-untyped-call]  # PyTorch leaves it untyped
    assert predicted.grad is not None
    assert target.grad is None


def info_nce(queries: Tensor, candidates: Tensor, scale: Tensor, *, same_song: Tensor) -> Tensor:
    return contrastive_loss(scale * queries @ candidates.T, same_song=same_song)


def plain_info_nce(queries: Tensor, candidates: Tensor, scale: float, same_song: Tensor) -> float:
    """InfoNCE both ways, one pair at a time."""
    scores = (scale * queries @ candidates.T).tolist()
    total, batch = 0.0, len(scores)
    for i in range(batch):
        rivals = [j for j in range(batch) if j == i or not same_song[i, j]]
        total -= scores[i][i] - math.log(sum(math.exp(scores[i][j]) for j in rivals))
        total -= scores[i][i] - math.log(sum(math.exp(scores[j][i]) for j in rivals))
    return total / (2 * batch)


@pytest.mark.parametrize("scale", [1.0, 14.0])
@pytest.mark.parametrize("songs", [[0, 1, 2, 3, 4], [0, 0, 1, 1, 2], [0, 0, 0, 0, 1]])
def test_the_contrast_is_what_its_formula_says(scale: float, songs: list[int]) -> None:
    queries, candidates, numbers = unit(5, 8), unit(5, 8, seed=1), torch.tensor(songs)
    same_song = numbers[:, None] == numbers[None, :]
    loss = info_nce(queries, candidates, torch.tensor(scale), same_song=same_song)
    assert float(loss) == pytest.approx(plain_info_nce(queries, candidates, scale, same_song), rel=1e-4)


def test_a_batch_that_cannot_be_told_apart_costs_its_logarithm() -> None:
    same = unit(1, 8).expand(6, 8)
    assert float(info_nce(same, same, torch.tensor(10.0), same_song=apart(6))) == pytest.approx(
        math.log(6), rel=1e-5
    )


def test_right_answers_cost_nothing_when_the_scale_is_large() -> None:
    vectors = torch.eye(4)
    loss = info_nce(vectors, vectors, torch.tensor(100.0), same_song=apart(4))
    assert float(loss) == pytest.approx(0, abs=1e-6)


def test_a_second_stem_of_the_same_song_is_no_wrong_answer() -> None:
    queries, candidates = torch.eye(3), torch.eye(3)
    candidates[1] = candidates[0]  # as good an answer to query 0 as its own
    queries[1] = queries[0]
    together = apart(3)
    together[0, 1] = together[1, 0] = True
    loss = info_nce(queries, candidates, torch.tensor(50.0), same_song=together)
    assert float(loss) == pytest.approx(0, abs=1e-6)


def test_a_batch_of_one_song_teaches_nothing_and_breaks_nothing() -> None:
    queries = unit(3, 8).requires_grad_()
    loss = info_nce(
        queries, unit(3, 8, seed=1), torch.tensor(5.0), same_song=torch.ones(3, 3, dtype=torch.bool)
    )
    loss.backward()  # type: ignore[no-untyped-call]  # PyTorch leaves it untyped
    assert float(loss.detach()) == 0
    assert queries.grad is not None
    assert bool(torch.isfinite(queries.grad).all())


def test_the_contrast_is_the_same_both_ways() -> None:
    queries, candidates, scale = unit(4, 8), unit(4, 8, seed=1), torch.tensor(7.0)
    there = info_nce(queries, candidates, scale, same_song=apart(4))
    back = info_nce(candidates, queries, scale, same_song=apart(4))
    assert float(there) == pytest.approx(float(back), rel=1e-6)


def test_both_sides_and_the_temperature_learn_from_the_contrast() -> None:
    queries, candidates = unit(4, 8).requires_grad_(), unit(4, 8, seed=1).requires_grad_()
    scale = torch.tensor(7.0, requires_grad=True)
    info_nce(queries, candidates, scale, same_song=apart(4)).backward()  # type: ignore[no-untyped-call]  # untyped in PyTorch
    assert all(leaf.grad is not None for leaf in (queries, candidates, scale))


def test_one_more_wrong_answer_costs_its_share_both_ways() -> None:
    scores, wrong = random(3, 3), random(3, seed=1)
    expected = [
        -float(torch.log_softmax(torch.cat([side[i], wrong[i : i + 1]]), dim=0)[i])
        for side in (scores, scores.T)
        for i in range(3)
    ]
    loss = contrastive_loss(scores, same_song=apart(3), own_elsewhere=wrong)
    assert float(loss) == pytest.approx(sum(expected) / 6, rel=1e-5)


def test_a_wrong_stem_is_compared_where_it_fits_best() -> None:
    queries, candidates = unit(4, 9, 8), unit(4, 8, seed=1)
    pairs = search_offsets(queries, candidates, torch.tensor([0, 3, 8, 5])).pairs
    for mix in range(4):
        for stem in range(4):
            if mix != stem:
                best = max(float(queries[mix, k] @ candidates[stem]) for k in range(9))
                assert float(pairs[mix, stem]) == pytest.approx(best, rel=1e-5)


def test_the_right_stem_is_compared_where_it_lies() -> None:
    queries, candidates, offsets = unit(4, 9, 8), unit(4, 8, seed=1), [0, 3, 8, 5]
    pairs = search_offsets(queries, candidates, torch.tensor(offsets)).pairs
    expected = [float(queries[i, offset] @ candidates[i]) for i, offset in enumerate(offsets)]
    assert pairs.diagonal().tolist() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("offset", "wrong"), [(0, [3, 4, 5, 6]), (3, [0, 6]), (6, [0, 1, 2, 3])])
def test_wrong_offsets_of_the_right_mix_begin_beyond_the_guard(offset: int, wrong: list[int]) -> None:
    queries, candidates = unit(1, 7, 8), unit(1, 8, seed=1)
    elsewhere = search_offsets(queries, candidates, torch.tensor([offset]), guard=2).own_elsewhere
    assert elsewhere is not None
    assert float(elsewhere[0]) == pytest.approx(max(float(queries[0, k] @ candidates[0]) for k in wrong))


def test_without_offsets_there_is_nothing_to_search() -> None:
    queries, candidates = unit(3, 1, 8), unit(3, 8, seed=1)
    searched = search_offsets(queries, candidates, torch.zeros(3, dtype=torch.int64))
    assert searched.own_elsewhere is None
    torch.testing.assert_close(searched.pairs, queries[:, 0] @ candidates.T)


def test_collapse_shows_as_no_spread() -> None:
    assert float(spread(unit(1, 64).expand(10, 64))) == pytest.approx(0, abs=1e-6)


def test_vectors_in_all_directions_have_a_spread_of_about_one() -> None:
    assert float(spread(unit(400, 64))) == pytest.approx(1, abs=0.05)
