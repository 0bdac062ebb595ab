"""Every request leaves a line in the log and an entry in the metrics, with the same id and no surprises."""

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from service.logs import FIELDS, REQUEST_ID, JsonFormatter, configure_logging
from tests.fakes import FakeCard


@pytest.fixture
def kept_logging() -> Iterator[None]:
    """Logging as it was, afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    access = logging.getLogger("uvicorn.access").disabled
    yield
    root.handlers[:], root.level = handlers, level
    logging.getLogger("uvicorn.access").disabled = access


def values(text: str, name: str) -> dict[str, float]:
    """Value by labels of one metric."""
    return {
        labels: float(value)
        for labels, value in re.findall(rf"^{name}(\{{.*\}})? (\S+)$", text, re.MULTILINE)
    }


def test_a_match_is_counted_with_all_its_steps(client: TestClient, mix: bytes) -> None:
    assert client.post("/match?type=bass", files={"mix": mix}).status_code == 200
    assert client.get("/stems/0000000000000000").status_code == 404
    assert client.get("/no/such/path").status_code == 404
    text = client.get("/metrics").text
    steps = values(text, "counterpart_step_seconds_count")
    for step in ("upload", "decode", "context", "predict", "search", "duplicates", "metadata"):
        assert steps[f'{{step="{step}"}}'] == 1, step
    requests = values(text, "counterpart_request_seconds_count")
    assert requests['{method="POST",route="/match",status="200"}'] == 1
    assert requests['{method="GET",route="/stems/{stem_id}",status="404"}'] == 1
    assert requests['{method="other",route="other",status="404"}'] == 1
    assert values(text, "counterpart_problems_total")['{kind="unknown-stem"}'] == 1


def test_the_state_is_told(client: TestClient) -> None:
    text = client.get("/metrics").text
    (labels,) = values(text, "counterpart_info")
    assert FakeCard().id in labels
    assert client.get("/version").json()["build"] in labels
    for name in ("in_flight", "queue_depth", "inference_busy", "decoding_busy", "recent_mixes_bytes"):
        assert values(text, f"counterpart_{name}") == {"": 0.0}, name
    assert values(text, "counterpart_queue_limit") == {"": 18.0}


def test_one_line_tells_all_of_a_request(
    client: TestClient, mix: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "counterpart.request"):
        client.post("/match?type=bass", files={"mix": mix}, headers={"X-Request-ID": "find-me"})
        client.get("/livez")
    (record,) = [each for each in caplog.records if each.name == "counterpart.request"]
    fields = getattr(record, FIELDS)
    assert (fields["method"], fields["path"], fields["status"]) == ("POST", "/match", 200)
    assert set(fields["steps_ms"]) >= {"upload", "decode", "context", "search"}


def test_json_lines_are_json_and_carry_the_request(kept_logging: None) -> None:
    stream = io.StringIO()
    configure_logging("json", stream)
    token = REQUEST_ID.set("find-me")
    try:
        logging.getLogger("some.where").warning("It is %s.\n", "odd", extra={FIELDS: {"status": 503}})
        try:
            dict[str, str]()["mix"]
        except KeyError:
            logging.getLogger("some.where").exception("Failed.")
    finally:
        REQUEST_ID.reset(token)
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["level"], first["message"], first["status"]) == ("warning", "It is odd.\n", 503)
    assert first["request_id"] == "find-me"
    assert "KeyError: 'mix'" in second["exception"]


def test_text_lines_are_for_eyes(kept_logging: None) -> None:
    stream = io.StringIO()
    configure_logging("text", stream)
    logging.getLogger("some.where").info("It works.")
    assert stream.getvalue().endswith("INFO some.where It works.\n")


def test_a_json_line_is_one_line_whatever_is_in_it() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "a\nb", None, None)
    record.fields = {"path": Path("/a"), "odd": "\u2028"}
    assert len(JsonFormatter().format(record).splitlines()) <= 2
    assert json.loads(JsonFormatter().format(record))["path"] == "/a"
