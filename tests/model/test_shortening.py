"""Vectors in fewer numbers."""

from pathlib import Path

import numpy as np
import pytest
import torch

from audio.stems import StemType
from audio.windows import WINDOW_SAMPLES
from model.card import Calibration
from model.embedder import Embedder
from model.ensemble import Ensemble
from model.export import Release, export
from model.half_precision import rounded
from model.jepa import Jepa
from model.parity import check_parity
from model.shortening import Shortened, TooFewVectorsError, principal_axes, share_kept
from model.torch_embedder import TorchEmbedder
from tests.model.configs import tiny
from tests.model.multitracks import noise, tone

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def network() -> Jepa:
    torch.manual_seed(3)
    return Jepa(tiny()).eval()


@pytest.fixture(scope="module")
def stems() -> np.ndarray:
    """Windows [40, T] of noise and of tones."""
    tones = [tone(110.0 * 2 ** (step / 6), WINDOW_SAMPLES) for step in range(20)]
    return np.stack([noise(seed, WINDOW_SAMPLES) for seed in range(20)] + tones)


@pytest.fixture(scope="module")
def vectors(network: Jepa, stems: np.ndarray) -> np.ndarray:
    return TorchEmbedder(network, CPU).candidate_vectors(stems)


def low_rank(seed: int, count: int, rank: int, dimension: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    mixed = generator.standard_normal((count, rank)) @ generator.standard_normal((rank, dimension))
    return mixed.astype(np.float32)


def test_axes_are_orthonormal_and_as_many_as_wanted(vectors: np.ndarray) -> None:
    axes = principal_axes(vectors, 7)
    assert axes.shape == (7, vectors.shape[1])
    assert axes.dtype == np.float32
    np.testing.assert_allclose(axes @ axes.T, np.eye(7), atol=1e-5)


def test_axes_that_hold_everything_change_no_score() -> None:
    vectors = low_rank(0, 60, 5, 32)
    axes = principal_axes(vectors, 5)
    assert share_kept(vectors, axes) == pytest.approx(1.0, abs=1e-5)
    shorter = vectors @ axes.T
    np.testing.assert_allclose(shorter @ shorter.T, vectors @ vectors.T, rtol=1e-3, atol=1e-2)


def test_of_fewer_axes_the_most_important_are_kept() -> None:
    vectors = low_rank(1, 60, 5, 32)
    shares = [share_kept(vectors, principal_axes(vectors, count)) for count in range(1, 6)]
    assert shares == sorted(shares)
    assert np.all(np.diff(np.diff(shares)) <= 1e-6)  # each holds less than the one before
    other = np.linalg.qr(np.random.default_rng(2).standard_normal((32, 3)))[0].T.astype(np.float32)
    assert share_kept(vectors, other) < shares[2]


@pytest.mark.parametrize("count", [33, 61])
def test_more_axes_than_can_be_known_are_refused(count: int) -> None:
    with pytest.raises(TooFewVectorsError, match=rf"{count} numbers a vector.*give more songs"):
        principal_axes(low_rank(0, 60 if count == 33 else 20, 5, 32 if count == 33 else 128), count)


def test_scores_are_those_of_the_network_along_the_axes(
    network: Jepa, vectors: np.ndarray, stems: np.ndarray
) -> None:
    axes = principal_axes(vectors, 12)
    whole, short = (TorchEmbedder(each, CPU) for each in (network, Shortened(network, axes)))
    mix = noise(9, 13 * 16_000)
    for stem_type in (StemType.DRUMS, StemType.KEYS):
        expected = whole.queries(mix, stem_type).vectors @ axes.T
        np.testing.assert_allclose(short.queries(mix, stem_type).vectors, expected, atol=1e-5)
    along = vectors @ axes.T
    expected = along / np.linalg.norm(along, axis=1, keepdims=True)  # an index takes no others
    np.testing.assert_allclose(short.candidate_vectors(stems), expected, atol=1e-5)


def test_with_all_axes_scores_are_the_same(network: Jepa, stems: np.ndarray) -> None:
    axes = np.linalg.qr(np.random.default_rng(5).standard_normal((network.dimension,) * 2))[0]
    whole, short = (
        TorchEmbedder(each, CPU) for each in (network, Shortened(network, axes.astype(np.float32)))
    )
    mix = noise(9, 13 * 16_000)
    scores = [
        each.queries(mix, StemType.BASS).vectors @ each.candidate_vectors(stems[:4]).T
        for each in (whole, short)
    ]
    np.testing.assert_allclose(scores[0], scores[1], atol=1e-5)


@pytest.mark.parametrize("together", [False, True])
def test_exported_it_answers_as_in_memory(
    network: Jepa, vectors: np.ndarray, tmp_path: Path, together: bool
) -> None:
    base = Ensemble([network, network]) if together else network
    wide = np.tile(vectors, 2) / np.sqrt(2) if together else vectors
    short = rounded(Shortened(base, principal_axes(wide.astype(np.float32), 16))).eval()
    card = export(short, tmp_path / "release", Release("1", Calibration(1.0, 0.0)))
    assert card.dimension == short.dimension == 16
    assert card.config == base.describe()
    assert check_parity(short, tmp_path / "release", seed=4) < 1e-4
    embedded = Embedder.open(tmp_path / "release").embed_stems(noise(1, WINDOW_SAMPLES)[None])
    assert embedded.shape == (1, 16)


def test_axes_are_rounded_with_the_rest(network: Jepa, vectors: np.ndarray) -> None:
    halves = rounded(Shortened(network, principal_axes(vectors, 12)))
    assert torch.equal(halves.axes.half().float(), halves.axes)
    assert all(torch.equal(one.half().float(), one) for one in halves.network.parameters())
