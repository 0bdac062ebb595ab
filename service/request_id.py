"""Gives every request an id, taken from X-Request-ID where that is safe to repeat in headers and logs."""

import re
import secrets
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER: Final = "X-Request-ID"
SAFE_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class RequestIdMiddleware:
    """The outermost layer: everything inside finds the id in `scope["state"]["request_id"]`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = choose_id(Headers(scope=scope).get(HEADER))
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        await self.app(scope, receive, send_with_id)


def choose_id(offered: str | None) -> str:
    """The caller's id where it is safe, else a new one."""
    if offered is not None and SAFE_ID.fullmatch(offered):
        return offered
    return secrets.token_hex(16)
