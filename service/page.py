"""`/`: the page, as `make web` built it from `web/`. It asks nobody but this service: a policy sees to it."""

import re
import secrets
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

PAGE_FILES: Final = Path(__file__).parent / "page_files"
NOT_BUILT: Final = (
    "The page is not built yet: run `make web` and reload. The API answers without it; see /docs.\n"
)

# Vite puts this wherever a nonce belongs: web/vite.config.ts.
NONCE_MARK: Final = "CSP_NONCE"
# The stretcher is WebAssembly, and what draws the waveform writes a style sheet into its shadow root: the
# first needs 'wasm-unsafe-eval', the second the nonce. Nothing else runs that this service did not send.
POLICY: Final = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self'; font-src 'self'; connect-src 'self'; media-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Cache-Control": "no-store",  # a nonce serves once
    "Cross-Origin-Opener-Policy": "same-origin",
}

HASHED: Final = re.compile(r"-[\w-]{8}\.\w+$")
FOREVER: Final = "public, max-age=31536000, immutable"
# A module of another type is not run, and mimetypes differs between systems.
MEDIA_TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
SMALLEST_COMPRESSED: Final = 1024


class PageAssets(StaticFiles):
    """Files of the page; those with a hash in their name never change."""

    def file_response(self, full_path: Any, *args: Any, **options: Any) -> Response:
        response = super().file_response(full_path, *args, **options)
        path = Path(full_path)
        if path.suffix in MEDIA_TYPES and "content-type" in response.headers:
            response.headers["Content-Type"] = MEDIA_TYPES[path.suffix]
        response.headers["Cache-Control"] = FOREVER if HASHED.search(path.name) else "no-cache"
        return response


def install_page(app: FastAPI, folder: Path = PAGE_FILES) -> None:
    """Serve the page in `folder` at `/`, and its files at `/assets`."""
    app.include_router(page_router(folder))
    assets = PageAssets(directory=folder / "assets", check_dir=False)
    app.mount("/assets", GZipMiddleware(assets, minimum_size=SMALLEST_COMPRESSED), name="page-assets")


def page_router(folder: Path) -> APIRouter:
    """The page itself; read anew for each answer, so that a new build shows at once."""
    router = APIRouter()

    @router.head("/", include_in_schema=False)
    @router.get("/", include_in_schema=False)
    def show_page() -> Response:
        return answer_with_page(folder / "index.html")

    return router


def answer_with_page(index: Path) -> Response:
    """The page with a nonce of its own, or a sentence that says how to build it."""
    try:
        page = index.read_text(encoding="utf-8")
    except FileNotFoundError:
        return PlainTextResponse(NOT_BUILT, status_code=404, headers=HEADERS)
    nonce = secrets.token_urlsafe(16)
    headers = {**HEADERS, "Content-Security-Policy": POLICY.format(nonce=nonce)}
    return HTMLResponse(page.replace(NONCE_MARK, nonce), headers=headers)
