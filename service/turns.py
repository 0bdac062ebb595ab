"""Places at work that only so many can have at once; the others wait, in order, without a thread."""

import asyncio
from typing import Self


class Turn:
    """One place; giving it back twice is giving it back."""

    def __init__(self, turns: "Turns") -> None:
        self._turns: Turns | None = turns

    def end(self) -> None:
        """Let the next one in."""
        turns, self._turns = self._turns, None
        if turns is not None:
            turns.give_back()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.end()


class Turns:
    """`places` at work at the same time."""

    def __init__(self, places: int) -> None:
        self._free = asyncio.Semaphore(places)
        self.waiting = 0
        self.busy = 0

    async def take(self) -> Turn:
        """Wait for a place. Whoever is cancelled meanwhile leaves the queue."""
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        self.busy += 1
        return Turn(self)

    def give_back(self) -> None:
        """A place is free again; called by its turn."""
        self.busy -= 1
        self._free.release()
