"""Puts the service together. Nothing is global: an application is made from settings, any number of times."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypedDict

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from service import compatibility, health, match, similar, stem_changes, stem_types, stems
from service.access import AccessMiddleware, KnownKeys
from service.desk import Desk
from service.documentation import DESCRIPTION, TAGS, install_documentation
from service.doorman import DoormanMiddleware
from service.errors import install_error_handlers
from service.last_resort import LastResortMiddleware
from service.metrics import Metrics
from service.observation import ObservationMiddleware
from service.page import install_page
from service.rates import Rates
from service.request_id import RequestIdMiddleware
from service.resources import ResourceOpener, Resources, open_resources
from service.security_headers import SecurityHeadersMiddleware
from service.settings import ServiceSettings
from service.tracing import TracingMiddleware, open_tracer
from service.upload_guard import UploadGuardMiddleware

# What a page of another origin may read besides the body.
EXPOSED = ["X-Request-ID", "Retry-After", "RateLimit", "RateLimit-Policy", "ETag", "Content-Range"]

# Of a form. `/compatibility` takes two files, `POST /stems` a hundred tags and a few fields more. The form
# parser keeps every field in memory, and the first megabyte of every file, also of those nobody asked for.
MOST_FILES = 2
MOST_FIELDS = 120
LARGEST_FIELD = 16_384


class State(TypedDict):
    """What the lifespan hands to every request."""

    resources: Resources
    desk: Desk
    find_key: KnownKeys
    metrics: Metrics


def create_app(
    settings: ServiceSettings | None = None, open_resources: ResourceOpener = open_resources
) -> FastAPI:
    """The API; `open_resources` opens what its requests share, when it starts."""
    chosen = settings or ServiceSettings()
    metrics = Metrics()
    provider, tracer = open_tracer(chosen.otlp_endpoint) if chosen.otlp_endpoint else (None, None)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        with open_resources(chosen) as resources:
            desk = Desk(chosen)
            try:
                keys = KnownKeys(resources.catalogues.find_key)
                metrics.watch(resources, desk)
                if resources.inbox.holds_any():
                    resources.runner.ask()
                yield {"resources": resources, "desk": desk, "find_key": keys, "metrics": metrics}
            finally:
                desk.close()
                if provider is not None:
                    provider.shutdown()

    app = FastAPI(
        title="Counterpart",
        summary="Finds the stems in your library that fit a mix.",
        description=DESCRIPTION,
        version=health.product_version(),
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        form_limits={"max_files": MOST_FILES, "max_fields": MOST_FIELDS, "max_part_size": LARGEST_FIELD},
        lifespan=lifespan,
    )
    app.include_router(match.router)
    app.include_router(compatibility.router)
    app.include_router(stem_types.router)
    app.include_router(stem_changes.router)
    app.include_router(similar.router)
    app.include_router(stems.router)
    app.include_router(health.router)
    install_documentation(app)
    install_page(app)
    install_error_handlers(app)
    add_middlewares(app, chosen, metrics, tracer)
    return app


def add_middlewares(app: FastAPI, chosen: ServiceSettings, metrics: Metrics, tracer: Any) -> None:
    """What every request passes on its way in and out.

    The last one added is the outermost: the id is known wherever anything goes wrong.
    """
    app.add_middleware(
        UploadGuardMiddleware, max_bytes=chosen.max_upload_bytes, seconds=chosen.upload_seconds
    )
    app.add_middleware(
        DoormanMiddleware,
        max_uploads=chosen.max_uploads,
        budget_bytes=chosen.upload_budget_bytes,
        largest_bytes=chosen.max_upload_bytes,
    )
    app.add_middleware(AccessMiddleware, require_key=chosen.require_key, rates=Rates(chosen.rate_limit))
    # Inside of what adds headers: a page of another origin may read of a 500, too.
    app.add_middleware(LastResortMiddleware)
    origins = [each.strip() for each in chosen.cors_origins.split(",") if each.strip()]
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "HEAD", "POST", "DELETE"],
            allow_headers=["Authorization", "X-Request-ID", "Range", "If-None-Match", "If-Range"],
            expose_headers=EXPOSED,
        )
    app.add_middleware(SecurityHeadersMiddleware)
    if tracer is not None:
        app.add_middleware(TracingMiddleware, tracer=tracer)
    app.add_middleware(ObservationMiddleware, metrics=metrics)
    app.add_middleware(RequestIdMiddleware)
