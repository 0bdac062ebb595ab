"""Turns requests that bring a body away while there is no room for them, before the body is read."""

from http import HTTPMethod

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from service import kinds
from service.desk import Desk, QueueFullError
from service.problems import problem_response
from service.upload_guard import announced_bytes


class DoormanMiddleware:
    """Lets in at most `max_uploads` such requests at once, and none while the desk's queue is full.

    Nor more than `budget_bytes` of their bodies together: each is kept, in a temporary file or in memory,
    until its request is answered. One larger than `largest_bytes` takes no room: it is refused unread.
    """

    def __init__(self, app: ASGIApp, max_uploads: int, budget_bytes: int, largest_bytes: int) -> None:
        self.app = app
        self.max_uploads = max_uploads
        self.budget_bytes = budget_bytes
        self.largest_bytes = largest_bytes
        self.inside = 0
        self.bytes_inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != HTTPMethod.POST:
            await self.app(scope, receive, send)
            return
        size = expected_bytes(scope, self.largest_bytes)
        try:
            self._check(size, scope.get("state", {}).get("desk"))
        except QueueFullError as error:
            headers = {"Retry-After": str(error.retry_seconds)}
            response = problem_response(scope, kinds.BUSY, str(error), headers=headers)
            await response(scope, receive, send)
            return
        self.inside += 1
        self.bytes_inside += size
        try:
            await self.app(scope, receive, send)
        finally:
            self.inside -= 1
            self.bytes_inside -= size

    def _check(self, size: int, desk: Desk | None) -> None:
        if desk is not None:
            desk.check_room()
        if self.inside >= self.max_uploads or self.bytes_inside + size > self.budget_bytes:
            raise QueueFullError(kinds.BUSY.retry_after_seconds or 1)


def expected_bytes(scope: Scope, largest: int) -> int:
    """How much of a body may come and be kept; `largest` is what is accepted at most."""
    headers = Headers(scope=scope)
    # Sent in pieces, or by HTTP/2, where a body needs no header of its own: only its end tells its length.
    older = str(scope.get("http_version", "1.1")).startswith("1")
    if "transfer-encoding" in headers or ("content-length" not in headers and not older):
        return largest
    announced = announced_bytes(scope)
    return announced if announced <= largest else 0
