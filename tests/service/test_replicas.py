"""Replicas answer from one data folder, and take up a new build under load without dropping a request."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from starlette.testclient import TestClient

from audio.stems import StemType
from tests.service.conftest import ClientOpener, index, settings_for
from tests.songs import stem_waveform, write_stem


def build_of(client: TestClient) -> str:
    return str(client.get("/version").json()["build"])


def test_replicas_swap_a_build_under_load(
    own_stems: Path, own_data: Path, open_client: ClientOpener, mix: bytes
) -> None:
    replicas = [open_client(settings_for(own_data)) for _ in range(2)]
    before, stop = build_of(replicas[0]), threading.Event()

    def keep_asking(client: TestClient) -> set[tuple[int, str]]:
        seen = set()
        while not stop.is_set():
            response = client.post("/match?type=bass", files={"mix": mix})
            seen.add((response.status_code, response.json().get("build", response.text)))
        return seen

    with ThreadPoolExecutor(len(replicas)) as pool:
        asking = [pool.submit(keep_asking, client) for client in replicas]
        write_stem(own_stems / "song-new" / "bass.wav", stem_waveform(8, StemType.BASS, 20.0))
        index(own_stems, own_data)
        while {build_of(client) for client in replicas} == {before}:
            stop.wait(0.01)
        after = {build_of(client) for client in replicas}
        stop.set()
        seen = [each.result() for each in asking]
    assert len(after) == 1
    assert all(statuses <= {(200, before), (200, *after)} for statuses in seen)
    for client in replicas:
        answer = client.post("/match?type=bass&limit=1000", files={"mix": mix}).json()
        assert "song-new" in {match["stem"]["song"] for match in answer["matches"]}
