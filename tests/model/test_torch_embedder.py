"""The network in memory, asked the questions that the exported graphs answer."""

import numpy as np
import pytest
import torch

from audio.stems import StemType
from audio.windows import WINDOW_SAMPLES
from model.config import Config
from model.jepa import Jepa
from model.torch_embedder import BATCH, TorchEmbedder
from tests.model.configs import CONFIGS, tiny
from tests.model.multitracks import noise, play

HOP = 500
KEYS = StemType.KEYS


@pytest.fixture
def torch_embedder(jepa: Jepa) -> TorchEmbedder:
    return TorchEmbedder(jepa, torch.device("cpu"))


@pytest.mark.parametrize(
    ("samples", "queries"),
    [
        (16_000, 1),
        (WINDOW_SAMPLES - 1, 1),
        (WINDOW_SAMPLES, 1),
        (WINDOW_SAMPLES + 1, 2),
        (WINDOW_SAMPLES + HOP, 2),
        (WINDOW_SAMPLES + 7 * HOP + 99, 9),
    ],
)
def test_a_mix_asks_at_every_hop_where_a_window_fits(
    torch_embedder: TorchEmbedder, samples: int, queries: int
) -> None:
    assert torch_embedder.query_vectors(noise(0, samples), KEYS).shape == (queries, tiny().dimension)


def test_a_short_mix_is_filled_up_with_silence(torch_embedder: TorchEmbedder) -> None:
    short = noise(0, 50_000)
    filled = np.pad(short, (0, WINDOW_SAMPLES - 50_000))
    np.testing.assert_array_equal(
        torch_embedder.query_vectors(short, KEYS), torch_embedder.query_vectors(filled, KEYS)
    )


def test_a_vit_asks_window_by_window(vit_jepa: Jepa) -> None:
    embedder = TorchEmbedder(vit_jepa, torch.device("cpu"))
    mix = noise(0, 2 * WINDOW_SAMPLES + 1)
    queries = embedder.query_vectors(mix, KEYS)
    assert queries.shape == (3, 160)
    second = embedder.query_vectors(mix[WINDOW_SAMPLES : 2 * WINDOW_SAMPLES], KEYS)
    np.testing.assert_allclose(queries[1], second[0], atol=1e-5)


@pytest.mark.parametrize("windows", [1, BATCH + 1])
def test_candidates_do_not_depend_on_their_batch(torch_embedder: TorchEmbedder, windows: int) -> None:
    stems = np.stack([noise(seed, WINDOW_SAMPLES) for seed in range(windows)])
    vectors = torch_embedder.candidate_vectors(stems)
    assert vectors.shape == (windows, tiny().dimension)
    np.testing.assert_allclose(vectors[-1:], torch_embedder.candidate_vectors(stems[-1:]), atol=1e-5)


def test_vectors_have_length_one(torch_embedder: TorchEmbedder) -> None:
    stems = np.stack([noise(seed, WINDOW_SAMPLES) for seed in range(3)])
    for vectors in (torch_embedder.candidate_vectors(stems), torch_embedder.query_vectors(stems[0], KEYS)):
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_gain_changes_no_vector(torch_embedder: TorchEmbedder) -> None:
    mix = play(KEYS, song=1, seconds=9)
    loud, quiet = (torch_embedder.query_vectors(np.float32(gain) * mix, KEYS) for gain in (1.0, 0.1))
    np.testing.assert_allclose(loud, quiet, atol=1e-3)


@pytest.mark.parametrize("start", [0, 40, 80])
def test_the_query_at_an_offset_is_about_that_of_the_window_cut_there(start: int) -> None:
    """Not exactly: the cut window hears silence beyond its ends, where the mix goes on."""
    torch.manual_seed(0)
    jepa = Jepa(Config.from_toml(CONFIGS / "compact.toml")).eval()
    embedder = TorchEmbedder(jepa, torch.device("cpu"))
    mix = sum(play(stem_type, 2, seconds=11) for stem_type in (KEYS, StemType.BASS, StemType.DRUMS))
    dense = embedder.query_vectors(np.asarray(mix, np.float32), KEYS)
    cut = embedder.query_vectors(
        np.asarray(mix, np.float32)[start * HOP : start * HOP + WINDOW_SAMPLES], KEYS
    )
    likeness = dense @ cut[0]
    assert int(likeness.argmax()) == start
    assert float(likeness[start]) > 0.9
