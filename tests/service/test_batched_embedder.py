"""Mixes that go through the networks together are embedded as each by itself."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from starlette.testclient import TestClient

from audio.decode import Waveform
from audio.stems import StemType
from library.search import Queries
from model.embedder import Embedder
from model.weights import shipped_weights
from service.app import create_app
from service.batched_embedder import GPU_BATCH, BatchedEmbedder, batch_size
from service.decoders import Decoders
from service.metrics import histogram_of_sizes
from service.resources import open_resources, share_resources
from service.settings import ServiceSettings
from tests.fakes import FakeEmbedder

TYPES = (StemType.BASS, StemType.DRUMS, StemType.VOCALS)


@dataclass
class GatheringEmbedder(FakeEmbedder):
    """The fake, several at once."""

    sizes: list[int] = field(default_factory=list)

    def embed_contexts(self, waveforms: Sequence[Waveform]) -> list[NDArray[np.float32]]:
        self.sizes.append(len(waveforms))
        return [self.embed_context(each) for each in waveforms]

    def predict_all(self, asked: Sequence[tuple[Any, StemType]]) -> list[Queries]:
        self.sizes.append(len(asked))
        return [self.predict(latents, stem_type) for latents, stem_type in asked]

    def shape_of(self, latents: Any) -> tuple[int, ...]:
        shape: tuple[int, ...] = latents.shape
        return shape


@pytest.fixture(scope="module")
def real() -> Embedder:
    """The shipped networks."""
    return Embedder.open(shipped_weights(), threads=1)


def mixes(count: int, samples: int) -> list[Waveform]:
    noise = np.random.default_rng(0).normal(0, 0.1, (count, samples)).astype(np.float32)
    return list(noise)


def test_the_networks_give_the_same_in_one_go(real: Embedder) -> None:
    together = real.embed_contexts(mixes(3, 150_123))
    for mix, latents in zip(mixes(3, 150_123), together, strict=True):
        alone = real.embed_context(mix)
        assert latents.piece_seconds == alone.piece_seconds
        np.testing.assert_allclose(latents.values, alone.values, atol=1e-4)
    asked = list(zip(together, TYPES, strict=True))
    for (latents, stem_type), queries in zip(asked, real.predict_all(asked), strict=True):
        alone_queries = real.predict(latents, stem_type)
        np.testing.assert_array_equal(queries.starts, alone_queries.starts)
        np.testing.assert_allclose(queries.vectors, alone_queries.vectors, atol=1e-4)


def test_mixes_of_different_lengths_cannot_go_together(real: Embedder) -> None:
    with pytest.raises(ValueError, match="same shape"):
        real.embed_contexts([*mixes(1, 150_000), *mixes(1, 160_000)])


def test_what_stands_before_the_networks_changes_nothing(real: Embedder) -> None:
    batched = BatchedEmbedder(real, 4)
    assert (batched.card, batched.provider) == (real.card, real.provider)
    (mix,) = mixes(1, 200_000)
    latents = batched.embed_context(mix)
    queries, expected = batched.predict(latents, TYPES[0]), real.predict(real.embed_context(mix), TYPES[0])
    np.testing.assert_array_equal(queries.vectors, expected.vectors)
    windows = np.stack(mixes(2, real.card.window_samples))
    np.testing.assert_array_equal(batched.embed_stems(windows), real.embed_stems(windows))
    scores = np.array([-0.5, 0.5], np.float32)
    np.testing.assert_array_equal(batched.compatibility(scores), real.compatibility(scores))
    assert batched.sizes.read() == {1: 2}


def test_threads_that_come_together_get_their_own_queries(real: Embedder) -> None:
    batched, sent = BatchedEmbedder(real, 4), mixes(6, 140_000)
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda mix: batched.predict(batched.embed_context(mix), TYPES[1]), sent))
    for mix, queries in zip(sent, found, strict=True):
        expected = real.predict(real.embed_context(mix), TYPES[1])
        np.testing.assert_allclose(queries.vectors, expected.vectors, atol=1e-4)
    assert sum(size * count for size, count in batched.sizes.read().items()) == 12


@pytest.mark.parametrize(
    ("wanted", "device", "most"), [(0, "cpu", 1), (0, "cuda", GPU_BATCH), (3, "cpu", 3), (2, "cuda", 2)]
)
def test_batches_are_for_gpus_unless_a_setting_says_otherwise(wanted: int, device: str, most: int) -> None:
    assert batch_size(wanted, device) == most


@pytest.mark.parametrize(("batch", "kind"), [(0, Embedder), (4, BatchedEmbedder)])
def test_the_setting_decides_what_the_service_opens(
    settings: ServiceSettings, batch: int, kind: type
) -> None:
    # A library of the fake's vectors is refused by the real model: nothing is indexed here.
    changed = settings.model_copy(update={"batch": batch, "data": settings.data / "none", "threads": 1})
    with open_resources(changed) as resources:
        assert isinstance(resources.embedder, kind)


def test_requests_at_the_same_time_are_answered_and_counted(
    settings: ServiceSettings, decoders: Decoders, mix: bytes
) -> None:
    embedder = BatchedEmbedder(GatheringEmbedder(), 4)
    app = create_app(settings, open_resources=lambda chosen: share_resources(chosen, embedder, decoders))
    with TestClient(app) as client:

        def ask(start: int) -> list[str]:
            response = client.post(f"/match?type=bass&start=0.{start}", files={"mix": mix})
            return [match["stem"]["song"] for match in response.json()["matches"]]

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(ask, range(1, 7)))
        text = client.get("/metrics").text
    # Where a region begins may change the order of those that fit less.
    assert all(answer and answer[0] == answers[0][0] for answer in answers)
    runs = sum(embedder.sizes.read().values())
    assert f"counterpart_batch_size_count {float(runs)}" in text


def test_sizes_add_up_from_bucket_to_bucket() -> None:
    (sample, *others) = histogram_of_sizes({1: 5, 3: 2, 40: 1}).samples
    values = {each.labels.get("le", each.name): each.value for each in (sample, *others)}
    assert values == {
        "1.0": 5,
        "2.0": 5,
        "4.0": 7,
        "8.0": 7,
        "16.0": 7,
        "32.0": 7,
        "+Inf": 8,
        "counterpart_batch_size_count": 8,
        "counterpart_batch_size_sum": 51,
    }
