"""Alive, ready, and which version: what a balancer and an operator ask."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.testclient import TestClient

from service.app import create_app
from service.resources import Resources, share_resources
from service.settings import ServiceSettings
from tests.fakes import FakeCard, FakeEmbedder
from tests.service.conftest import SONGS, ClientOpener, index, settings_for


def failed_checks(client: TestClient) -> dict[str, str]:
    answer = client.get("/readyz").json()
    return {check["name"]: check["detail"] for check in answer["checks"] if not check["ok"]}


def test_a_whole_service_is_ready(client: TestClient) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["status"] == "ready"
    assert [check["name"] for check in response.json()["checks"]] == [
        "database",
        "build",
        "model",
        "provider",
        "decoders",
    ]
    assert failed_checks(client) == {}


def test_without_an_index_it_is_alive_but_not_ready(tmp_path: Path, open_client: ClientOpener) -> None:
    client = open_client(settings_for(tmp_path))
    assert client.get("/livez").json() == {"status": "alive"}
    response = client.get("/readyz")
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert set(failed_checks(client)) == {"database", "build"}
    assert "counterpart index PATH" in failed_checks(client)["build"]
    assert "counterpart db upgrade" in failed_checks(client)["database"]


def test_a_first_index_makes_it_ready(tmp_path: Path, stems_folder: Path, open_client: ClientOpener) -> None:
    client = open_client(settings_for(tmp_path / "data"))
    assert client.get("/readyz").status_code == 503
    index(stems_folder, tmp_path / "data")
    assert client.get("/readyz").status_code == 200


def test_a_database_that_cannot_be_reached_is_not_ready(
    indexed_data: Path, open_client: ClientOpener
) -> None:
    url = "postgresql+psycopg://someone:secret@127.0.0.1:1/none"
    client = open_client(settings_for(indexed_data, database_url=url))
    assert "cannot be reached" in failed_checks(client)["database"]
    assert "secret" not in client.get("/readyz").text


def test_a_model_on_another_device_is_not_ready(indexed_data: Path, open_client: ClientOpener) -> None:
    """The fake runs on the CPU whatever it is asked."""
    client = open_client(settings_for(indexed_data, device="cuda"))
    assert "CPUExecutionProvider" in failed_checks(client)["provider"]


def test_the_graphs_have_run_before_the_first_request(settings: ServiceSettings) -> None:
    asked: list[int] = []

    class NotingEmbedder(FakeEmbedder):
        def embed_context(self, waveform):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - as in the fake
            asked.append(len(waveform))
            return super().embed_context(waveform)

    app = create_app(settings, open_resources=lambda chosen: share_resources(chosen, NotingEmbedder()))
    with TestClient(app):
        assert asked == [FakeCard().window_samples]


def test_the_version_names_product_model_and_build(client: TestClient) -> None:
    answer = client.get("/version").json()
    assert answer["name"] == "counterpart"
    assert answer["model"] == FakeCard().id
    assert answer["provider"] == "CPUExecutionProvider"
    assert answer["build"] == client.get("/types").json()["build"]


def test_the_types_are_counted(client: TestClient) -> None:
    answer = client.get("/types").json()
    counts = {each["type"]: (each["stems"], each["windows"]) for each in answer["types"]}
    assert list(counts) == ["drums", "bass", "vocals", "guitar", "keys", "strings", "wind", "synth", "other"]
    assert counts["bass"] == (SONGS, 4 * SONGS)
    assert counts["vocals"] == (0, 0)
    groups = {each["group"]: each["types"] for each in answer["groups"]}
    assert groups["harmony"] == ["guitar", "keys", "strings", "wind", "synth", "other"]
    assert len(groups["any"]) == 9


def test_the_types_are_listed_before_anything_is_indexed(tmp_path: Path, open_client: ClientOpener) -> None:
    answer = open_client(settings_for(tmp_path)).get("/types").json()
    assert answer["build"] is None
    assert {each["stems"] for each in answer["types"]} == {0}


def test_resources_are_closed_when_the_service_stops(settings: ServiceSettings) -> None:
    events: list[str] = []

    @contextmanager
    def open_noting(chosen: ServiceSettings) -> Iterator[Resources]:
        with share_resources(chosen, FakeEmbedder()) as resources:
            events.append("open")
            yield resources
        events.append("closed")

    with TestClient(create_app(settings, open_resources=open_noting)):
        assert events == ["open"]
    assert events == ["open", "closed"]
