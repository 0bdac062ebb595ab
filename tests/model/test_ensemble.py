"""Networks that answer together."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from audio.stems import STEM_TYPES, StemType
from audio.windows import WINDOW_SAMPLES
from model.card import Calibration
from model.embedder import Embedder
from model.ensemble import Ensemble, UnlikeNetworksError
from model.export import Release, export
from model.half_precision import rounded
from model.jepa import Jepa
from model.parity import check_parity
from model.torch_embedder import TorchEmbedder
from tests.model.configs import small_vit, tiny
from tests.model.multitracks import noise

CPU = torch.device("cpu")


def network(seed: int, width: int = 32, token_width: int = 4) -> Jepa:
    """A network without training; each seed another, of any width."""
    torch.manual_seed(seed)
    config = tiny()
    return Jepa(
        replace(
            config,
            name=f"net-{seed}",
            encoder=replace(config.encoder, width=width),
            head=replace(config.head, token_width=token_width),
        )
    ).eval()


@pytest.fixture(scope="module")
def members() -> list[Jepa]:
    return [network(1), network(2, width=48, token_width=6)]


@pytest.fixture(scope="module")
def ensemble(members: list[Jepa]) -> Ensemble:
    return Ensemble(members).eval()


@pytest.fixture(scope="module")
def release(ensemble: Ensemble, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ensemble") / "release"
    export(ensemble, folder, Release("1.2.3", Calibration(1.0, 0.0)))
    return folder


def scores(network: Jepa | Ensemble, mix: np.ndarray, stems: np.ndarray) -> np.ndarray:
    embedder = TorchEmbedder(network, CPU)
    return embedder.queries(mix, StemType.BASS).vectors @ embedder.candidate_vectors(stems).T


@pytest.mark.parametrize("samples", [5 * 16_000, 13 * 16_000])
def test_a_score_is_the_mean_of_the_members_scores(
    ensemble: Ensemble, members: list[Jepa], samples: int
) -> None:
    mix, stems = noise(0, samples), np.stack([noise(seed, WINDOW_SAMPLES) for seed in (1, 2, 3)])
    expected = np.mean([scores(each, mix, stems) for each in members], axis=0)
    np.testing.assert_allclose(scores(ensemble, mix, stems), expected, atol=1e-5)


def test_vectors_have_length_one_and_the_dimensions_of_all(ensemble: Ensemble, members: list[Jepa]) -> None:
    assert ensemble.dimension == sum(each.config.dimension for each in members)
    vectors = TorchEmbedder(ensemble, CPU).queries(noise(0, 13 * 16_000), StemType.KEYS).vectors
    assert vectors.shape[1] == ensemble.dimension
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_a_single_member_answers_as_it_would_alone(members: list[Jepa]) -> None:
    mix = noise(0, 13 * 16_000)
    alone, together = (TorchEmbedder(each, CPU) for each in (members[1], Ensemble(members[1:])))
    for stem_type in STEM_TYPES:
        np.testing.assert_allclose(
            together.queries(mix, stem_type).vectors, alone.queries(mix, stem_type).vectors, atol=1e-6
        )


def test_exported_they_answer_as_in_memory(ensemble: Ensemble, release: Path) -> None:
    assert check_parity(ensemble, release, seed=5) < 1e-4
    mix = noise(4, 6 * 16_000)
    served, expected = (
        each.queries(mix, StemType.DRUMS) for each in (Embedder.open(release), TorchEmbedder(ensemble, CPU))
    )
    np.testing.assert_allclose(served.vectors, expected.vectors, atol=1e-4)


def test_the_card_describes_every_member(ensemble: Ensemble, release: Path, members: list[Jepa]) -> None:
    card = Embedder.open(release).card
    assert card.name == "net-1"
    assert card.dimension == ensemble.dimension
    described = [(each["name"], each["encoder"]["width"]) for each in card.config["members"]]
    assert described == [("net-1", 32), ("net-2", 48)]


def test_they_are_rounded_together(ensemble: Ensemble) -> None:
    halves = rounded(ensemble)
    assert isinstance(halves, Ensemble)
    assert all(torch.equal(one.half().float(), one) for one in halves.parameters())
    assert not all(torch.equal(one.half().float(), one) for one in ensemble.parameters())


def test_networks_that_hear_differently_cannot_answer_together() -> None:
    other = tiny()
    other = replace(other, front_end=replace(other.front_end, bins=80))
    with pytest.raises(UnlikeNetworksError, match="their front ends differ"):
        Ensemble([network(1), Jepa(other)])


def test_networks_that_ask_window_by_window_cannot_answer_together() -> None:
    with pytest.raises(UnlikeNetworksError, match="Only conv networks"):
        Ensemble([Jepa(small_vit())])
