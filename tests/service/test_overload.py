"""Under more requests than it can answer, the service says so at once, with the time to come back."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from httpx2 import Response
from numpy.typing import NDArray
from starlette.testclient import TestClient

from service.app import create_app
from service.decoders import Decoders
from service.resources import process_limits, share_resources
from tests.fakes import FakeEmbedder
from tests.service.conftest import settings_for, wav_bytes
from tests.service.test_match_refusals import check_problem
from tests.songs import tone


@dataclass
class StoppedEmbedder(FakeEmbedder):
    """Waits, once it is warm, until the test lets it go on."""

    warm: bool = False
    inside: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    go_on: threading.Event = field(default_factory=threading.Event)

    def embed_context(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.warm:
            self.inside.release()
            self.go_on.wait(60)
        self.warm = True
        return super().embed_context(waveform)


def post(client: TestClient, hertz: float) -> Response:
    """A mix of its own for every request: none is remembered."""
    return client.post("/match?type=bass", files={"mix": ("mix.wav", wav_bytes(tone(hertz, 3)))})


def test_what_the_queue_does_not_hold_is_told_when_to_come_back(
    indexed_data: Path, decoders: Decoders
) -> None:
    embedder = StoppedEmbedder()
    settings = settings_for(indexed_data, max_inference=1, max_queue=1)
    app = create_app(settings, open_resources=lambda chosen: share_resources(chosen, embedder, decoders))
    with TestClient(app) as client, ThreadPoolExecutor(2) as pool:
        first = pool.submit(post, client, 200)
        embedder.inside.acquire()
        second = pool.submit(post, client, 300)
        while client.app_state["desk"].taken < 2:
            second.exception(0.01) if second.done() else threading.Event().wait(0.01)
        refused = post(client, 400)
        assert refused.status_code == 503
        assert refused.json()["type"] == "urn:counterpart:problem:busy"
        assert int(refused.headers["retry-after"]) >= 1
        embedder.go_on.set()
        assert [first.result().status_code, second.result().status_code] == [200, 200]
        assert post(client, 500).status_code == 200


def test_a_file_that_hangs_its_decoder_is_refused_and_not_to_be_sent_again(indexed_data: Path) -> None:
    settings = settings_for(indexed_data, answer_seconds=60, decode_seconds=0.5)
    with Decoders(1, process_limits(settings), "tests.service.deadly_decoder") as deadly:
        app = create_app(settings, open_resources=lambda each: share_resources(each, FakeEmbedder(), deadly))
        with TestClient(app) as client:
            response = client.post("/match?type=bass", files={"mix": ("hangs", b"any file")})
    check_problem(response, 422, "more than 0.5 s")
    assert "retry-after" not in response.headers


def test_no_answer_comes_later_than_the_setting_says(indexed_data: Path, decoders: Decoders) -> None:
    embedder = StoppedEmbedder()
    settings = settings_for(indexed_data, answer_seconds=1.0, decode_seconds=0.9)
    app = create_app(settings, open_resources=lambda chosen: share_resources(chosen, embedder, decoders))
    with TestClient(app) as client:
        late = post(client, 200)
        assert late.status_code == 503
        assert late.json()["type"] == "urn:counterpart:problem:too-late"
        assert int(late.headers["retry-after"]) >= 1
        embedder.go_on.set()
