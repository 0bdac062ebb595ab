"""The one shape of every error: RFC 9457 problem details with the request's id."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse
from starlette.types import Scope

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of problems: what HTTP calls it and what we call it."""

    status: int
    slug: str
    title: str
    retry_after_seconds: int | None = None

    @property
    def uri(self) -> str:
        return f"urn:counterpart:problem:{self.slug}"


class FieldProblem(BaseModel):
    """One parameter or form field that could not be accepted."""

    field: str = Field(description="Where it is: `query.limit`, `body.mix`.", examples=["query.limit"])
    message: str = Field(examples=["Input should be less than or equal to 1000"])


class Problem(BaseModel):
    """An error as RFC 9457 describes it."""

    type: str = Field(description="Stable name of the kind of problem; test on this one.")
    title: str = Field(description="The kind of problem in words.")
    status: int = Field(description="The HTTP status, repeated.")
    detail: str = Field(description="What is wrong this time and what to do about it.")
    instance: str = Field(description="The path that was asked for.")
    request_id: str = Field(description="The same as the header `X-Request-ID`; it is in our log.")
    errors: list[FieldProblem] | None = Field(default=None, description="One entry a rejected field.")


def request_id_of(scope: Scope) -> str:
    """Id that the outermost middleware gave to this request."""
    return str(scope.get("state", {}).get("request_id", "unknown"))


def problem_response(
    scope: Scope,
    kind: Kind,
    detail: str,
    errors: list[FieldProblem] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Answer for one problem of a `kind`."""
    scope.setdefault("state", {})["problem"] = kind.slug  # for the log and the metrics
    problem = Problem(
        type=kind.uri,
        title=kind.title,
        status=kind.status,
        detail=detail,
        instance=scope["path"],
        request_id=request_id_of(scope),
        errors=errors,
    )
    sent = dict(headers or {})
    if kind.retry_after_seconds is not None:
        sent.setdefault("Retry-After", str(kind.retry_after_seconds))
    return JSONResponse(problem.model_dump(exclude_none=True), kind.status, sent, MEDIA_TYPE)
