"""One line in the log and one entry in the metrics for every request, however it ends."""

import logging
import time
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access import address_of
from service.logs import FIELDS, REQUEST_ID
from service.metrics import Metrics
from service.problems import request_id_of
from service.stopwatch import Stopwatch

logger = logging.getLogger("counterpart.request")

# Asked every few seconds by balancers and collectors: counted, but not written down.
QUIET: Final = frozenset({"/livez", "/readyz", "/metrics"})
NO_ANSWER: Final = 499


class ObservationMiddleware:
    """Just inside the one that gives out ids."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = time.perf_counter(), NO_ANSWER
        token = REQUEST_ID.set(request_id_of(scope))

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note_status)
        finally:
            self._note(scope, status, time.perf_counter() - begun)
            REQUEST_ID.reset(token)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        state = scope.get("state", {})
        steps = read_steps(state)
        route = getattr(scope.get("route"), "path", None)
        self.metrics.count_request(scope["method"] if route else "other", route, status, seconds)
        self.metrics.count_steps(steps)
        if state.get("problem"):
            self.metrics.count_problem(state["problem"])
        if scope["path"] in QUIET:
            return
        fields = {
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "ms": round(seconds * 1000, 1),
            "client": address_of(scope),
            "key": state.get("key_id"),
            "problem": state.get("problem"),
            "steps_ms": {name: round(value, 1) for name, value in steps.items()},
        }
        kept = {name: value for name, value in fields.items() if value not in (None, {})}
        logger.info(
            "%s %s %d %.0f ms", scope["method"], scope["path"], status, seconds * 1000, extra={FIELDS: kept}
        )


def read_steps(state: dict[str, Any]) -> dict[str, float]:
    """Milliseconds of the steps that a request went through."""
    stopwatch = state.get("stopwatch")
    steps = dict(stopwatch.steps) if isinstance(stopwatch, Stopwatch) else {}
    if "upload_seconds" in state and steps:
        steps = {"upload": state["upload_seconds"] * 1000, **steps}
    return steps
