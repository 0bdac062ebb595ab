"""The predictor: from the mix's latents to the missing stem's."""

import torch
from torch import nn

from audio.stems import STEM_TYPES
from model.config import Config
from model.config_sections import PredictorConfig
from model.predictor import Predictor
from tests.model.configs import CONFIGS

LATENTS = torch.randn(2, 5, 16, generator=torch.Generator().manual_seed(0))


def predictor(**options: object) -> Predictor:
    torch.manual_seed(1)
    return Predictor(16, PredictorConfig(hidden=24, layers=2, type_width=4, **options))  # type: ignore[arg-type]  # one flag


def of_type(number: int) -> torch.Tensor:
    return torch.full((2,), number)


def test_a_prediction_has_the_shape_of_the_latents() -> None:
    assert predictor()(LATENTS, of_type(0)).shape == LATENTS.shape


def test_every_type_is_predicted_differently() -> None:
    network = predictor()
    predictions = torch.stack([network(LATENTS, of_type(stem_type.number)) for stem_type in STEM_TYPES])
    assert len(torch.unique(predictions.flatten(1), dim=0)) == len(STEM_TYPES)


def test_types_of_a_batch_are_its_own() -> None:
    network = predictor()
    mixed = network(LATENTS, torch.tensor([3, 7]))
    torch.testing.assert_close(mixed[0], network(LATENTS, of_type(3))[0])
    torch.testing.assert_close(mixed[1], network(LATENTS, of_type(7))[1])


def test_without_conditioning_the_type_changes_nothing() -> None:
    network = predictor(conditioned=False)
    assert torch.equal(network(LATENTS, of_type(0)), network(LATENTS, of_type(8)))


def test_each_latent_is_predicted_from_itself_alone() -> None:
    network, other = predictor(), LATENTS.clone()
    other[:, 2] += 1
    changed = (network(LATENTS, of_type(1)) != network(other, of_type(1))).any(dim=-1)
    assert changed.tolist() == [[False, False, True, False, False]] * 2


def test_the_papers_predictor_has_the_published_layers() -> None:
    config = Config.from_toml(CONFIGS / "paper.toml")
    with torch.device("meta"):
        network = Predictor(config.encoder.width, config.predictor)
    sizes = [(layer.in_features, layer.out_features) for layer in network.mlp if isinstance(layer, nn.Linear)]
    assert sizes == [(1536, 1024), *[(1024, 1024)] * 4, (1024, 768)]
    assert sum(isinstance(layer, nn.ReLU) for layer in network.mlp) == 5


def test_the_last_layer_is_free_in_sign() -> None:
    assert isinstance(predictor().mlp[-1], nn.Linear)
