"""Errors have one form, an id that can be found in the log, and no secrets; none escapes the application."""

import logging

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import Message

from audio.decode import UnreadableAudioError
from service import errors, kinds
from service.app import create_app
from service.last_resort import DETAIL
from service.problems import Kind
from service.request_id import choose_id
from service.resources import share_resources
from service.settings import ServiceSettings
from tests.fakes import FakeEmbedder


class BrokenEmbedder(FakeEmbedder):
    """Works when it is warmed up, and not afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self.runs = 0

    def embed_context(self, waveform):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - as in the fake
        self.runs += 1
        if self.runs > 1:
            raise RuntimeError("the secret of /home/me/stems")
        return super().embed_context(waveform)


@pytest.fixture
def broken_app(settings: ServiceSettings) -> FastAPI:
    return create_app(settings, open_resources=lambda chosen: share_resources(chosen, BrokenEmbedder()))


def test_an_unknown_path_is_a_problem(client: TestClient) -> None:
    response = client.get("/nothing/here")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "type": "urn:counterpart:problem:not-found",
        "title": "Not found",
        "status": 404,
        "detail": "There is nothing at this address. The API is described at /docs.",
        "instance": "/nothing/here",
        "request_id": response.headers["x-request-id"],
    }


def test_a_wrong_method_is_told_the_right_one(client: TestClient) -> None:
    response = client.get("/match")
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert "GET" in response.json()["detail"]
    assert "POST" in response.json()["detail"]


def test_the_callers_id_is_kept(client: TestClient) -> None:
    response = client.get("/livez", headers={"X-Request-ID": "trace_01-abc"})
    assert response.headers["x-request-id"] == "trace_01-abc"


@pytest.mark.parametrize("offered", [None, "", "a" * 65, "a b", "a\nb", "ä", "<script>"])
def test_an_unsafe_id_is_replaced(offered: str | None) -> None:
    chosen = choose_id(offered)
    assert chosen != offered
    assert len(chosen) == 32


def test_every_answer_has_an_id_of_its_own(client: TestClient) -> None:
    ids = {client.get("/livez").headers["x-request-id"] for _ in range(5)}
    assert len(ids) == 5


def test_an_unexpected_error_tells_nothing_and_is_logged(
    broken_app: FastAPI, mix: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with TestClient(broken_app) as client, caplog.at_level(logging.ERROR):
        response = client.post(
            "/match?type=bass", files={"mix": ("mix.wav", mix)}, headers={"X-Request-ID": "find-me"}
        )
    assert response.status_code == 500
    assert response.json()["detail"] == DETAIL
    assert response.json()["request_id"] == response.headers["x-request-id"] == "find-me"
    assert "secret" not in response.text
    assert "find-me" in caplog.text
    assert "the secret of /home/me/stems" in caplog.text


def test_the_service_goes_on_after_an_unexpected_error(broken_app: FastAPI, mix: bytes) -> None:
    with TestClient(broken_app) as client:
        for _ in range(3):
            assert client.post("/match?type=bass", files={"mix": ("mix.wav", mix)}).status_code == 500
        assert client.get("/livez").status_code == 200


def test_an_error_after_the_first_bytes_does_not_escape(
    settings: ServiceSettings, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer has begun, so it can only break off; the log has the reason."""
    app = create_app(settings, open_resources=lambda chosen: share_resources(chosen, FakeEmbedder()))

    async def break_off(scope, receive, send) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - plain ASGI
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("too late")

    app.mount("/broken", break_off)
    with TestClient(app, raise_server_exceptions=False) as client, caplog.at_level(logging.ERROR):
        client.get("/broken/")
    assert "too late" in caplog.text


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("not_audio", kinds.NOT_AUDIO),
        ("empty", kinds.UNUSABLE_AUDIO),
        ("too_short", kinds.UNUSABLE_AUDIO),
        ("too_long", kinds.UNUSABLE_AUDIO),
        ("unsupported", kinds.UNUSABLE_AUDIO),
        ("damaged", kinds.UNUSABLE_AUDIO),
    ],
)
def test_only_what_is_not_audio_answers_415(reason: str, kind: Kind) -> None:
    assert errors.kind_of(UnreadableAudioError(reason, "…")) is kind  # type: ignore[arg-type]  # a literal's values


def test_every_kind_has_a_slug_of_its_own() -> None:
    every = [value for value in vars(kinds).values() if isinstance(value, Kind)]
    assert len({kind.slug for kind in every}) == len(every) >= 15
    assert all(400 <= kind.status < 600 for kind in every)


def test_an_upload_that_breaks_off_was_given_up_and_is_no_bad_form(broken_app: FastAPI) -> None:
    messages: list[Message] = [
        {"type": "http.request", "body": b"--B\r\nContent-Disposition: form-data; ", "more_body": True},
        {"type": "http.disconnect"},
    ]
    answers: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0) if len(messages) > 1 else messages[0]

    async def send(message: Message) -> None:
        answers.append(message)

    with TestClient(broken_app) as client:
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/match",
            "query_string": b"type=bass",
            "headers": [(b"content-type", b"multipart/form-data; boundary=B")],
            "state": dict(client.app_state),
        }
        assert client.portal is not None
        client.portal.call(broken_app, scope, receive, send)
    assert answers[0]["status"] == kinds.GIVEN_UP.status
