"""Puts the service together. Nothing is global: an application is made from settings, any number of times."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI

from service import health, match, stem_types, stems
from service.desk import Desk
from service.documentation import DESCRIPTION, TAGS, install_documentation
from service.doorman import DoormanMiddleware
from service.errors import install_error_handlers
from service.last_resort import LastResortMiddleware
from service.request_id import RequestIdMiddleware
from service.resources import ResourceOpener, Resources, open_resources
from service.settings import ServiceSettings
from service.upload_guard import UploadGuardMiddleware


class State(TypedDict):
    """What the lifespan hands to every request."""

    resources: Resources
    desk: Desk


def create_app(
    settings: ServiceSettings | None = None, open_resources: ResourceOpener = open_resources
) -> FastAPI:
    """The API; `open_resources` opens what its requests share, when it starts."""
    chosen = settings or ServiceSettings()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        with open_resources(chosen) as resources:
            desk = Desk(chosen)
            try:
                yield {"resources": resources, "desk": desk}
            finally:
                desk.close()

    app = FastAPI(
        title="Counterpart",
        summary="Finds the stems in your library that fit a mix.",
        description=DESCRIPTION,
        version=health.product_version(),
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.include_router(match.router)
    app.include_router(stem_types.router)
    app.include_router(stems.router)
    app.include_router(health.router)
    install_documentation(app)
    install_error_handlers(app)
    # The last one added is the outermost: the id is known wherever anything goes wrong.
    app.add_middleware(
        UploadGuardMiddleware, max_bytes=chosen.max_upload_bytes, seconds=chosen.upload_seconds
    )
    app.add_middleware(DoormanMiddleware, max_uploads=chosen.max_uploads)
    app.add_middleware(LastResortMiddleware)
    app.add_middleware(RequestIdMiddleware)
    return app
