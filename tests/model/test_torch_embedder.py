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
    ("samples", "queries", "first"),
    [
        (16_000, 128, -176),
        (WINDOW_SAMPLES - 1, 128, -64),
        (WINDOW_SAMPLES + 7 * HOP + 99, 128, -60),
        (WINDOW_SAMPLES + 128 * HOP, 129, 0),
        (WINDOW_SAMPLES + 130 * HOP + 1, 132, 0),
    ],
)
def test_a_mix_asks_at_all_places_between_two_windows_of_a_stem(
    torch_embedder: TorchEmbedder, samples: int, queries: int, first: int
) -> None:
    asked = torch_embedder.queries(noise(0, samples), KEYS)
    assert asked.vectors.shape == (queries, tiny().dimension)
    np.testing.assert_allclose(asked.starts, (np.arange(queries) + first) * 0.03125)


def test_a_vit_asks_window_by_window(vit_jepa: Jepa) -> None:
    embedder = TorchEmbedder(vit_jepa, torch.device("cpu"))
    mix = noise(0, 2 * WINDOW_SAMPLES + 1)
    queries = embedder.queries(mix, KEYS)
    assert queries.vectors.shape == (3, 160)
    assert queries.starts.tolist() == [0.0, 8.0, 16.0]
    second = embedder.queries(mix[WINDOW_SAMPLES : 2 * WINDOW_SAMPLES], KEYS)
    np.testing.assert_allclose(queries.vectors[1], second.vectors[0], atol=1e-5)


@pytest.mark.parametrize("windows", [1, BATCH + 1])
def test_candidates_do_not_depend_on_their_batch(torch_embedder: TorchEmbedder, windows: int) -> None:
    stems = np.stack([noise(seed, WINDOW_SAMPLES) for seed in range(windows)])
    vectors = torch_embedder.candidate_vectors(stems)
    assert vectors.shape == (windows, tiny().dimension)
    np.testing.assert_allclose(vectors[-1:], torch_embedder.candidate_vectors(stems[-1:]), atol=1e-5)


def test_vectors_have_length_one(torch_embedder: TorchEmbedder) -> None:
    stems = np.stack([noise(seed, WINDOW_SAMPLES) for seed in range(3)])
    asked = torch_embedder.queries(noise(0, 12 * 16_000), KEYS).vectors
    for vectors in (torch_embedder.candidate_vectors(stems), asked):
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_gain_changes_no_vector(torch_embedder: TorchEmbedder) -> None:
    mix = play(KEYS, song=1, seconds=9)
    loud, quiet = (torch_embedder.queries(np.float32(gain) * mix, KEYS).vectors for gain in (1.0, 0.1))
    np.testing.assert_allclose(loud, quiet, atol=1e-3)


@pytest.mark.parametrize("start", [0, 40, 80])
def test_the_query_at_an_offset_is_about_that_of_the_window_cut_there(start: int) -> None:
    """Not exactly: the cut window hears silence beyond its ends, where the mix goes on."""
    torch.manual_seed(0)
    jepa = Jepa(Config.from_toml(CONFIGS / "compact.toml")).eval()
    embedder = TorchEmbedder(jepa, torch.device("cpu"))
    mix = sum(play(stem_type, 2, seconds=11) for stem_type in (KEYS, StemType.BASS, StemType.DRUMS))
    dense = embedder.queries(np.asarray(mix, np.float32), KEYS)
    cut = embedder.queries(np.asarray(mix, np.float32)[start * HOP : start * HOP + WINDOW_SAMPLES], KEYS)
    likeness = dense.vectors @ cut.vectors[cut.starts == 0.0][0]
    assert dense.starts[int(likeness.argmax())] == start * 0.03125
    assert float(likeness.max()) > 0.9


@pytest.mark.parametrize("seconds", [3, 5, 9])
def test_a_short_mix_asks_as_the_longer_one_does_that_it_is_part_of(seconds: int) -> None:
    """About: what it lacks is left out, and its ends are heard differently."""
    torch.manual_seed(0)
    embedder = TorchEmbedder(Jepa(Config.from_toml(CONFIGS / "compact.toml")), torch.device("cpu"))
    mix = sum(play(stem_type, 2, seconds=20) for stem_type in (KEYS, StemType.BASS, StemType.DRUMS))
    long, begin = np.asarray(mix, np.float32), 5.0
    whole = embedder.queries(long, KEYS)
    part = embedder.queries(long[round(begin * 16_000) :][: seconds * 16_000], KEYS)
    middle = part.starts == -HOP * round((8 - seconds) * 16) / 16_000 if seconds < 8 else part.starts == 0.0
    likeness = whole.vectors @ part.vectors[middle][0]
    assert whole.starts[int(likeness.argmax())] == part.starts[middle][0] + begin
