"""Where work is taken on: a few requests at work, a few in the queue, and a clear no to the rest, at once.

Decoding and inference have places of their own, so one mix is decoded while another is compared.
"""

import asyncio
import contextvars
import math
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, TypeVar

from starlette.requests import Request
from starlette.types import Receive

from service.patience import GivenUpError, Patience
from service.settings import ServiceSettings
from service.turns import Turn, Turns

Answer = TypeVar("Answer")

LONGEST_RETRY_SECONDS: Final = 60
FORGETTING: Final = 0.1  # how much the newest request counts in the mean


class QueueFullError(RuntimeError):
    """There is more to do than the queue holds."""

    def __init__(self, retry_seconds: int) -> None:
        super().__init__(
            f"The server is busy and its queue is full. Try again in about {retry_seconds} seconds."
        )
        self.retry_seconds = retry_seconds


class Desk:
    """Takes requests on, one for each place at work and in the queue. Belongs to one event loop."""

    def __init__(self, settings: ServiceSettings) -> None:
        self.decoding = Turns(settings.decoders)
        self.inference = Turns(settings.max_inference)
        self.taken = 0
        self.most = settings.max_inference + settings.max_queue
        self._at_once = settings.max_inference
        self._answer_seconds = settings.answer_seconds
        self._mean_seconds = 1.0
        threads = settings.decoders + settings.max_inference + 2
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="desk")

    @property
    def waiting(self) -> int:
        """Requests in the queue."""
        return max(self.taken - self.inference.busy, 0)

    def close(self) -> None:
        """Let what runs come to its end."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def check_room(self) -> None:
        """Say no while the queue is full: before an upload is even read.

        Raises:
            QueueFullError: it is.
        """
        if self.taken >= self.most:
            rounds = self.taken / self._at_once
            raise QueueFullError(min(max(math.ceil(rounds * self._mean_seconds), 1), LONGEST_RETRY_SECONDS))

    async def carry_out(self, request: Request, errand: Callable[[Patience], Awaitable[Answer]]) -> Answer:
        """The answer of `errand`, which is dropped when its time is up or whoever asked goes away.

        Raises:
            QueueFullError: at once, if there is no room.
            TooLateError: the time is up.
            GivenUpError: they went away.
        """
        self.check_room()
        self.taken += 1
        patience = Patience(self._answer_seconds)
        begun = asyncio.get_running_loop().time()
        try:
            answer = await wait_for_answer(errand(patience), request.receive, patience)
        finally:
            self.taken -= 1
        self._mean_seconds += FORGETTING * (asyncio.get_running_loop().time() - begun - self._mean_seconds)
        return answer

    async def in_thread(self, work: Callable[[], Answer], turn: Turn | None = None) -> Answer:
        """Do `work` in a thread, with the request's context; `turn` ends with it.

        A thread cannot be stopped: should the answer be dropped, the work goes on to its next step, and its
        place is not given to another until then.
        """
        context = contextvars.copy_context()
        future = asyncio.get_running_loop().run_in_executor(self._threads, partial(context.run, work))
        future.add_done_callback(partial(_finish, turn))
        return await asyncio.shield(future)


def _finish(turn: Turn | None, future: "asyncio.Future[Answer]") -> None:
    if turn is not None:
        turn.end()
    if not future.cancelled():
        future.exception()  # looked at: nobody else may be left to do it


async def wait_for_answer(errand: Awaitable[Answer], receive: Receive, patience: Patience) -> Answer:
    """The answer of `errand`, unless time or whoever asked runs out first."""
    work = asyncio.ensure_future(errand)
    gone = asyncio.ensure_future(_wait_until_gone(receive))
    try:
        await asyncio.wait({work, gone}, timeout=patience.left(), return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return work.result()
        if gone.done():
            raise GivenUpError("Whoever asked went away.")
        raise patience.too_late()
    finally:
        patience.give_up()
        await _cancel(gone)
        await _cancel(work)


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _cancel(task: "asyncio.Future[Any]") -> None:
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
    if not task.cancelled():
        task.exception()
