"""The desk takes on what it can do in time, says no to the rest at once, and forgets whoever goes away."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.types import Message

from service.desk import Desk, QueueFullError
from service.patience import GivenUpError, Patience, TooLateError
from service.turns import Turns
from tests.service.conftest import settings_for


@pytest.fixture
def connection() -> "Connection":
    return Connection()


class Connection:
    """A client's end: stays until `leave`."""

    def __init__(self) -> None:
        self.left: asyncio.Event | None = None

    def request(self) -> Request:
        self.left = asyncio.Event()
        return Request({"type": "http"}, self._receive)

    def leave(self) -> None:
        assert self.left is not None
        self.left.set()

    async def _receive(self) -> Message:
        assert self.left is not None
        await self.left.wait()
        return {"type": "http.disconnect"}


def run(work: Callable[[Desk], Awaitable[Any]], **settings: object) -> None:
    """`work` at a desk with one place and a queue of one."""

    async def at_a_desk() -> None:
        desk = Desk(settings_for(Path(), **{"max_inference": 1, "max_queue": 1, "decoders": 1, **settings}))
        try:
            await work(desk)
        finally:
            desk.close()

    asyncio.run(at_a_desk())


async def wait_for(event: asyncio.Event) -> str:
    await event.wait()
    return "done"


def test_more_than_the_queue_holds_is_refused_at_once() -> None:
    async def work(desk: Desk) -> None:
        opened = asyncio.Event()
        waiting = [
            asyncio.ensure_future(desk.carry_out(Connection().request(), lambda _: wait_for(opened)))
            for _ in range(2)
        ]
        await asyncio.sleep(0)
        with pytest.raises(QueueFullError, match="queue is full") as caught:
            await desk.carry_out(Connection().request(), lambda _: wait_for(opened))
        assert caught.value.retry_seconds >= 1
        opened.set()
        assert await asyncio.gather(*waiting) == ["done", "done"]
        assert await desk.carry_out(Connection().request(), lambda _: wait_for(opened)) == "done"
        assert desk.taken == 0

    run(work)


def test_an_answer_that_takes_too_long_is_not_waited_for(connection: Connection) -> None:
    async def work(desk: Desk) -> None:
        stopped: list[Patience] = []

        async def never(patience: Patience) -> None:
            stopped.append(patience)
            await asyncio.Event().wait()

        with pytest.raises(TooLateError, match=r"0\.05 s"):
            await desk.carry_out(connection.request(), never)
        with pytest.raises(GivenUpError):
            stopped[0].check()
        assert desk.taken == 0

    run(work, answer_seconds=0.05, decode_seconds=0.01)


def test_whoever_goes_away_is_worked_for_no_more(connection: Connection) -> None:
    async def work(desk: Desk) -> None:
        begun, ended = threading.Event(), threading.Event()

        def in_steps(patience: Patience) -> None:
            begun.set()
            try:
                while True:
                    patience.check()
            finally:
                ended.set()

        async def errand(patience: Patience) -> None:
            turn = await desk.inference.take()
            await desk.in_thread(lambda: in_steps(patience), turn)

        asked = asyncio.ensure_future(desk.carry_out(connection.request(), errand))
        await asyncio.to_thread(begun.wait)
        connection.leave()
        with pytest.raises(GivenUpError):
            await asked
        await asyncio.to_thread(ended.wait)

    run(work)


def test_a_place_is_free_only_when_its_thread_has_ended(connection: Connection) -> None:
    async def work(desk: Desk) -> None:
        opened = threading.Event()

        async def stubborn(_: Patience) -> None:
            await desk.in_thread(opened.wait, await desk.inference.take())

        with pytest.raises(TooLateError):
            await desk.carry_out(connection.request(), stubborn)
        assert desk.inference.busy == 1
        opened.set()
        turn = await desk.inference.take()
        turn.end()
        assert desk.inference.busy == 0

    run(work, answer_seconds=0.05, decode_seconds=0.01)


def test_an_error_comes_back_as_it_is(connection: Connection) -> None:
    async def work(desk: Desk) -> None:
        async def fail(_: Patience) -> None:
            raise KeyError("mix")

        with pytest.raises(KeyError, match="mix"):
            await desk.carry_out(connection.request(), fail)
        assert desk.taken == 0

    run(work)


def test_turns_are_given_in_order_and_left_by_whoever_is_cancelled() -> None:
    async def work() -> None:
        turns = Turns(1)
        first = await turns.take()
        second, third = asyncio.ensure_future(turns.take()), asyncio.ensure_future(turns.take())
        await asyncio.sleep(0)
        assert (turns.busy, turns.waiting) == (1, 2)
        second.cancel()
        await asyncio.wait({second})
        first.end()
        first.end()  # once is enough
        async with await third:
            assert (turns.busy, turns.waiting) == (1, 0)
        assert turns.busy == 0

    asyncio.run(work())
