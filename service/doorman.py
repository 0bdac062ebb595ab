"""Turns requests that bring a body away while there is no room for them, before the body is read."""

from http import HTTPMethod

from starlette.types import ASGIApp, Receive, Scope, Send

from service import kinds
from service.desk import Desk, QueueFullError
from service.problems import problem_response


class DoormanMiddleware:
    """Lets in at most `max_uploads` such requests at once, and none while the desk's queue is full."""

    def __init__(self, app: ASGIApp, max_uploads: int) -> None:
        self.app = app
        self.max_uploads = max_uploads
        self.inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != HTTPMethod.POST:
            await self.app(scope, receive, send)
            return
        try:
            self._check(scope.get("state", {}).get("desk"))
        except QueueFullError as error:
            headers = {"Retry-After": str(error.retry_seconds)}
            response = problem_response(scope, kinds.BUSY, str(error), headers=headers)
            await response(scope, receive, send)
            return
        self.inside += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.inside -= 1

    def _check(self, desk: Desk | None) -> None:
        if desk is not None:
            desk.check_room()
        if self.inside >= self.max_uploads:
            raise QueueFullError(kinds.BUSY.retry_after_seconds or 1)
