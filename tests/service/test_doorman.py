"""Requests with a body are let in one by one, and turned away before their body is read."""

import asyncio
import json
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.desk import Desk
from service.doorman import DoormanMiddleware, expected_bytes
from service.upload_guard import UploadGuardMiddleware
from tests.service.conftest import ClientOpener, settings_for


def scope_of(method: str, desk: Desk | None = None, **headers: str) -> Scope:
    state = {} if desk is None else {"desk": desk}
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": method, "path": "/match", "headers": sent, "state": state}


def doorman_of(app: ASGIApp, max_uploads: int = 8) -> DoormanMiddleware:
    """Lets bodies of 100 bytes in, and of 250 together."""
    return DoormanMiddleware(app, max_uploads, budget_bytes=250, largest_bytes=100)


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
        doorman = doorman_of(app, max_uploads=1)
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

        await doorman_of(app)(scope_of("POST", desk), nothing, answer.send)
        assert answer.status == 503
        assert json.loads(answer.messages[1]["body"])["type"].endswith(":busy")
        desk.close()

    asyncio.run(work())


def test_bodies_are_let_in_while_there_is_room_for_all_of_them() -> None:
    async def work() -> None:
        opened = asyncio.Event()

        async def app(_: Scope, __: Receive, ___: Send) -> None:
            await opened.wait()

        doorman = doorman_of(app)
        first = [asyncio.ensure_future(send_bytes(doorman, "100")) for _ in range(2)]
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            refused = await send_bytes(doorman, "51")
        assert refused.status == 503
        assert json.loads(refused.messages[1]["body"])["type"].endswith(":busy")
        assert int(refused.headers["retry-after"]) >= 1
        first.append(asyncio.ensure_future(send_bytes(doorman, "50")))
        await asyncio.sleep(0)
        assert doorman.bytes_inside == 250
        opened.set()
        assert [answer.messages for answer in await asyncio.gather(*first)] == [[], [], []]
        assert doorman.bytes_inside == 0

    asyncio.run(work())


async def send_bytes(doorman: DoormanMiddleware, length: str) -> Answer:
    answer = Answer()
    await doorman(scope_of("POST", content_length=length), nothing, answer.send)
    return answer


@pytest.mark.parametrize(
    ("headers", "version", "expected"),
    [
        ({"content_length": "40"}, "1.1", 40),
        ({"content_length": "0"}, "1.1", 0),
        ({}, "1.1", 0),  # no body, as where a mix is asked for by its hash
        ({"transfer_encoding": "chunked"}, "1.1", 100),
        ({"transfer_encoding": "chunked", "content_length": "1"}, "1.1", 100),
        ({}, "2", 100),
        ({"content_length": "40"}, "2", 40),
        ({"content_length": "101"}, "1.1", 0),  # refused for its size, without being read
    ],
)
def test_a_body_takes_the_room_that_it_may_need(headers: dict[str, str], version: str, expected: int) -> None:
    scope = {**scope_of("POST", None, **headers), "http_version": version}
    assert expected_bytes(scope, largest=100) == expected


def test_uploads_together_are_bounded_by_the_settings(indexed_data: Path, open_client: ClientOpener) -> None:
    client = open_client(settings_for(indexed_data, max_upload_bytes=1000, upload_budget_bytes=1500))
    scope = {**scope_of("POST", content_length="900"), "query_string": b"type=bass", "scheme": "http"}
    scope["headers"].append((b"content-type", b"multipart/form-data; boundary=x"))

    async def send(answer: Answer, receive: Receive) -> None:
        await client.app({**scope, "state": dict(client.app_state)}, receive, answer.send)

    async def work() -> None:
        begun, second = asyncio.Event(), Answer()

        async def wait() -> Message:
            begun.set()
            await asyncio.Event().wait()
            raise AssertionError("It does not end.")

        first = asyncio.ensure_future(send(Answer(), wait))
        await begun.wait()
        async with asyncio.timeout(5):
            await send(second, wait)
        assert second.status == 503
        first.cancel()
        await asyncio.wait([first])

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
    assert answer.status == 413
    assert json.loads(answer.messages[1]["body"])["type"].endswith(":upload-too-slow")
    assert answer.headers["connection"] == "close"
