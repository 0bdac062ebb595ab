"""Headers that keep a browser from doing more with an answer than showing it."""

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# Data: nothing in it is ever run.
DATA_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
# Pages: only our own scripts, WebAssembly and worklets; sound and drawings may be made in the page.
PAGE_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' blob:; worker-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' data: blob:; "
    "connect-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
# Swagger's page starts itself with a script in the page.
DOCS_POLICY: Final = PAGE_POLICY.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'")


class SecurityHeadersMiddleware:
    """Adds them to every answer; a header that is there already stays."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    headers.setdefault(name, value)
                headers.setdefault(
                    "Content-Security-Policy", choose_policy(scope, headers.get("content-type", ""))
                )
            await send(message)

        await self.app(scope, receive, send_with_headers)


def choose_policy(scope: Scope, content_type: str) -> str:
    """The content security policy of an answer."""
    if not content_type.startswith("text/html"):
        return DATA_POLICY
    return DOCS_POLICY if str(scope["path"]).endswith("/docs") else PAGE_POLICY
