"""Reading is open unless the operator says otherwise; changing always needs a key; nobody asks too often."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from library.api_keys import ApiKey, ApiKeys, Scope
from library.database import close_sessions, open_sessions
from service.access import KNOWN_SECONDS, KnownKeys, address_of, is_open
from service.app import create_app
from service.decoders import Decoders
from service.dependencies import get_catalogue
from service.rates import RateLimitSettingError, Rates
from service.resources import share_resources
from service.settings import ServiceSettings
from tests.databases import AWAY
from tests.fakes import FakeEmbedder
from tests.service.conftest import ClientOpener, settings_for
from tests.service.test_match_refusals import check_problem

# A window that ends between two requests lets one more through: of a day's, that hardly happens.
LONG = "day"

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def make_key(own_data: Path) -> Callable[[Scope], str]:
    def make(scope: Scope) -> str:
        sessions = open_sessions(settings_for(own_data).catalogue_url)
        with sessions.begin() as session:
            text = ApiKeys(session).create("test", [scope], NOW).text
        close_sessions(sessions)
        return text

    return make


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def test_reading_is_open_by_default_and_a_wrong_key_is_still_wrong(client: TestClient) -> None:
    assert client.get("/types").status_code == 200
    response = client.get("/types", headers=bearer("cp_000000000000_" + "x" * 32))
    check_problem(response, 401, "not known")
    assert response.headers["www-authenticate"] == "Bearer"
    check_problem(client.get("/types", headers=bearer("x" * 5000)), 401, "not known")


def test_where_keys_are_required_nothing_is_read_without_one(
    own_data: Path, open_client: ClientOpener, make_key: Callable[[Scope], str], mix: bytes
) -> None:
    client = open_client(settings_for(own_data, require_key=True))
    for path in ("/types", "/stems", "/stems/0000000000000000", "/nothing"):
        check_problem(client.get(path), 401, "needs an API key")
    check_problem(client.post("/match?type=bass", files={"mix": mix}), 401)
    for path in ("/livez", "/readyz", "/metrics", "/version", "/openapi.json", "/docs"):
        assert client.get(path).status_code == 200, path
    key = bearer(make_key("read"))
    assert client.get("/types", headers=key).status_code == 200
    assert client.post("/match?type=bass", files={"mix": mix}, headers=key).status_code == 200


def test_changing_needs_a_key_that_may_write(
    own_data: Path, open_client: ClientOpener, make_key: Callable[[Scope], str]
) -> None:
    client = open_client(settings_for(own_data))
    stem = client.get("/stems").json()["stems"][0]["id"]
    check_problem(client.delete(f"/stems/{stem}"), 401, "Authorization: Bearer")
    check_problem(client.delete(f"/stems/{stem}", headers=bearer(make_key("read"))), 403, "write")
    assert client.get(f"/stems/{stem}").status_code == 200
    assert client.delete(f"/stems/{stem}", headers=bearer(make_key("write"))).status_code == 204


def test_a_revoked_key_is_refused_within_half_a_minute() -> None:
    clock, asked = [0.0], list[str]()
    held: dict[str, ApiKey] = {"k": ApiKey("1", "n", frozenset({"read"}), NOW)}

    def find(text: str) -> ApiKey | None:
        asked.append(text)
        return held.get(text)

    known = KnownKeys(find, lambda: clock[0])
    assert known("k") == held["k"]
    held.clear()
    assert known("k") is not None
    assert asked == ["k"]
    clock[0] = KNOWN_SECONDS
    assert known("k") is None


def test_without_its_database_a_key_cannot_be_checked(own_data: Path, open_client: ClientOpener) -> None:
    (own_data / "counterpart.db").unlink()
    client = open_client(settings_for(own_data))
    response = client.get("/types", headers=bearer("cp_000000000000_" + "x" * 32))
    check_problem(response, 503, "database")
    assert int(response.headers["retry-after"]) > 0


def test_tables_that_are_missing_are_told_alike_with_and_without_a_key(
    tmp_path: Path, open_client: ClientOpener
) -> None:
    client = open_client(settings_for(tmp_path))
    without = client.get("/stems")
    keyed = client.get("/stems", headers=bearer("cp_000000000000_" + "x" * 32))
    problems = [check_problem(each, 503, "Run: counterpart db upgrade") for each in (without, keyed)]
    assert {each["type"] for each in problems} == {"urn:counterpart:problem:unusable-database"}
    assert problems[0]["detail"] == problems[1]["detail"]
    assert without.headers["retry-after"] == keyed.headers["retry-after"]


def test_a_database_that_is_away_is_told_alike_with_and_without_a_key(
    indexed_data: Path, open_client: ClientOpener
) -> None:
    client = open_client(settings_for(indexed_data, database_url=AWAY))
    keyed = client.get("/stems", headers=bearer("cp_000000000000_" + "x" * 32))
    for response in (client.get("/stems"), keyed):
        problem = check_problem(response, 503, "Try again in a few seconds")
        assert problem["type"] == "urn:counterpart:problem:database-failed"


def test_whoever_asks_too_often_is_told_when_to_come_back(
    indexed_data: Path, open_client: ClientOpener
) -> None:
    client = open_client(settings_for(indexed_data, rate_limit=f"3/{LONG}"))
    answers = [client.get("/types") for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 200]
    assert answers[0].headers["ratelimit-policy"] == '"default";q=3;w=86400'
    assert answers[0].headers["ratelimit"].startswith('"default";r=2;t=')
    refused = client.get("/types")
    check_problem(refused, 429, f"3/{LONG}")
    assert 1 <= int(refused.headers["retry-after"]) <= 86_400
    assert client.get("/livez").status_code == 200


def test_guessing_keys_is_counted(indexed_data: Path, open_client: ClientOpener) -> None:
    client = open_client(settings_for(indexed_data, rate_limit=f"2/{LONG}"))
    statuses = [client.get("/types", headers=bearer(f"guess-{n}")).status_code for n in range(3)]
    assert statuses == [401, 401, 429]


def test_everybody_has_a_limit_of_their_own() -> None:
    rates = Rates(f"1/{LONG}")
    assert rates.count("a").allowed
    assert rates.count("b").allowed
    assert not rates.count("a").allowed
    assert Rates("").count("a").headers() == {}


def test_a_limit_that_is_none_is_refused() -> None:
    with pytest.raises(RateLimitSettingError, match="60/minute"):
        Rates("often")


def test_addresses_of_one_network_count_as_one() -> None:
    assert address_of({"client": ("2001:db8:1:2:3:4:5:6", 1)}) == address_of(
        {"client": ("2001:db8:1:2:9::1", 1)}
    )
    assert address_of({"client": ("192.0.2.1", 1)}) == "192.0.2.1"
    assert address_of({}) == "unknown"


def test_only_what_is_meant_to_be_open_is_open() -> None:
    assert is_open("/docs/assets/swagger-ui.css")
    assert not is_open("/docsx")
    assert not is_open("/stems")


def test_other_origins_may_ask_only_where_the_operator_says_so(
    indexed_data: Path, open_client: ClientOpener
) -> None:
    origin = {"Origin": "https://studio.example", "Access-Control-Request-Method": "POST"}
    closed, opened = (
        open_client(settings_for(indexed_data, cors_origins=origins))
        for origins in ("", "https://other.example, https://studio.example")
    )
    assert "access-control-allow-origin" not in closed.get("/types", headers=origin).headers
    answer = opened.get("/types", headers=origin)
    assert answer.headers["access-control-allow-origin"] == "https://studio.example"
    assert "X-Request-ID" in answer.headers["access-control-expose-headers"]
    assert opened.options("/match", headers=origin).status_code == 200


def test_other_origins_may_read_of_an_error_on_our_side_too(indexed_data: Path, decoders: Decoders) -> None:
    settings = settings_for(indexed_data, cors_origins="https://studio.example")
    app = create_app(
        settings, open_resources=lambda chosen: share_resources(chosen, FakeEmbedder(), decoders)
    )

    def fail() -> None:
        raise RuntimeError("a mistake")

    app.dependency_overrides[get_catalogue] = fail
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/stems", headers={"Origin": "https://studio.example"})
    assert answer.status_code == 500
    assert answer.headers["access-control-allow-origin"] == "https://studio.example"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_browser_is_told_to_do_nothing_but_show(client: TestClient) -> None:
    data, page = client.get("/types"), client.get("/docs")
    for answer in (data, page, client.get("/nothing")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
    assert data.headers["content-security-policy"].startswith("default-src 'none'")
    assert "script-src 'self' 'unsafe-inline'" in page.headers["content-security-policy"]


def test_the_settings_are_checked() -> None:
    with pytest.raises(ValidationError):
        ServiceSettings.model_validate({"require_key": "perhaps"})
