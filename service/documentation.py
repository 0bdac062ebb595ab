"""The OpenAPI document and the page that shows it, without a request to anyone else's server."""

from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from service import kinds
from service.access import WRITING, is_open
from service.problems import MEDIA_TYPE, Kind, Problem
from service.upload_guard import TOO_SLOW

DESCRIPTION: Final = """\
Give it a mix and a stem type; it finds the stems in your library that fit.

Every error is an [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problem (`application/problem+json`):
test on its `type`, show its `detail`, and quote its `request_id`, which is also in the header `X-Request-ID`
of every answer.
"""
TAGS: Final = [
    {"name": "match", "description": "Ask with a mix."},
    {"name": "library", "description": "What is in the library."},
    {"name": "operation", "description": "For whoever runs the server."},
]
ASSETS: Final = "/docs/assets"
# Swagger's page starts itself with a script in the page, and plays what it downloads from a blob.
POLICY: Final = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; media-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

KEY_SCHEME: Final = {
    "type": "http",
    "scheme": "bearer",
    "description": "An API key, made with `counterpart keys create`. Reading needs one only where the "
    "operator says so (`COUNTERPART_REQUIRE_KEY`).",
}

Responses = dict[int | str, dict[str, Any]]


# What every endpoint may answer that is not open to everybody, always.
ASKING: Final = (
    (kinds.NO_KEY, "This needs an API key. Send it in the header Authorization: Bearer KEY."),
    (kinds.NOT_ALLOWED, "This API key does not allow to read. Use one with the scope read."),
    (kinds.TOO_MANY, "More than 60/minute requests. Try again in 12 s."),
    (kinds.DATABASE_FAILED, "The database does not answer at the moment. Try again in a few seconds."),
)
# What every endpoint that decodes and compares may answer besides its own.
WORK: Final = (
    (TOO_SLOW, "The upload took longer than 120 s, the limit of this server."),
    (kinds.BUSY, "The server is busy and its queue is full. Try again in about 2 seconds."),
    (kinds.TOO_LATE, "The answer took longer than 30 s, the limit of this server."),
    (kinds.DECODER_LOST, "The process that decoded the file was ended from outside. Try again."),
    (kinds.STORAGE_FAILED, "The server cannot store files at the moment. Try again later."),
)


def problems(*examples: tuple[Kind, str]) -> Responses:
    """OpenAPI responses for the problems that an endpoint may answer, with a sentence that it would say."""
    documented: Responses = {}
    for kind, detail in examples:
        entry = documented.setdefault(
            kind.status,
            {
                "description": kind.title,
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}},
            },
        )
        if kind.title not in entry["description"]:
            entry["description"] += f"; {kind.title[0].lower()}{kind.title[1:]}"
        entry["content"][MEDIA_TYPE]["examples"][kind.slug] = {"value": _example(kind, detail)}
        if kind.retry_after_seconds is not None:
            entry["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return documented


def _example(kind: Kind, detail: str) -> dict[str, Any]:
    return Problem(
        type=kind.uri,
        title=kind.title,
        status=kind.status,
        detail=detail,
        instance="/",
        request_id="0c6f1a52e4b94a0d",
    ).model_dump(exclude_none=True)


def install_documentation(app: FastAPI) -> None:
    """Serve `/docs` from our own files and put the shape of problems into the OpenAPI document."""
    app.mount(ASSETS, StaticFiles(directory=_swagger_folder()), name="docs-assets")

    @app.get("/docs", include_in_schema=False)
    def show_documentation(request: Request) -> HTMLResponse:
        prefix = request.scope.get("root_path", "")
        page = get_swagger_ui_html(
            openapi_url=f"{prefix}{app.openapi_url}",
            title=f"{app.title}: the HTTP API",
            swagger_js_url=f"{prefix}{ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{prefix}{ASSETS}/swagger-ui.css",
            swagger_favicon_url="data:,",
            swagger_ui_parameters={"defaultModelsExpandDepth": 0},
        )
        page.headers["Content-Security-Policy"] = POLICY
        return page

    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # FastAPI's documented way


def _swagger_folder() -> Path:
    return Path(str(files("fastapi_offline") / "static"))


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            routes=app.routes,
            tags=app.openapi_tags,
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs", {}))
        schemas["Problem"] = problem
        document["components"]["securitySchemes"] = {"key": KEY_SCHEME}
        _say_who_needs_keys(document)
        _drop_unused_errors(document)
        app.openapi_schema = document
    return app.openapi_schema


def _say_who_needs_keys(document: dict[str, Any]) -> None:
    """Changing always needs a key; reading does where the operator says so; both may be asked too often."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if is_open(path):
                continue
            writes = method.upper() in WRITING and path.startswith("/stems")
            operation["security"] = [{"key": ["write"]}] if writes else [{}, {"key": ["read"]}]
            for status, response in problems(*ASKING).items():
                held = operation["responses"].setdefault(str(status), response)
                held["content"][MEDIA_TYPE]["examples"] |= response["content"][MEDIA_TYPE]["examples"]


def _drop_unused_errors(document: dict[str, Any]) -> None:
    """Take out the 422 that FastAPI adds wherever there is a parameter: a path's text is never invalid."""
    for methods in document["paths"].values():
        for operation in methods.values():
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
