"""The OpenAPI document is complete, its page needs no other server, and the manual keeps up with both."""

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from audio.windows import SECTIONS
from service import kinds
from service.match_query import MatchQuery
from service.problems import MEDIA_TYPE, Kind

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "api.md"


@pytest.fixture
def document(client: TestClient) -> dict[str, Any]:
    openapi: dict[str, Any] = client.get("/openapi.json").json()
    return openapi


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        assert operation.get("summary"), (path, method)
        assert len(operation.get("description", "")) > 20, (path, method)
        assert operation["tags"], (path, method)
        assert {"200", "202", "204"} & set(operation["responses"]), (path, method)


def test_every_json_answer_has_a_schema(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        status = min(operation["responses"])
        content = operation["responses"][status].get("content", {})
        assert status == "204" or content, path
        assert all(each["schema"] for each in content.values()), path


def test_every_documented_error_is_a_problem_with_an_example(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        for status, response in operation["responses"].items():
            if int(status) < 400 or path == "/readyz":
                continue
            media = response["content"][MEDIA_TYPE]
            assert media["schema"] == {"$ref": "#/components/schemas/Problem"}, (path, status)
            assert all(each["value"]["status"] == int(status) for each in media["examples"].values())


def test_a_match_documents_what_it_may_answer(document: dict[str, Any]) -> None:
    responses = document["paths"]["/match"]["post"]["responses"]
    assert set(responses) == {"200", "400", "401", "403", "404", "413", "415", "422", "429", "503"}
    audio = document["paths"]["/stems/{stem_id}/audio"]["get"]["responses"]
    assert set(audio) == {"200", "206", "304", "401", "403", "404", "410", "416", "422", "429", "503"}


def test_the_types_are_listed_and_required(document: dict[str, Any]) -> None:
    parameters = {each["name"]: each for each in document["paths"]["/match"]["post"]["parameters"]}
    assert set(parameters) == set(MatchQuery.model_fields)
    assert parameters["type"]["required"]
    assert parameters["type"]["schema"]["items"]["enum"][0] == "drums"
    assert "harmony" in parameters["type"]["schema"]["items"]["enum"]
    assert (parameters["limit"]["schema"]["minimum"], parameters["limit"]["schema"]["maximum"]) == (1, 1000)


def test_no_other_number_of_sections_is_told_than_a_mix_is_asked_in(document: dict[str, Any]) -> None:
    told = re.findall(r"(\w+) sections", str(document))
    assert str(SECTIONS) in told
    assert set(told) <= {str(SECTIONS), "in"}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    names = re.findall(r"#/components/schemas/(\w+)", str(document))
    assert set(names) <= set(document["components"]["schemas"])
    assert "HTTPValidationError" not in names


def test_the_page_asks_only_this_server(client: TestClient) -> None:
    page = client.get("/docs").text
    addresses = re.findall(r"(?:src|href)=\"([^\"]+)\"", page)
    assert addresses
    assert all(address.startswith(("/", "data:")) for address in addresses)
    assert "https://" not in page
    for address in addresses:
        if address.startswith("/"):
            assert client.get(address).status_code == 200


def test_the_manual_names_every_path_parameter_and_problem(document: dict[str, Any]) -> None:
    manual = MANUAL.read_text(encoding="utf-8")
    every_kind = [value for value in vars(kinds).values() if isinstance(value, Kind)]
    for path, method, _ in operations(document):
        assert f"`{method.upper()} {path}`" in manual
    for name in (*MatchQuery.model_fields, *(kind.slug for kind in every_kind if kind is not kinds.REFUSED)):
        assert f"`{name}`" in manual
