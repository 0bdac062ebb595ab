"""A mix that was sent lately is asked about again by its hash, without its file."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.service.conftest import ClientOpener, settings_for
from tests.service.test_match import ask
from tests.service.test_match_refusals import check_problem

UNKNOWN = "0" * 64


def ask_again(client: TestClient, sha256: str, query: str) -> dict[str, Any]:
    response = client.post(f"/match?{query}&sha256={sha256}")
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_the_answer_carries_the_hash_of_the_file(client: TestClient, mix: bytes) -> None:
    assert ask(client, mix, "type=bass")["query"]["sha256"] == hashlib.sha256(mix).hexdigest()


def test_the_hash_is_answered_as_the_file_is(client: TestClient, mix: bytes) -> None:
    sent = ask(client, mix, "type=bass&type=drums")
    again = ask_again(client, sent["query"]["sha256"], "type=bass&type=drums")
    assert again["matches"] == sent["matches"]
    assert again["query"] == {**sent["query"], "filename": "mix"}
    assert (again["timings_ms"]["decode"], again["timings_ms"]["context"]) == (0, 0)


def test_other_types_filters_and_limits_need_no_file(client: TestClient, mix: bytes) -> None:
    sha256 = ask(client, mix, "type=bass")["query"]["sha256"]
    drums = ask_again(client, sha256, "type=drums&limit=2&exclude_song=song-01")["matches"]
    assert [match["stem"]["type"] for match in drums] == ["drums", "drums"]
    assert drums == ask(client, mix, "type=drums&limit=2&exclude_song=song-01")["matches"]


def test_a_region_that_was_heard_is_remembered_and_another_is_not(client: TestClient, mix: bytes) -> None:
    region = "type=bass&start=4&seconds=10"
    sha256 = ask(client, mix, region)["query"]["sha256"]
    assert ask_again(client, sha256, region)["matches"]
    problem = check_problem(
        client.post(f"/match?type=bass&sha256={sha256}"), 404, "region", "Send the file", "`mix`"
    )
    assert problem["type"] == "urn:counterpart:problem:mix-not-remembered"


def test_a_mix_that_was_never_sent_is_not_known(client: TestClient) -> None:
    check_problem(client.post(f"/match?type=bass&sha256={UNKNOWN}"), 404, "Send the file")


def test_a_server_that_remembers_nothing_still_answers_files(
    indexed_data: Path, mix: bytes, open_client: ClientOpener
) -> None:
    client = open_client(settings_for(indexed_data, cache_bytes=0))
    sha256 = ask(client, mix, "type=bass")["query"]["sha256"]
    check_problem(client.post(f"/match?type=bass&sha256={sha256}"), 404, "Send the file")


def test_both_a_file_and_a_hash_are_refused(client: TestClient, mix: bytes) -> None:
    response = client.post(f"/match?type=bass&sha256={UNKNOWN}", files={"mix": ("mix.wav", mix)})
    problem = check_problem(response, 422, "not both")
    assert problem["errors"][0]["field"] == "query.sha256"


def test_neither_a_file_nor_a_hash_is_told_the_field(client: TestClient) -> None:
    problem = check_problem(client.post("/match?type=bass"), 422, "`mix`")
    assert problem["errors"][0]["field"] == "body.mix"


@pytest.mark.parametrize("sha256", ["", "0", "g" * 64, "A" * 64, "0" * 65])
def test_what_is_no_hash_is_refused(client: TestClient, sha256: str) -> None:
    check_problem(client.post(f"/match?type=bass&sha256={sha256}"), 422, "query.sha256")


def test_who_may_not_read_may_not_ask_by_hash_either(
    indexed_data: Path, mix: bytes, open_client: ClientOpener
) -> None:
    sha256 = hashlib.sha256(mix).hexdigest()
    client = open_client(settings_for(indexed_data, require_key=True))
    check_problem(client.post(f"/match?type=bass&sha256={sha256}"), 401, "API key")
