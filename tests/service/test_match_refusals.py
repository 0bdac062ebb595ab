"""What a question that cannot be answered is told: the right status, and a sentence that helps."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from httpx2 import Response
from starlette.testclient import TestClient

from tests.service.conftest import ClientOpener, settings_for, wav_bytes
from tests.songs import tone


def send(client: TestClient, content: bytes, query: str = "type=bass", filename: str = "mix.wav") -> Response:
    return client.post(f"/match?{query}", files={"mix": (filename, content)})


def check_problem(response: Response, status: int, *words: str) -> dict[str, Any]:
    problem: dict[str, Any] = response.json()
    assert response.status_code == status, problem
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["request_id"] == response.headers["x-request-id"]
    assert problem["type"].startswith("urn:counterpart:problem:")
    for word in words:
        assert word in problem["detail"]
    return problem


def test_an_unknown_type_is_told_the_known_ones(client: TestClient, mix: bytes) -> None:
    problem = check_problem(
        send(client, mix, "type=drum"), 422, "'drum'", "drums", "vocals", "harmony", "any"
    )
    assert problem["type"] == "urn:counterpart:problem:unknown-stem-type"


@pytest.mark.parametrize("query", ["", "limit=5"])
def test_a_missing_type_is_told_the_known_ones(client: TestClient, mix: bytes, query: str) -> None:
    check_problem(send(client, mix, query), 422, "?type=drums", "vocals", "harmony")


def test_an_empty_type_is_told_the_known_ones(client: TestClient, mix: bytes) -> None:
    check_problem(send(client, mix, "type="), 422, "drums", "any")


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "ten", ""])
def test_a_limit_outside_1_to_1000_is_refused(client: TestClient, mix: bytes, limit: str) -> None:
    problem = check_problem(send(client, mix, f"type=bass&limit={limit}"), 422, "query.limit")
    assert problem["errors"][0]["field"] == "query.limit"


@pytest.mark.parametrize(
    "region", ["start=-1", "start=nan", "start=inf", "seconds=0", "seconds=1.9", "seconds=nan"]
)
def test_a_region_that_cannot_be_is_refused(client: TestClient, mix: bytes, region: str) -> None:
    check_problem(send(client, mix, f"type=bass&{region}"), 422, f"query.{region.partition('=')[0]}")


def test_a_region_behind_the_end_of_the_mix_is_told_where_it_ends(client: TestClient, mix: bytes) -> None:
    check_problem(send(client, mix, "type=bass&start=99"), 422, "ends at 20.0 s")


def test_a_region_that_reaches_less_than_two_seconds_is_refused(client: TestClient, mix: bytes) -> None:
    check_problem(send(client, mix, "type=bass&start=19"), 422, "region", "at least 2 seconds")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("min_bpm=0", "query.min_bpm"),
        ("max_bpm=nan", "query.max_bpm"),
        ("min_bpm=120&max_bpm=100", "more than max_bpm"),
        ("key=H%20minor", "is not a key"),
        ("kind=riff", "one-shot"),
        ("min_type_confidence=2", "query.min_type_confidence"),
    ],
)
def test_a_filter_that_nothing_can_pass_is_refused(
    client: TestClient, mix: bytes, query: str, told: str
) -> None:
    check_problem(send(client, mix, f"type=bass&{query}"), 422, told)


@pytest.mark.parametrize("name", ["bpm", "keys", "Type", "types"])
def test_a_filter_that_does_not_exist_is_not_ignored(client: TestClient, mix: bytes, name: str) -> None:
    check_problem(send(client, mix, f"type=bass&{name}=1"), 422, f"'{name}'", "exclude_song")


def test_what_is_wrong_is_told_once(client: TestClient, mix: bytes) -> None:
    problem = check_problem(send(client, mix, "type=bass&limit=0"), 422)
    assert len(problem["errors"]) == 1
    assert problem["detail"].count("query.limit") == 1


@pytest.mark.parametrize("name", ["limit", "start", "exclude_own_song"])
def test_a_parameter_that_is_given_twice_is_refused(client: TestClient, mix: bytes, name: str) -> None:
    check_problem(send(client, mix, f"type=bass&{name}=1&{name}=1"), 422, f"'{name}'", "once")


@pytest.mark.parametrize("name", ["type", "limit", "exclude_song"])
def test_a_parameter_in_the_form_is_told_its_place(client: TestClient, mix: bytes, name: str) -> None:
    for path in ("/match", "/compatibility")[: 2 if name == "type" else 1]:
        sent = client.post(f"{path}?type=bass", files={"mix": mix, "stem": mix}, data={name: "1"})
        check_problem(sent, 422, f"'{name}' stands in the form", f"?{name}=")


@pytest.mark.parametrize("fields", [{"comment": "first take"}, {"type": "bass"}])
def test_fields_that_change_nothing_are_no_matter(
    client: TestClient, mix: bytes, fields: dict[str, str]
) -> None:
    sent = client.post("/match?type=bass", files={"mix": mix}, data=fields)
    assert sent.status_code == 200


def test_half_a_character_in_a_name_is_no_matter(client: TestClient, mix: bytes) -> None:
    body = (
        b'--B\r\nContent-Disposition: form-data; name="mix"; filename="x\\ud800.wav"\r\n\r\n%s\r\n--B--\r\n'
        % mix
    )
    headers = {"Content-Type": "multipart/form-data; boundary=B; charset=raw_unicode_escape"}
    answer = client.post("/match?type=bass", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["query"]["filename"] == "x?.wav"


def test_a_request_without_a_body_is_told_the_field(client: TestClient) -> None:
    problem = check_problem(client.post("/match?type=bass"), 422, "`mix`")
    assert problem["errors"][0]["field"] == "body.mix"


def test_another_field_name_is_told_the_right_one(client: TestClient, mix: bytes) -> None:
    response = client.post("/match?type=bass", files={"file": ("mix.wav", mix)})
    check_problem(response, 422, "`mix`")


def test_a_text_field_in_place_of_the_file_is_told_the_field(client: TestClient) -> None:
    check_problem(client.post("/match?type=bass", data={"mix": "mix.wav"}), 422, "`mix`")


def test_a_form_without_a_chosen_file_is_told_the_field(client: TestClient) -> None:
    boundary = '--x\r\nContent-Disposition: form-data; name="mix"; filename=""\r\n\r\n\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    response = client.post("/match?type=bass", content=boundary, headers=headers)
    check_problem(response, 422)


def test_a_form_that_cannot_be_parsed_is_refused(client: TestClient) -> None:
    headers = {"Content-Type": "multipart/form-data"}
    check_problem(
        client.post("/match?type=bass", content=b"mix", headers=headers), 400, "multipart/form-data"
    )


def test_more_files_than_any_endpoint_needs_are_refused(client: TestClient, mix: bytes) -> None:
    files = [("mix", ("mix.wav", mix)), *(("more", ("mix.wav", b"x")) for _ in range(2))]
    check_problem(client.post("/match?type=bass", files=files), 400, "Too many files")


def test_more_fields_than_any_endpoint_needs_are_refused(client: TestClient) -> None:
    many = {f"field {number}": "x" for number in range(130)}
    check_problem(client.post("/match?type=bass", files={"mix": b"x"}, data=many), 400, "Too many fields")
    large = {"field": "x" * 20_000}
    check_problem(client.post("/match?type=bass", files={"mix": b"x"}, data=large), 400, "maximum size")


def test_an_empty_file_is_refused(client: TestClient) -> None:
    check_problem(send(client, b""), 422, "empty")


@pytest.mark.parametrize("filename", ["notes.txt", "notes.wav", "notes.mp3"])
def test_a_text_file_is_not_audio_whatever_its_name(client: TestClient, filename: str) -> None:
    problem = check_problem(send(client, b"Dear Sir or Madam,\n" * 500, filename=filename), 415, "not audio")
    assert problem["type"] == "urn:counterpart:problem:not-audio"


def test_silence_is_refused(client: TestClient) -> None:
    check_problem(send(client, wav_bytes(np.zeros(160_000, np.float32))), 422, "silent")


@pytest.mark.parametrize("seconds", [0.2, 1.9])
def test_less_than_two_seconds_is_told_how_much_it_takes(client: TestClient, seconds: float) -> None:
    check_problem(send(client, wav_bytes(tone(440, seconds))), 422, f"{seconds} s", "at least 2 seconds")


def test_three_hours_are_told_the_limit(client: TestClient) -> None:
    """An hour of silence is 0.2 MB of FLAC; eight thousand samples a second make it three cheaply."""
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", 8_000, 1, format="FLAC", subtype="PCM_16") as file:
        for _ in range(3 * 60):
            file.write(np.zeros(60 * 8_000, np.int16))
    check_problem(send(client, buffer.getvalue(), filename="set.flac"), 422, "1200 s")


def test_the_longest_mix_is_a_setting(indexed_data: Path, mix: bytes, open_client: ClientOpener) -> None:
    client = open_client(settings_for(indexed_data, max_mix_seconds=10))
    check_problem(send(client, mix), 422, "10 s")


def test_a_larger_upload_than_the_limit_is_told_the_limit(
    indexed_data: Path, mix: bytes, open_client: ClientOpener
) -> None:
    client = open_client(settings_for(indexed_data, max_upload_bytes=500_000))
    check_problem(send(client, mix), 413, "0.5 MB")


def test_without_an_index_the_command_is_named(tmp_path: Path, mix: bytes, open_client: ClientOpener) -> None:
    response = send(open_client(settings_for(tmp_path / "nothing")), mix)
    check_problem(response, 503, "counterpart index PATH")
    assert int(response.headers["retry-after"]) > 0
    assert not (tmp_path / "nothing").exists()


def test_without_its_database_an_index_is_no_use(
    own_data: Path, mix: bytes, open_client: ClientOpener
) -> None:
    (own_data / "counterpart.db").unlink()
    check_problem(send(open_client(settings_for(own_data)), mix), 503, "counterpart db upgrade")
