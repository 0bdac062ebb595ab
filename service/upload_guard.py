"""Stops uploads that are too large, by their Content-Length and again while counting what arrives.

The form parser spools a whole body before any endpoint runs, so this has to sit around `receive`.
"""

from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import Kind, problem_response

TOO_LARGE: Final = Kind(413, "upload-too-large", "Upload too large")
MOST_DIGITS: Final = 20  # of 2**64; Python refuses to read numbers of thousands of digits


class UploadGuardMiddleware:
    """Lets at most `max_bytes` of a request body through."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if announced_bytes(scope) > self.max_bytes:
            await problem_response(scope, TOO_LARGE, describe_limit(self.max_bytes))(scope, receive, send)
            return
        await self.app(scope, self._count(receive), send)

    def _count(self, receive: Receive) -> Receive:
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_bytes:
                # Any other exception type would come out of the form parser as a 400.
                raise HTTPException(TOO_LARGE.status, describe_limit(self.max_bytes))
            return message

        return receive_counted


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
