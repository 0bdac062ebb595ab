"""At most so many mixes are compared at the same time; the others wait their turn and are all answered."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from starlette.testclient import TestClient

from service.app import create_app
from service.resources import share_resources
from tests.fakes import FakeEmbedder
from tests.service.conftest import settings_for


@dataclass
class CrowdedEmbedder(FakeEmbedder):
    """Notes how many are inside at once; each waits for a second one, if one may come."""

    inside: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    meeting: threading.Event = field(default_factory=threading.Event)

    def embed_context(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
            if self.inside > 1:
                self.meeting.set()
        self.meeting.wait(timeout=0.2)
        try:
            return super().embed_context(waveform)
        finally:
            with self.lock:
                self.inside -= 1


def ask_together(data: Path, mix: bytes, max_inference: int, questions: int = 6) -> CrowdedEmbedder:
    embedder = CrowdedEmbedder()
    app = create_app(
        settings_for(data, max_inference=max_inference),
        open_resources=lambda chosen: share_resources(chosen, embedder),
    )
    with TestClient(app) as client, ThreadPoolExecutor(questions) as pool:
        asked = [
            pool.submit(client.post, "/match?type=bass", files={"mix": ("mix.wav", mix)})
            for _ in range(questions)
        ]
        assert [each.result().status_code for each in asked] == [200] * questions
    return embedder


def test_no_more_are_at_work_than_the_setting_says(indexed_data: Path, mix: bytes) -> None:
    assert ask_together(indexed_data, mix, max_inference=1).most == 1
    assert ask_together(indexed_data, mix, max_inference=2).most == 2
