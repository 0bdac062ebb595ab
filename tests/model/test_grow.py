"""Networks that grow: what the small one knew, the large one knows."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from model.config import Config
from model.grow import CannotGrowError, grow
from model.jepa import Jepa
from model.loss import contrastive_loss
from tests.model.configs import small_vit, tiny

TYPES = torch.tensor([0, 1])


def larger(config: Config, *, token_width: int = 0, global_width: int = 0) -> Config:
    """Latents and predictor of twice the width, two more blocks, and more numbers in a vector."""
    head = config.head
    return replace(
        config,
        encoder=replace(config.encoder, width=2 * config.encoder.width, depth=config.encoder.depth + 2),
        predictor=replace(config.predictor, hidden=2 * config.predictor.hidden),
        head=replace(
            head, token_width=head.token_width + token_width, global_width=head.global_width + global_width
        ),
    )


def images(frames: int = 300) -> Tensor:
    return torch.randn((2, tiny().front_end.bins, frames), generator=torch.Generator().manual_seed(3))


def answers(jepa: Jepa) -> tuple[Tensor, Tensor]:
    """Queries and candidates of some noise."""
    with torch.no_grad():
        queries = jepa.eval().predict(jepa.embed_context(images()), TYPES).queries
        return queries, jepa.embed_target(images()[:, :, :256]).candidates


def test_a_grown_network_answers_as_before(jepa: Jepa) -> None:
    grown = grow(jepa, larger(jepa.config))
    for mine, theirs in zip(answers(grown), answers(jepa), strict=True):
        assert torch.allclose(mine, theirs, atol=1e-5)


def test_both_encoders_and_the_predictor_have_grown(jepa: Jepa) -> None:
    grown = grow(jepa, larger(jepa.config))
    width = 2 * jepa.config.encoder.width
    assert grown.online.encoder(images()).shape == (2, 300, width)
    assert grown.target.encoder(images()).shape == (2, 300, width)
    assert len(grown.online.encoder.blocks) == jepa.config.encoder.depth + 2
    assert grown.predictor.mlp[0].out_features == 2 * jepa.config.predictor.hidden


def test_its_target_can_go_on_following(jepa: Jepa) -> None:
    """Averaging weights is only meaningful where the same weights of both do the same."""
    grown = grow(jepa, larger(jepa.config))
    before = answers(grown)[1]
    grown.update_target(0.5)
    assert torch.allclose(answers(grown)[1], before, atol=1e-5)


def test_vectors_get_more_numbers_after_those_of_each_token(jepa: Jepa) -> None:
    config = larger(jepa.config, token_width=3)
    grown, head = grow(jepa, config), jepa.config.head
    tokens = config.dimension - head.global_width
    queries, candidates = answers(grown)
    assert queries.shape[-1] == candidates.shape[-1] == config.dimension > jepa.config.dimension
    mine = queries[..., :tokens].unflatten(-1, (-1, head.token_width + 3))
    theirs = answers(jepa)[0][..., : -head.global_width].unflatten(-1, (-1, head.token_width))
    # Old numbers keep their proportions; the new ones are there and do not rule.
    old, new = mine[..., : head.token_width], mine[..., head.token_width :]
    assert torch.allclose(
        torch.nn.functional.normalize(old.flatten(-2), dim=-1),
        torch.nn.functional.normalize(theirs.flatten(-2), dim=-1),
        atol=1e-4,
    )
    assert 0.01 < float(new.square().sum() / old.square().sum()) < 1


def test_the_average_gets_more_numbers(jepa: Jepa) -> None:
    config = larger(jepa.config, global_width=5)
    grown = grow(jepa, config)
    assert grown.query_head.centre.mean.shape == (jepa.config.head.global_width + 5,)
    assert torch.equal(
        grown.query_head.centre.mean[: jepa.config.head.global_width], jepa.query_head.centre.mean
    )
    assert answers(grown)[0].shape[-1] == config.dimension


def test_twins_go_different_ways(jepa: Jepa) -> None:
    """If both were treated alike the larger network would for ever be the smaller one."""
    grown = grow(jepa, larger(jepa.config)).train()
    queries = grown.predict(grown.embed_context(images(256)), TYPES).queries[:, 0]
    scores = queries @ grown.online(images(256)).candidates.T
    contrastive_loss(10 * scores, same_song=torch.eye(2, dtype=torch.bool)).backward()
    gradient = grown.online.encoder.project.weight.grad
    assert gradient is not None
    first, second = gradient.chunk(2)
    assert float((first - second).abs().max()) > 0.1 * float(first.abs().max())


def test_the_same_network_grows_the_same_way(jepa: Jepa) -> None:
    first, again = (grow(jepa, larger(jepa.config)).online.state_dict() for _ in range(2))
    blocks = jepa.config.encoder.depth
    for name, tensor in first.items():
        if not any(name.startswith(f"encoder.blocks.{blocks + extra}.over_time") for extra in range(2)):
            assert torch.equal(tensor, again[name]), name


def test_a_network_may_stay_as_it_is(jepa: Jepa) -> None:
    same = grow(jepa, tiny(steps=7))
    assert same.config.train.steps == 7
    for name, tensor in jepa.state_dict().items():
        assert torch.equal(same.state_dict()[name], tensor), name


@pytest.mark.parametrize(
    "change",
    [
        {"encoder": {"width": 48}},
        {"encoder": {"depth": 0}},
        {"encoder": {"channels": (8, 24)}},
        {"predictor": {"hidden": 16}},
        {"predictor": {"layers": 2}},
        {"head": {"token_width": 2}},
        {"front_end": {"mean": 0.0}},
    ],
)
def test_what_is_no_larger_version_is_refused(jepa: Jepa, change: dict[str, dict[str, object]]) -> None:
    values = jepa.config.to_dict()
    for section, options in change.items():
        values[section] |= options
    with pytest.raises(CannotGrowError, match="cannot grow into tiny: only encoder"):
        grow(jepa, Config.from_dict(values))


def test_a_vit_does_not_grow(vit_jepa: Jepa) -> None:
    with pytest.raises(CannotGrowError):
        grow(vit_jepa, replace(small_vit(), encoder=replace(small_vit().encoder, width=64)))
