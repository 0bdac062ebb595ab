"""Stops uploads that are too large or too slow, before and while they arrive.

The form parser spools a whole body before any endpoint runs, so this has to sit around `receive`.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import Kind, problem_response

TOO_LARGE: Final = Kind(413, "upload-too-large", "Upload too large")
# Not 408: browsers take that as a wish to have it all sent again, and do so, twice, before they tell anybody.
TOO_SLOW: Final = Kind(413, "upload-too-slow", "Upload too slow")
MOST_DIGITS: Final = 20  # of 2**64; Python refuses to read numbers of thousands of digits
NO_LIMIT: Final = float("inf")


class UploadStoppedError(HTTPException):
    """A body that is too much, or takes too long; the form parser makes a 400 of other types."""

    def __init__(self, kind: Kind, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(kind.status, detail, headers)
        self.kind = kind


class UploadGuardMiddleware:
    """Lets at most `max_bytes` of a request body through, within `seconds`."""

    def __init__(self, app: ASGIApp, max_bytes: int, seconds: float = NO_LIMIT) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if announced_bytes(scope) > self.max_bytes:
            await problem_response(scope, TOO_LARGE, describe_limit(self.max_bytes))(scope, receive, send)
            return
        await self.app(scope, _Body(scope, receive, self.max_bytes, self.seconds).receive, send)


class _Body:
    """A request body as it arrives: counted and timed."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        max_bytes: int,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._scope = scope
        self._receive = receive
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._clock = clock
        self._begun = clock()
        self._received = 0
        self._whole = False

    async def receive(self) -> Message:
        """The next piece.

        Raises:
            UploadStoppedError: it is too much, or takes too long.
        """
        if self._whole:
            return await self._receive()  # only the end of the connection can come
        message = await self._wait()
        self._received += len(message.get("body", b""))
        if self._received > self._max_bytes:
            raise UploadStoppedError(TOO_LARGE, describe_limit(self._max_bytes))
        self._whole = not message.get("more_body", False)
        if self._whole:
            self._scope.setdefault("state", {})["upload_seconds"] = self._clock() - self._begun
        return message

    async def _wait(self) -> Message:
        if self._seconds == NO_LIMIT:
            return await self._receive()
        left = max(self._seconds - (self._clock() - self._begun), 0.0)
        try:
            # Not wait_for: until Python 3.12 a cancellation that comes with the last piece is lost in it.
            async with asyncio.timeout(left):
                return await self._receive()
        except TimeoutError as error:
            raise UploadStoppedError(
                TOO_SLOW,
                f"The upload took longer than {self._seconds:g} s, the limit of this server. "
                "Send a compressed mix (mp3, ogg, flac).",
                {"Connection": "close"},
            ) from error


def announced_bytes(scope: Scope) -> int:
    """Content-Length, or 0 where there is none that can be read; a longer number is cut off."""
    announced = Headers(scope=scope).get("content-length", "")
    return int(announced[:MOST_DIGITS]) if announced.isascii() and announced.isdigit() else 0


def describe_limit(max_bytes: int) -> str:
    """The sentence that tells a caller what would have been accepted."""
    return (
        f"The upload is larger than {max_bytes / 1_000_000:g} MB, the limit of this server. "
        "Send a shorter or compressed mix (mp3, ogg, flac)."
    )
