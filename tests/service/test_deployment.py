"""The image and the compose file agree with the product: paths, ports, commands, and what may be left out."""

import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from service.cli import serve

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
    final = dockerfile[dockerfile.rindex("\nFROM ") :]
    assert re.search(r"^USER counterpart$", final, re.MULTILINE)
    (address,) = re.findall(r"http://127\.0\.0\.1:8000(/\w+)", final)
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
