"""Networks half-way between two others."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from model.blending import UnlikeWeightsError, blend
from model.jepa import Jepa
from model.songs import Song
from model.stem_reader import StemReader
from model.train import Trainer, TrainingData
from tests.model.configs import tiny


def network(seed: int, width: int = 32) -> Jepa:
    torch.manual_seed(seed)
    return Jepa(replace(tiny(), encoder=replace(tiny().encoder, width=width))).eval()


def weights(jepa: Jepa) -> list[Tensor]:
    return list(jepa.state_dict().values())


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_every_weight_lies_between_the_two_at_the_share(share: float) -> None:
    later, earlier = network(1), network(2)
    triples = zip(weights(blend(later, earlier, share)), weights(later), weights(earlier), strict=True)
    for between, mine, others in triples:
        torch.testing.assert_close(between, share * mine + (1 - share) * others)


def test_it_is_half_way_unless_told_otherwise() -> None:
    later, earlier = network(1), network(2)
    assert all(map(torch.equal, weights(blend(later, earlier)), weights(blend(later, earlier, 0.5))))


def test_buffers_are_blended_too() -> None:
    later, earlier = network(1), network(1)
    for name, buffer in later.named_buffers():
        if name.endswith("centre.mean"):
            buffer.fill_(2.0)
    means = [each for name, each in blend(later, earlier).named_buffers() if name.endswith("centre.mean")]
    assert means
    assert all(torch.equal(each, torch.ones_like(each)) for each in means)


def test_both_networks_stay_as_they_are() -> None:
    later, earlier = network(1), network(2)
    before = [each.clone() for each in (*weights(later), *weights(earlier))]
    blend(later, earlier)
    assert all(map(torch.equal, before, [*weights(later), *weights(earlier)]))


def test_a_network_blended_with_itself_is_itself() -> None:
    jepa = network(3)
    for blended, own in zip(weights(blend(jepa, jepa)), weights(jepa), strict=True):
        torch.testing.assert_close(blended, own)


def test_networks_of_other_architectures_are_refused() -> None:
    with pytest.raises(UnlikeWeightsError, match="architecture"):
        blend(network(1), network(2, width=48))


def test_a_training_does_not_start_from_another_architecture(
    songs: list[Song], reader: StemReader, tmp_path: Path
) -> None:
    data = TrainingData(songs[:4], songs[4:], reader)
    with pytest.raises(UnlikeWeightsError, match="architecture"):
        Trainer(tiny(), data, tmp_path / "run", torch.device("cpu"), network(2, width=48))
