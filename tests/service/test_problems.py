"""The form of a problem, as RFC 9457 has it."""

import json
from typing import Any

from service.problems import MEDIA_TYPE, FieldProblem, Kind, problem_response, request_id_of

KIND = Kind(422, "unusable-audio", "Unusable audio")
BUSY = Kind(503, "no-index", "No index", retry_after_seconds=30)


def scope(**state: str) -> dict[str, Any]:
    return {"type": "http", "path": "/match", "state": state}


def test_a_problem_has_the_members_of_the_standard() -> None:
    response = problem_response(scope(request_id="abc"), KIND, "It is silent.")
    assert response.media_type == MEDIA_TYPE
    assert json.loads(bytes(response.body)) == {
        "type": "urn:counterpart:problem:unusable-audio",
        "title": "Unusable audio",
        "status": 422,
        "detail": "It is silent.",
        "instance": "/match",
        "request_id": "abc",
    }


def test_rejected_fields_are_listed() -> None:
    errors = [FieldProblem(field="query.limit", message="too large")]
    body = json.loads(bytes(problem_response(scope(), KIND, "…", errors).body))
    assert body["errors"] == [{"field": "query.limit", "message": "too large"}]


def test_a_passing_problem_says_when_to_try_again() -> None:
    assert problem_response(scope(), BUSY, "…").headers["retry-after"] == "30"
    assert problem_response(scope(), BUSY, "…", headers={"Retry-After": "5"}).headers["retry-after"] == "5"
    assert "retry-after" not in problem_response(scope(), KIND, "…").headers


def test_a_request_from_outside_the_middleware_has_no_id() -> None:
    assert request_id_of({"type": "http"}) == "unknown"
    assert request_id_of(scope(request_id="abc")) == "abc"
