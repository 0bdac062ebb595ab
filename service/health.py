"""`/livez`, `/readyz`, `/version`: for whoever runs the server."""

from importlib.metadata import PackageNotFoundError, version
from typing import Final

from fastapi import APIRouter, Request, Response

from service.dependencies import ResourcesDep
from service.kinds import RETRY_SECONDS
from service.metrics import Metrics
from service.readiness import check_readiness
from service.schemas import LiveAnswer, ReadyAnswer, VersionAnswer

NAME: Final = "counterpart"
METRICS_TYPE: Final = "text/plain; version=1.0.0; charset=utf-8"

router = APIRouter(tags=["operation"])


@router.get("/livez", summary="Is the process alive?")
async def show_life() -> LiveAnswer:
    """Answers as long as the process can, and asks nothing else: a restart would not mend the rest."""
    return LiveAnswer(status="alive")


@router.get(
    "/readyz",
    summary="Can requests be answered?",
    responses={503: {"description": "Not yet; the failed checks say why.", "model": ReadyAnswer}},
)
def show_readiness(response: Response, resources: ResourcesDep) -> ReadyAnswer:
    """Database, published build, model and its device, decoders: 200 if all are as they should be, or 503."""
    checks = check_readiness(resources)
    ready = all(check.ok for check in checks)
    if not ready:
        response.status_code = 503
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return ReadyAnswer(status="ready" if ready else "not ready", checks=checks)


@router.get(
    "/metrics",
    summary="How is it going?",
    response_class=Response,
    responses={
        200: {
            "description": "Prometheus' text format.",
            "content": {METRICS_TYPE: {"schema": {"type": "string"}}},
        }
    },
)
def show_metrics(request: Request) -> Response:
    """Times of every step, what waits, and which model and build answer, for Prometheus."""
    metrics = request.state.metrics
    if not isinstance(metrics, Metrics):
        raise TypeError("The application was started without its lifespan.")
    return Response(metrics.text(), media_type=METRICS_TYPE)


@router.get("/version", summary="What is running?")
def show_version(resources: ResourcesDep) -> VersionAnswer:
    """Version of the product, the model and the build."""
    return VersionAnswer(
        name=NAME,
        version=product_version(),
        model=resources.embedder.card.id,
        provider=resources.embedder.provider,
        build=resources.build.build_id(),
    )


def product_version() -> str:
    """Version of the installed package; `source` where the sources are run without being installed."""
    try:
        return version(NAME)
    except PackageNotFoundError:
        return "source"
