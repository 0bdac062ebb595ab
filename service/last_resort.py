"""Turns whatever no handler expected into a fixed 500, so that no exception reaches the server.

An exception that escapes makes uvicorn drop the connection, and the next request on it fails too.
"""

import logging
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import Kind, problem_response, request_id_of

UNEXPECTED: Final = Kind(500, "unexpected", "Unexpected error")
DETAIL: Final = (
    "Something failed on our side and was logged. Try again; if it stays, report it with the request id."
)

logger = logging.getLogger(__name__)


class LastResortMiddleware:
    """Answers 500 with a text that never holds the exception's own words."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def note_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, note_start)
        except Exception:
            logger.exception("Request %s failed: %s %s", request_id_of(scope), scope["method"], scope["path"])
            if not started:
                await problem_response(scope, UNEXPECTED, DETAIL)(scope, receive, send)
