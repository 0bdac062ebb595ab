"""Tests of `model/optimiser.py`."""

from copy import deepcopy

import pytest
import torch

from model.jepa import Jepa
from model.optimiser import Optimiser
from tests.model.configs import tiny

INNER = "online.encoder.blocks.0.mix.weight"
KERNELS = "online.encoder.folds.1.weight"
OUTER = ("online.encoder.folds.0.weight", "predictor.types.weight", "online.encoder.norm.weight", "log_scale")


def network(seed: int = 0) -> Jepa:
    torch.manual_seed(seed)
    return Jepa(tiny())


def give_gradients(jepa: Jepa, seed: int = 1) -> None:
    """Every learned weight gets a gradient, of one direction that towers over all others."""
    generator = torch.Generator().manual_seed(seed)
    for weight in jepa.parameters():
        if weight.requires_grad:
            noise = torch.randn(weight.shape, generator=generator)
            weight.grad = 0.01 * noise + 1.0


def moved(optimised: Optimiser, jepa: Jepa, share: float = 1.0) -> dict[str, torch.Tensor]:
    """By how much one step moves each weight."""
    before = {name: weight.detach().clone() for name, weight in jepa.named_parameters()}
    give_gradients(jepa)
    optimised.step(share)
    return {name: weight.detach() - before[name] for name, weight in jepa.named_parameters()}


def directions(update: torch.Tensor) -> torch.Tensor:
    """Singular values of a matrix of updates, the largest being 1."""
    values: torch.Tensor = torch.linalg.svdvals(update.flatten(1))
    return values / values[0]


@pytest.mark.parametrize("name", [INNER, KERNELS])
def test_most_directions_of_a_matrix_move_alike_whatever_its_gradient(name: str) -> None:
    jepa = network()
    update = moved(Optimiser(jepa, tiny(weight_decay=0.0).train), jepa)[name]
    assert float(directions(update).median()) > 0.4


@pytest.mark.parametrize("name", [INNER, KERNELS])
def test_adamw_alone_follows_the_strongest_direction(name: str) -> None:
    jepa = network()
    update = moved(Optimiser(jepa, tiny(weight_decay=0.0, optimiser="adamw").train), jepa)[name]
    assert float(directions(update).median()) < 0.1


def test_a_matrix_moves_about_as_far_as_adamw_would_move_it_at_that_rate() -> None:
    jepa = network()
    rate = 2e-3
    update = moved(Optimiser(jepa, tiny(weight_decay=0.0, matrix_learning_rate=rate).train), jepa)[INNER]
    # A fifth of the rate for each number, which is what AdamW's updates amount to in long trainings.
    assert float(update.square().mean().sqrt()) == pytest.approx(0.2 * rate, rel=0.3)


def test_embeddings_norms_and_the_first_layer_move_by_adamw() -> None:
    muon, adamw = network(), network()
    ours = moved(Optimiser(muon, tiny().train), muon)
    theirs = moved(Optimiser(adamw, tiny(optimiser="adamw").train), adamw)
    for name in OUTER:
        torch.testing.assert_close(ours[name], theirs[name], msg=name)
    assert not torch.allclose(ours[INNER], theirs[INNER])


def test_the_target_is_left_alone() -> None:
    jepa = network()
    updates = moved(Optimiser(jepa, tiny().train), jepa)
    assert not any(bool(update.any()) for name, update in updates.items() if name.startswith("target."))


@pytest.mark.parametrize("optimiser", ["muon", "adamw"])
def test_a_share_of_nothing_moves_nothing(optimiser: str) -> None:
    jepa = network()
    updates = moved(Optimiser(jepa, tiny(optimiser=optimiser).train), jepa, share=0.0)
    assert not any(bool(update.any()) for update in updates.values())


@pytest.mark.parametrize("optimiser", ["muon", "adamw"])
def test_half_a_share_goes_half_as_far(optimiser: str) -> None:
    whole, half = network(), network()
    options = tiny(optimiser=optimiser).train
    far, near = moved(Optimiser(whole, options), whole), moved(Optimiser(half, options), half, share=0.5)
    for name in (INNER, KERNELS, *OUTER):
        torch.testing.assert_close(2 * near[name], far[name], rtol=1e-3, atol=1e-6, msg=name)


@pytest.mark.parametrize("optimiser", ["muon", "adamw"])
def test_biases_norms_and_the_temperature_do_not_decay(optimiser: str) -> None:
    jepa = network()
    optimised = Optimiser(jepa, tiny(optimiser=optimiser, weight_decay=0.5).train)
    before = {name: weight.detach().clone() for name, weight in jepa.named_parameters()}
    for weight in jepa.parameters():
        weight.grad = torch.zeros_like(weight) if weight.requires_grad else None
    optimised.step()
    for name, weight in jepa.named_parameters():
        if weight.requires_grad and bool(before[name].any()):
            shrunk = bool((weight.abs() < before[name].abs()).any())
            assert shrunk == (weight.ndim > 1), name


def test_zero_grad_forgets_the_gradients_of_all() -> None:
    jepa = network()
    optimised = Optimiser(jepa, tiny().train)
    give_gradients(jepa)
    optimised.zero_grad()
    assert all(weight.grad is None for weight in jepa.parameters())


@pytest.mark.parametrize("optimiser", ["muon", "adamw"])
def test_it_goes_on_as_if_nothing_had_happened(optimiser: str) -> None:
    options = tiny(optimiser=optimiser).train
    straight = network()
    first = Optimiser(straight, options)
    moved(first, straight)
    resumed = network()
    resumed.load_state_dict(straight.state_dict())
    second = Optimiser(resumed, options)
    second.load_state_dict(deepcopy(first.state_dict()))
    moved(first, straight)
    moved(second, resumed)
    for name, weight in straight.named_parameters():
        assert torch.equal(weight, dict(resumed.named_parameters())[name]), name


def test_weights_loaded_after_it_was_made_are_those_that_move() -> None:
    jepa, other = network(), network(seed=5)
    optimised = Optimiser(jepa, tiny(weight_decay=0.0).train)
    jepa.load_state_dict(other.state_dict())
    moved(optimised, jepa)
    ours, theirs = (dict(one.named_parameters())[INNER].detach() for one in (jepa, other))
    assert 0 < float(torch.dist(ours, theirs, p=torch.inf)) < 0.05
