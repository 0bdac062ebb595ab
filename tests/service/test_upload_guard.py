"""Uploads that are too large, over a real server and socket: announced, or noticed only while reading."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from service.app import create_app
from service.resources import share_resources
from service.upload_guard import announced_bytes, describe_limit
from tests.fakes import FakeEmbedder
from tests.service.conftest import settings_for

LIMIT = 2_000_000
MEGABYTE = b"\0" * 1_000_000
HEAD = b'--x\r\nContent-Disposition: form-data; name="mix"; filename="mix.wav"\r\n\r\n'
FORM = {"Content-Type": "multipart/form-data; boundary=x"}


@contextmanager
def running(app: object) -> Iterator[int]:
    """The port of a server in a thread."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))  # type: ignore[arg-type]  # any ASGI app
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="module")
def url(indexed_data: Path) -> Iterator[str]:
    settings = settings_for(indexed_data, max_upload_bytes=LIMIT)
    app = create_app(settings, open_resources=lambda chosen: share_resources(chosen, FakeEmbedder()))
    with running(app) as port:
        yield f"http://127.0.0.1:{port}"


def form(megabytes: int) -> Iterator[bytes]:
    yield HEAD
    for _ in range(megabytes):
        yield MEGABYTE
    yield b"\r\n--x--\r\n"


def test_a_streamed_upload_without_a_length_is_stopped_while_reading(url: str) -> None:
    response = httpx.post(f"{url}/match?type=bass", content=form(4), headers=FORM)
    assert response.request.headers["transfer-encoding"] == "chunked"
    assert response.status_code == 413
    assert response.json()["detail"] == describe_limit(LIMIT)


def test_an_announced_upload_is_refused_before_it_is_sent(url: str) -> None:
    """The client sends its headers and waits; the answer must not wait for the body."""
    host = url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.putrequest("POST", "/match?type=bass")
    for name, value in {**FORM, "Content-Length": "200000000"}.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == 413
    assert response.getheader("content-type") == "application/problem+json"
    assert b"2 MB" in response.read()
    connection.close()


def test_a_client_that_sends_it_all_the_same_still_gets_the_answer(url: str) -> None:
    response = httpx.post(f"{url}/match?type=bass", files={"mix": ("mix.wav", MEGABYTE * 20)})
    assert response.status_code == 413


def test_the_connection_serves_the_next_request(url: str) -> None:
    with httpx.Client() as client:
        for _ in range(3):
            assert client.post(f"{url}/match?type=bass", content=form(4), headers=FORM).status_code == 413
            assert client.get(f"{url}/livez").status_code == 200


def test_an_upload_just_below_the_limit_is_read(url: str) -> None:
    response = httpx.post(f"{url}/match?type=bass", content=form(1), headers=FORM)
    assert response.status_code == 415


def test_the_limit_holds_for_every_path(url: str) -> None:
    response = httpx.post(f"{url}/types", content=MEGABYTE * 3)
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("header", "expected"),
    [(b"12", 12), (b"", 0), (b"-5", 0), (b"1e9", 0), ("²".encode("latin-1"), 0), (b"9" * 5000, 10**20 - 1)],
)
def test_only_a_number_is_a_length(header: bytes, expected: int) -> None:
    scope = {"type": "http", "headers": [(b"content-length", header)]}
    assert announced_bytes(scope) == expected
