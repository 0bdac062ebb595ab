"""The whole network: who learns, who follows, and what a prediction depends on."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from audio.stems import STEM_TYPES
from model.config import Config
from model.conv_encoder import ConvEncoder
from model.jepa import Jepa, build_encoder, standardise
from model.step import Images, losses_of
from model.train import count_parameters
from model.vit_encoder import VitEncoder
from tests.model.configs import CONFIGS, small_vit, tiny, without_types

CONFIG = tiny()


def network(config: Config = CONFIG) -> Jepa:
    torch.manual_seed(0)
    return Jepa(config)


def images(config: Config = CONFIG) -> Images:
    """Four pairs of two types from four songs: noise that context and target share in part."""
    generator = torch.Generator().manual_seed(1)
    shape = (4, config.front_end.bins, config.front_end.frames)
    contexts = torch.randn(shape, generator=generator)
    targets = (contexts + torch.randn(shape, generator=generator)) / 2
    apart, aligned = torch.eye(4, dtype=torch.bool), torch.zeros(4, dtype=torch.int64)
    return Images(contexts, targets, torch.tensor([0, 0, 1, 1]), same_song=apart, offsets=aligned)


def move(jepa: Jepa) -> None:
    """Let the online encoder learn something, so that the target is behind."""
    with torch.no_grad():
        for tensor in jepa.online.state_dict().values():
            tensor.add_(1.0)


def weights_of(part: torch.nn.Module) -> list[Tensor]:
    return [tensor.clone() for tensor in part.state_dict().values()]


@pytest.mark.parametrize("config", [CONFIG, small_vit()])
def test_the_target_gets_no_gradient(config: Config) -> None:
    jepa = network(config)
    losses_of(jepa, images(config)).total.backward()  # type: ignore[no-untyped-call]  # PyTorch leaves it untyped
    assert all(parameter.grad is None for parameter in jepa.target.parameters())
    assert not any(parameter.requires_grad for parameter in jepa.target.parameters())


@pytest.mark.parametrize("config", [CONFIG, small_vit()])
def test_everything_else_learns(config: Config) -> None:
    jepa = network(config)
    losses_of(jepa, images(config)).total.backward()  # type: ignore[no-untyped-call]  # PyTorch leaves it untyped
    learning = [*jepa.online.parameters(), *jepa.predictor.parameters(), *jepa.query_head.parameters()]
    assert all(parameter.grad is not None for parameter in learning)
    assert jepa.log_scale.grad is not None


def test_embedding_a_target_leaves_no_graph_behind() -> None:
    embedding = network().embed_target(images().targets)
    assert not embedding.latents.requires_grad
    assert not embedding.candidates.requires_grad


def test_a_momentum_of_one_changes_nothing() -> None:
    jepa = network()
    before = weights_of(jepa.target)
    move(jepa)
    jepa.update_target(1.0)
    assert all(map(torch.equal, weights_of(jepa.target), before))


def test_a_momentum_of_zero_copies() -> None:
    jepa = network()
    move(jepa)
    jepa.update_target(0.0)
    assert all(map(torch.equal, weights_of(jepa.target), weights_of(jepa.online)))


def test_momentum_is_the_share_of_the_target_that_stays() -> None:
    jepa = network()
    before = weights_of(jepa.target)
    move(jepa)
    jepa.update_target(0.9)
    for follower, start in zip(weights_of(jepa.target), before, strict=True):
        torch.testing.assert_close(follower, start + 0.1, atol=1e-5, rtol=1e-5)


def test_the_target_stays_at_inference_while_the_rest_trains() -> None:
    jepa = network().eval().train()
    assert jepa.training
    assert jepa.online.training
    assert not any(module.training for module in jepa.target.modules())


def test_the_target_follows_what_the_online_encoder_found_in_common() -> None:
    jepa = network()
    losses_of(jepa, images())
    before = jepa.online.head.centre.mean.clone()  # type: ignore[union-attr, operator]  # a buffer of the head
    jepa.update_target(0.5)
    assert before.any()
    torch.testing.assert_close(jepa.target.head.centre.mean, before / 2)


def test_the_target_begins_as_a_copy_that_is_its_own() -> None:
    jepa = network()
    assert all(map(torch.equal, weights_of(jepa.target), weights_of(jepa.online)))
    move(jepa)
    assert not any(map(torch.equal, weights_of(jepa.target), weights_of(jepa.online)))


@torch.no_grad()
def test_the_type_changes_the_prediction() -> None:
    jepa = network().eval()
    latents = jepa.embed_context(images().contexts[:1])
    queries = torch.cat([jepa.predict(latents, torch.tensor([one.number])).queries for one in STEM_TYPES])
    assert len(torch.unique(queries[:, 0], dim=0)) == len(STEM_TYPES)


@torch.no_grad()
def test_without_conditioning_the_type_does_not() -> None:
    jepa = network(without_types(CONFIG)).eval()
    latents = jepa.embed_context(images().contexts[:1])
    first, last = (jepa.predict(latents, torch.tensor([number])).queries for number in (0, 8))
    assert torch.equal(first, last)


@pytest.mark.parametrize("config", [CONFIG, small_vit()])
@torch.no_grad()
def test_queries_and_candidates_have_one_dimension(config: Config) -> None:
    jepa, batch = network(config), images(config)
    prediction = jepa.predict(jepa.embed_context(batch.contexts), batch.types)
    embedding = jepa.embed_target(batch.targets)
    assert prediction.queries.shape == (4, 1, config.dimension)
    assert embedding.candidates.shape == (4, config.dimension)
    assert prediction.latents.shape == embedding.latents.shape


def test_ten_steps_on_one_batch_lower_the_loss() -> None:
    jepa, batch = network(), images()
    optimiser = torch.optim.AdamW([one for one in jepa.parameters() if one.requires_grad], lr=3e-3)
    totals = []
    for _ in range(10):
        losses = losses_of(jepa, batch)
        optimiser.zero_grad()
        losses.total.backward()  # type: ignore[no-untyped-call]  # PyTorch leaves it untyped
        optimiser.step()
        jepa.update_target(0.9)
        totals.append(float(losses.total.detach()))
    assert totals[-1] < 0.8 * totals[0]


def test_a_config_chooses_its_encoder() -> None:
    assert isinstance(build_encoder(CONFIG), ConvEncoder)
    assert isinstance(build_encoder(small_vit()), VitEncoder)


def test_latents_are_standardised_one_by_one() -> None:
    latents = 5 + 3 * torch.randn(2, 4, 64, generator=torch.Generator().manual_seed(2))
    assert standardise(latents).mean(dim=-1).abs().max() < 1e-5
    torch.testing.assert_close(standardise(latents), standardise(latents * 7 + 1), atol=1e-4, rtol=1e-4)


def test_the_papers_networks_have_the_published_size() -> None:
    with torch.device("meta"):
        jepa = Jepa(Config.from_toml(CONFIGS / "paper.toml"))
    assert count_parameters(jepa.online) == pytest.approx(85e6, rel=0.01)
    assert count_parameters(jepa.online) + count_parameters(jepa.predictor) == pytest.approx(92e6, rel=0.01)


def test_the_shipped_network_is_small_enough_to_ship() -> None:
    jepa = Jepa(Config.from_toml(CONFIGS / "compact.toml"))
    exported = 2 * count_parameters(jepa.online) + count_parameters(jepa.predictor)
    assert exported * 4 < 25e6


def test_another_number_of_types_per_batch_changes_no_weight() -> None:
    other = replace(CONFIG, train=replace(CONFIG.train, types_per_batch=4))
    assert all(map(torch.equal, weights_of(network(other)), weights_of(network())))
