"""Requests with a body are let in one by one, and turned away before their body is read."""

import asyncio
import json
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from service.desk import Desk
from service.doorman import DoormanMiddleware
from service.upload_guard import UploadGuardMiddleware
from tests.service.conftest import ClientOpener, settings_for


def scope_of(method: str, desk: Desk | None = None) -> Scope:
    state = {} if desk is None else {"desk": desk}
    return {"type": "http", "method": method, "path": "/match", "headers": [], "state": state}


async def nothing() -> Message:
    raise AssertionError("The body was read.")


class Answer:
    """What was sent."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.messages[0]["headers"]}


@pytest.mark.parametrize(("method", "refused"), [("POST", True), ("GET", False), ("DELETE", False)])
def test_only_so_many_bodies_are_let_in(method: str, refused: bool) -> None:
    async def work() -> None:
        opened, second = asyncio.Event(), Answer()

        async def app(_: Scope, __: Receive, send: Send) -> None:
            if inside:
                await send({"type": "http.response.start", "status": 200, "headers": []})
                return
            inside.append(1)
            await opened.wait()

        inside: list[int] = []
        doorman = DoormanMiddleware(app, max_uploads=1)
        first = asyncio.ensure_future(doorman(scope_of(method), nothing, Answer().send))
        await asyncio.sleep(0)
        await doorman(scope_of(method), nothing, second.send)
        assert second.status == (503 if refused else 200)
        if refused:
            assert int(second.headers["retry-after"]) >= 1
        opened.set()
        await first
        assert doorman.inside == 0

    asyncio.run(work())


def test_no_body_is_read_while_the_queue_is_full() -> None:
    async def work() -> None:
        desk = Desk(settings_for(Path(), max_inference=1, max_queue=0))
        desk.taken = 1
        answer = Answer()

        async def app(_: Scope, __: Receive, ___: Send) -> None:
            raise AssertionError("It was let in.")

        await DoormanMiddleware(app, max_uploads=8)(scope_of("POST", desk), nothing, answer.send)
        assert answer.status == 503
        assert json.loads(answer.messages[1]["body"])["type"].endswith(":busy")
        desk.close()

    asyncio.run(work())


def test_a_body_that_never_ends_is_given_up(indexed_data: Path, open_client: ClientOpener) -> None:
    client = open_client(settings_for(indexed_data, upload_seconds=0.2))
    answer = Answer()
    pieces = iter([b'--x\r\nContent-Disposition: form-data; name="mix"; filename="m"\r\n\r\n'])

    async def receive() -> Message:
        piece = next(pieces, None)
        if piece is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": piece or b"", "more_body": True}

    async def app(scope: Scope, receive_body: Receive, send: Send) -> None:
        await client.app({**scope, "state": dict(client.app_state)}, receive_body, send)

    scope = {
        **scope_of("POST"),
        "query_string": b"type=bass",
        "headers": [(b"content-type", b"multipart/form-data; boundary=x")],
        "http_version": "1.1",
        "scheme": "http",
    }
    asyncio.run(UploadGuardMiddleware(app, max_bytes=10**9)(scope, receive, answer.send))
    assert answer.status == 408
    assert answer.headers["connection"] == "close"
