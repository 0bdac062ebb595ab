"""Who may do what: a key in the header, its scope, and how often it may ask."""

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from library.api_keys import ApiKey
from library.api_keys import Scope as KeyScope
from library.database import DATABASE_FAILURES, WrongRevisionError
from service import kinds
from service.problems import Kind, problem_response
from service.rates import Rates, Standing

FindKey = Callable[[str], ApiKey | None]

# For whoever runs the server, and for reading about the API: never a key, never a limit.
OPEN_PATHS: Final = frozenset({"/", "/livez", "/readyz", "/metrics", "/version", "/openapi.json"})
OPEN_FOLDERS: Final = ("/docs", "/assets")
WRITING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
KNOWN_SECONDS: Final = 30.0
KNOWN_KEYS: Final = 10_000
LONGEST_KEY: Final = 100

WHERE: Final = "Send it in the header Authorization: Bearer KEY. Keys are made with: counterpart keys create"


class KnownKeys:
    """Remembers for half a minute what the database said of a key, so that it is not asked every time."""

    def __init__(self, find: FindKey, clock: Callable[[], float] = time.monotonic) -> None:
        self._find = find
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, ApiKey | None]] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, text: str) -> ApiKey | None:
        """The key, if it may be used; asks the database. Blocks."""
        if len(text) > LONGEST_KEY:
            return None
        now = self._clock()
        with self._lock:
            until, key = self._known.get(text, (0.0, None))
        if now < until:
            return key
        key = self._find(text)
        with self._lock:
            self._known[text] = (now + KNOWN_SECONDS, key)
            while len(self._known) > KNOWN_KEYS:
                self._known.popitem(last=False)
        return key


class AccessMiddleware:
    """Refuses, before a body is read, whoever may not do what they ask for, or asks too often.

    What finds a key is `find_key` in the application's state.
    """

    def __init__(self, app: ASGIApp, *, require_key: bool, rates: Rates) -> None:
        self.app = app
        self.require_key = require_key
        self.rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_open(route_path(scope)) or scope["method"] == "OPTIONS":
            await self.app(scope, receive, send)
            return
        refusal, key = await self._judge(scope)
        standing = self.rates.count(key.id if key is not None else address_of(scope))
        if not standing.allowed:
            detail = f"More than {self.rates.text} requests. Try again in {standing.retry_seconds} s."
            headers = {**standing.headers(), "Retry-After": str(standing.retry_seconds)}
            await problem_response(scope, kinds.TOO_MANY, detail, headers=headers)(scope, receive, send)
            return
        if refusal is not None:
            kind, detail = refusal
            headers = {
                **standing.headers(),
                **({"WWW-Authenticate": "Bearer"} if kind is kinds.NO_KEY else {}),
            }
            await problem_response(scope, kind, detail, headers=headers)(scope, receive, send)
            return
        await self.app(scope, receive, _with_headers(send, standing))

    async def _judge(self, scope: Scope) -> tuple[tuple[Kind, str] | None, ApiKey | None]:
        """Why this is refused, if it is, and whose key it came with."""
        wanted = needed_scope(scope, require_key=self.require_key)
        text = offered_key(scope)
        if text is None:
            return ((kinds.NO_KEY, f"This needs an API key. {WHERE}") if wanted else None), None
        try:
            key = await asyncio.to_thread(scope["state"]["find_key"], text)
        except WrongRevisionError as error:
            return (kinds.UNUSABLE_DATABASE, str(error)), None
        except DATABASE_FAILURES:
            detail = (
                "The key cannot be checked, because the database does not answer. Try again in a few seconds."
            )
            return (kinds.DATABASE_FAILED, detail), None
        if key is None:
            return (kinds.NO_KEY, f"This API key is not known here, or was revoked. {WHERE}"), None
        if wanted is not None and wanted not in key.scopes:
            return (
                kinds.NOT_ALLOWED,
                f"This API key does not allow to {wanted}. Use one with the scope {wanted}.",
            ), key
        scope.setdefault("state", {})["key_id"] = key.id
        return None, key


def _with_headers(send: Send, standing: Standing) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(standing.headers())
        await send(message)

    return send_with_headers


def route_path(scope: Scope) -> str:
    """The path below the prefix that a proxy added."""
    path, prefix = str(scope["path"]), str(scope.get("root_path", ""))
    return path.removeprefix(prefix) or "/"


def is_open(path: str) -> bool:
    """Whether everybody may ask for `path`, always."""
    return path in OPEN_PATHS or any(path == each or path.startswith(f"{each}/") for each in OPEN_FOLDERS)


def needed_scope(scope: Scope, *, require_key: bool) -> KeyScope | None:
    """What a key must allow for this request; None if none is needed."""
    if scope["method"] in WRITING and route_path(scope).startswith("/stems"):
        return "write"
    return "read" if require_key else None


def offered_key(scope: Scope) -> str | None:
    """The key in the header."""
    kind, _, text = Headers(scope=scope).get("authorization", "").partition(" ")
    return text.strip() if kind.lower() == "bearer" and text.strip() else None


def address_of(scope: Scope) -> str:
    """Who asks without a key. Of IPv6 the network counts: one customer has 2^64 addresses."""
    host = (scope.get("client") or ("unknown", 0))[0]
    return ":".join(host.split(":")[:4]) if ":" in host else str(host)
