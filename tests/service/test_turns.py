"""Places at work: so many at once, the others in order, and none lost whatever becomes of those who wait."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from service.turns import Turns


def run(errand: Coroutine[Any, Any, None]) -> None:
    """To its end; one that waits for ever fails."""
    asyncio.run(asyncio.wait_for(errand, 10))


async def settle() -> None:
    """Let every task go as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_no_more_are_at_work_than_there_are_places() -> None:
    async def errand() -> None:
        turns, together, most = Turns(2), 0, 0

        async def work() -> None:
            nonlocal together, most
            async with await turns.take():
                together += 1
                most = max(most, together)
                await settle()
                together -= 1

        await asyncio.gather(*(work() for _ in range(7)))
        assert most == 2
        assert (turns.busy, turns.waiting) == (0, 0)

    run(errand())


def test_places_are_given_in_the_order_in_which_they_were_asked_for() -> None:
    async def errand() -> None:
        turns, order = Turns(1), []

        async def work(number: int) -> None:
            async with await turns.take():
                order.append(number)

        async with await turns.take():
            tasks = [asyncio.ensure_future(work(number)) for number in range(4)]
            await settle()
            assert (turns.busy, turns.waiting) == (1, 4)
        await asyncio.gather(*tasks)
        assert order == [0, 1, 2, 3]

    run(errand())


def test_whoever_goes_away_leaves_the_queue_and_takes_no_place() -> None:
    async def errand() -> None:
        turns = Turns(1)
        turn = await turns.take()
        gone, next_one = (asyncio.ensure_future(turns.take()) for _ in range(2))
        await settle()
        gone.cancel()
        await settle()
        assert turns.waiting == 1
        turn.end()
        (await next_one).end()
        assert (turns.busy, turns.waiting) == (0, 0)

    run(errand())


def test_giving_a_place_back_twice_makes_no_second_place() -> None:
    async def errand() -> None:
        turns = Turns(1)
        turn = await turns.take()
        turn.end()
        turn.end()
        assert turns.busy == 0
        async with await turns.take():
            waiting = asyncio.ensure_future(turns.take())
            await settle()
            assert not waiting.done()
        (await waiting).end()

    run(errand())


def test_work_that_fails_gives_its_place_back() -> None:
    async def errand() -> None:
        turns = Turns(1)
        with pytest.raises(ZeroDivisionError):
            async with await turns.take():
                raise ZeroDivisionError
        async with await turns.take():
            assert turns.busy == 1

    run(errand())
