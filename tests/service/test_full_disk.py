"""A disk without room: uploads are refused in words, all else is answered, and room is noticed by itself.

The kernel's limit on the size of a file stands in for the full disk, in a process of the service's own.
"""

import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.service.conftest import create_write_key, settings_for, wav_bytes
from tests.songs import SAMPLE_RATE

LITTLE_BYTES = 400_000


@dataclass(frozen=True)
class LoneServer:
    """A running service and how much it may write."""

    process: "subprocess.Popen[str]"
    client: httpx.Client
    data: Path

    def leave_room(self, most_bytes: int) -> None:
        """Let it write files of `most_bytes` at most."""
        _, hard = resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (most_bytes, hard))


@pytest.fixture
def server(own_data: Path) -> Iterator[LoneServer]:
    command = [sys.executable, "-m", "tests.service.lone_server", str(own_data)]
    with subprocess.Popen(  # noqa: S603 - our own
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        with httpx.Client(base_url=process.stdout.readline().strip(), timeout=60) as client:
            yield LoneServer(process, client, own_data)
        process.stdin.close()


@pytest.fixture(scope="module")
def long_mix() -> bytes:
    """A mix that is spooled to the disk: more than the form parser keeps in memory."""
    noise = np.random.default_rng(0).normal(0, 0.1, 60 * SAMPLE_RATE).astype(np.float32)
    return wav_bytes(noise)


def match(server: LoneServer, mix: bytes) -> httpx.Response:
    return server.client.post("/match", params={"type": "bass"}, files={"mix": ("mix.wav", mix)})


def check_storage_problem(response: httpx.Response) -> None:
    assert response.status_code == 503, response.text
    assert response.json()["type"] == "urn:counterpart:problem:storage-failed"
    assert int(response.headers["retry-after"]) > 0


def test_a_mix_without_room_is_a_503_until_there_is_room(server: LoneServer, long_mix: bytes) -> None:
    unlimited, _ = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    assert match(server, long_mix).status_code == 200
    other = wav_bytes(np.random.default_rng(1).normal(0, 0.1, 60 * SAMPLE_RATE).astype(np.float32))
    server.leave_room(LITTLE_BYTES)
    check_storage_problem(match(server, other))
    assert server.client.get("/stems").status_code == 200
    server.leave_room(unlimited)
    assert match(server, other).status_code == 200


def test_a_stem_without_room_leaves_nothing_half_written(server: LoneServer, long_mix: bytes) -> None:
    unlimited, _ = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    headers = {"Authorization": f"Bearer {create_write_key(settings_for(server.data))}"}

    def send() -> httpx.Response:
        files = {"stem": ("bass.wav", long_mix)}
        return server.client.post("/stems", data={"type": "bass"}, files=files, headers=headers)

    server.leave_room(LITTLE_BYTES)
    check_storage_problem(send())
    assert not [path for path in (server.data / "uploads").rglob("*") if path.is_file()]
    server.leave_room(unlimited)
    assert send().status_code in {201, 202}
    (kept,) = (server.data / "uploads").rglob("*.wav")
    assert kept.read_bytes() == long_mix
