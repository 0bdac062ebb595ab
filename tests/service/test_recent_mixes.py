"""Mixes are remembered within bounds, and asked about again without being decoded or encoded."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from starlette.testclient import TestClient

from audio.sketch import Sketch
from service.app import create_app
from service.asking import EncodedSection
from service.decoders import Decoders
from service.heard_mix import HeardMix, MixFacts
from service.question import Question
from service.recent_mixes import MixKey, RecentMixes, hash_upload
from service.resources import share_resources
from tests.fakes import FakeEmbedder
from tests.service.conftest import settings_for

NOTHING = Sketch(np.zeros(0, np.int8), np.zeros((12, 0), np.int8))


def heard(size: int) -> HeardMix:
    section = EncodedSection(0.0, np.zeros(0, np.float32), np.zeros(size, np.uint8))
    return HeardMix(1.0, 0.0, 1.0, (section,), MixFacts(), NOTHING, None)


def key(name: str) -> MixKey:
    return MixKey.of(name, Question(types=()))


def test_what_was_not_asked_for_longest_is_forgotten_first() -> None:
    recent = RecentMixes(100)
    for name in ("a", "b"):
        recent.keep(key(name), heard(40))
    assert recent.find(key("a")) is not None
    recent.keep(key("c"), heard(40))
    assert recent.find(key("b")) is None
    assert recent.find(key("a")) is not None
    assert recent.nbytes == 80
    assert (recent.hits, recent.misses) == (2, 1)


def test_keeping_a_mix_again_takes_no_more_memory() -> None:
    recent = RecentMixes(100)
    recent.keep(key("a"), heard(40))
    recent.keep(key("a"), heard(60))
    assert recent.nbytes == 60


def test_a_mix_that_is_larger_than_all_is_not_kept() -> None:
    recent = RecentMixes(100)
    recent.keep(key("a"), heard(40))
    recent.keep(key("b"), heard(101))
    assert recent.find(key("a")) is not None
    assert recent.find(key("b")) is None


def test_another_region_is_another_mix() -> None:
    recent = RecentMixes(100)
    recent.keep(MixKey.of("a", Question(types=(), start=1.0)), heard(10))
    assert recent.find(MixKey.of("a", Question(types=()))) is None
    assert recent.find(MixKey.of("a", Question(types=(), start=1.0, without_own_song=True))) is None


def test_an_upload_is_hashed_from_its_start_and_left_there() -> None:
    upload = io.BytesIO(b"mix")
    upload.seek(2)
    first = hash_upload(upload)
    assert upload.tell() == 0
    assert hash_upload(upload) == first != hash_upload(io.BytesIO(b"mid"))


@dataclass
class CountingEmbedder(FakeEmbedder):
    contexts: int = 0

    def embed_context(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        self.contexts += 1
        return super().embed_context(waveform)


def test_the_same_mix_is_encoded_once_for_all_types(
    indexed_data: Path, mix: bytes, decoders: Decoders
) -> None:
    embedder = CountingEmbedder()
    app = create_app(
        settings_for(indexed_data), open_resources=lambda chosen: share_resources(chosen, embedder, decoders)
    )
    with TestClient(app) as client:
        warm = embedder.contexts

        def ask(query: str) -> dict[str, object]:
            answer: dict[str, object] = client.post(f"/match?{query}", files={"mix": mix}).json()
            return answer

        both = ask("type=bass&type=drums")
        assert embedder.contexts == warm + 1
        again = ask("type=bass&type=drums")
        assert embedder.contexts == warm + 1
        assert again["matches"] == both["matches"]
        assert again["query"] == {**both["query"], "filename": "upload"}  # type: ignore[dict-item]
        assert again["timings_ms"]["decode"] == 0  # type: ignore[index]
        ask("type=bass&start=2")
        assert embedder.contexts == warm + 2
