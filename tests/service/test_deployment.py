"""The image and the compose file agree with the product: paths, ports, commands, and what may be left out."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from starlette.testclient import TestClient

from service.batched_embedder import GPU_BATCH
from service.cli import serve
from service.settings import ServiceSettings

ROOT = Path(__file__).resolve().parents[2]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_image_is_built_from_everything_that_is_in_the_wheel() -> None:
    wheel = tomllib.loads(read("pyproject.toml"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    sent = set(re.findall(r"^!(\S+)$", read(".dockerignore"), re.MULTILINE))
    assert {*wheel["packages"], *wheel["force-include"]} <= sent
    assert {"pyproject.toml", "README.md", "LICENSE"} <= sent


def test_the_image_has_no_torch() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    assert not [each for each in project["dependencies"] if re.match(r"torch|onnx\b|onnxscript", each)]
    assert "[train]" not in read("Dockerfile")


def test_the_image_runs_as_nobody_special_and_watches_itself(client: TestClient) -> None:
    dockerfile = read("Dockerfile")
    runtime = dockerfile[dockerfile.index(" AS runtime") : dockerfile.index("\nFROM runtime")]
    assert re.search(r"^USER counterpart$", runtime, re.MULTILINE)
    assert re.findall(r"^FROM runtime AS (\w+)$", dockerfile, re.MULTILINE) == ["gpu", "cpu"]
    assert dockerfile.count("\nUSER ") == 1
    (address,) = re.findall(r"http://127\.0\.0\.1:8000(/\w+)", runtime)
    assert client.get(address).status_code == 200


def test_the_images_command_exists() -> None:
    (command,) = re.findall(r"^CMD \[(.*)\]$", read("Dockerfile"), re.MULTILINE)
    options = re.findall(r"--[a-z]+", command)
    shown = CliRunner().invoke(serve, ["--help"]).output
    assert options
    assert all(option in shown for option in options)


@pytest.mark.parametrize(
    "line", ["read_only: true", "cap_drop: [ALL]", "profiles: [index]", '"127.0.0.1:8000:8000"']
)
def test_the_compose_file_keeps_its_promises(line: str) -> None:
    assert line in read("docker-compose.yml")


def test_the_data_lie_where_the_image_looks_for_them() -> None:
    assert "COUNTERPART_DATA=/data" in read("Dockerfile")
    assert "- data:/data" in read("docker-compose.yml")


def compose(name: str) -> dict[str, Any]:
    read_file: dict[str, Any] = yaml.safe_load(read(name))
    return read_file


def test_the_tables_are_made_once_and_before_anything_reads_them() -> None:
    services = compose("docker-compose.yml")["services"]
    assert services["migrate"]["command"] == ["counterpart", "db", "upgrade"]
    assert services["migrate"]["restart"] == "no"
    for name in ("api", "index"):
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_the_indexer_looks_at_what_was_sent_as_well() -> None:
    files = compose("docker-compose.yml")
    uploads = ServiceSettings(data=Path(files["x-counterpart"]["environment"]["COUNTERPART_DATA"])).uploads
    command = files["services"]["index"]["command"]
    assert command == ["counterpart", "index", "/stems", str(uploads)]
    assert " ".join(command) in read("docs/operations.md")


def test_only_what_serves_is_asked_whether_it_does() -> None:
    services = compose("docker-compose.yml")["services"]
    unwatched = {name for name, each in services.items() if each.get("healthcheck", {}).get("disable")}
    ours = {name for name, each in services.items() if "counterpart:local" in each["image"]}
    assert ours - unwatched == {"api"}


def test_the_database_is_ready_when_it_is_for_others_as_well() -> None:
    health = compose("docker-compose.yml")["services"]["database"]["healthcheck"]["test"]
    assert "pg_isready -h 127.0.0.1 " in health[1]


def test_a_container_has_room_for_all_uploads_that_are_let_in_and_their_copies() -> None:
    settings, files = ServiceSettings(), compose("docker-compose.yml")
    (temporary,) = files["x-counterpart"]["tmpfs"]
    gigabytes = re.search(r":size=(\d+)g,", temporary)
    assert gigabytes is not None
    room = int(gigabytes[1]) << 30
    assert settings.upload_budget_bytes + settings.decoders * settings.max_upload_bytes <= room
    memory = int(files["services"]["api"]["mem_limit"].removesuffix("g")) << 30
    decoders = settings.decoders * settings.decode_memory_bytes
    places = settings.decoders + settings.max_inference
    mixes = places * (round(settings.max_mix_seconds) * 64_000 + 100_000_000)
    assert room + decoders + mixes + settings.cache_bytes < memory - 1_000_000_000  # networks and indexes


def test_only_this_machine_reaches_what_is_published() -> None:
    services = compose("docker-compose.yml")["services"].values()
    assert all(port.startswith("127.0.0.1:") for each in services for port in each.get("ports", ()))


@pytest.mark.parametrize("service", ["migrate", "api", "index"])
def test_every_setting_reaches_the_containers_and_no_other(service: str) -> None:
    environment = compose("docker-compose.yml")["services"][service]["environment"]
    wanted = {f"COUNTERPART_{name.upper()}" for name in ServiceSettings.model_fields}
    assert set(environment) == {*wanted, "FORWARDED_ALLOW_IPS", "PGPASSWORD"}
    # Without a value here Compose takes that of the shell or of .env, or leaves the image's alone.
    assert {name for name, value in environment.items() if value is not None} == {
        *("COUNTERPART_DATA", "COUNTERPART_DATABASE_URL", "PGPASSWORD")
    }


def test_a_password_may_hold_what_a_url_may_not() -> None:
    services = compose("docker-compose.yml")["services"]
    told = {name: services[name]["environment"] for name in ("migrate", "api", "index")}
    for environment in told.values():
        assert environment["PGPASSWORD"] == services["database"]["environment"]["POSTGRES_PASSWORD"]
        assert "$" not in environment["COUNTERPART_DATABASE_URL"]


def test_what_the_files_of_the_deployment_set_is_what_the_settings_take() -> None:
    shared = compose("docker-compose.yml")["x-counterpart"]["environment"]
    gpu = [each.get("environment", {}) for each in compose("docker-compose.gpu.yml")["services"].values()]
    image = dict(re.findall(r"COUNTERPART_(\w+)=(\S+)", read("Dockerfile")))
    assert {name for each in gpu for name in each} <= set(shared)
    assert {name.lower() for name in image} <= set(ServiceSettings.model_fields)
    ServiceSettings.model_validate({name.lower(): value for name, value in image.items()})


def test_the_gpu_has_as_many_places_as_mixes_in_a_batch_unless_the_operator_says_otherwise() -> None:
    environment = compose("docker-compose.gpu.yml")["services"]["api"]["environment"]
    assert environment["COUNTERPART_MAX_INFERENCE"] == f"${{COUNTERPART_MAX_INFERENCE:-{GPU_BATCH}}}"


def test_the_manual_names_the_volume_that_there_is() -> None:
    files = compose("docker-compose.yml")
    volumes = {f"{files['name']}_{volume}" for volume in files["volumes"]}
    named = set(re.findall(r"-v (\w+):/data", read("docs/operations.md")))
    assert named == {"counterpart_data"}
    assert named <= volumes


def test_both_images_can_send_spans() -> None:
    tracing = tomllib.loads(read("pyproject.toml"))["project"]["optional-dependencies"]["tracing"]
    assert "['optional-dependencies']['tracing']" in read("Dockerfile")
    assert set(tracing) <= set(read("requirements-gpu.txt").splitlines())


def test_the_service_has_time_to_finish_what_runs() -> None:
    grace = compose("docker-compose.yml")["services"]["api"]["stop_grace_period"]
    assert float(grace.removesuffix("s")) > ServiceSettings().answer_seconds + 1


def test_the_gpu_image_differs_in_its_wheels_only() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    cpu = project["dependencies"] + project["optional-dependencies"]["tracing"]
    gpu = [line for line in read("requirements-gpu.txt").splitlines() if not line.startswith("#")]
    differing = set(cpu) ^ set(gpu)
    assert {re.split(r"[\[<>=]", each)[0] for each in differing} == {
        *("faiss-cpu", "faiss-gpu", "onnxruntime", "onnxruntime-gpu")
    }
    services = compose("docker-compose.gpu.yml")["services"]
    assert {each["build"]["target"] for each in services.values()} == {"gpu"}


def test_alerts_and_panels_ask_for_metrics_that_there_are(client: TestClient, mix: bytes) -> None:
    client.post("/match?type=bass", files={"mix": mix})
    client.get("/stems/0000000000000000")
    offered = set(re.findall(r"^(\w+?)(?:\{| )", client.get("/metrics").text, re.MULTILINE))
    rules = [rule for group in compose("deploy/alerts.yml")["groups"] for rule in group["rules"]]
    panels = json.loads(read("deploy/grafana/dashboards/counterpart.json"))["panels"]
    asked = [rule["expr"] for rule in rules] + [each["expr"] for panel in panels for each in panel["targets"]]
    names = {name for text in asked for name in re.findall(r"(?:counterpart|process)_\w+", text)}
    assert names <= offered


def test_every_alert_is_explained() -> None:
    manual = read("docs/operations.md")
    rules = [rule for group in compose("deploy/alerts.yml")["groups"] for rule in group["rules"]]
    assert len(rules) >= 6
    assert all(f"`{rule['alert']}`" in manual for rule in rules)
