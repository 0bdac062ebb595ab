"""`counterpart match` as a person at a terminal meets it, and what both it and `counterpart serve` refuse."""

import json
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result
from starlette.testclient import TestClient

from audio.stems import StemType
from library.builds import CURRENT
from library.manifest import MANIFEST_FILE
from service.cli import match, serve
from service.resources import Resources, share_resources
from service.settings import ServiceSettings
from tests.databases import AWAY
from tests.fakes import FakeCard, FakeEmbedder
from tests.service.conftest import wav_bytes
from tests.songs import mix_waveform


def open_fake(settings: ServiceSettings) -> AbstractContextManager[Resources]:
    """Resources over a fake embedder."""
    return share_resources(settings, FakeEmbedder())


def run(command: click.Command, *arguments: str | Path) -> Result:
    """Run a command over a fake embedder."""
    return CliRunner().invoke(
        command, [str(each) for each in arguments], obj=open_fake, env={"COLUMNS": "160"}
    )


def check_refused(result: Result, *words: str) -> None:
    assert result.exit_code == 1, result.output
    assert result.output.startswith("Error: ")
    assert "Traceback" not in result.output
    for word in words:
        assert word in result.output


@pytest.fixture
def mix_file(tmp_path: Path, mix: bytes) -> Path:
    path = tmp_path / "my mix.wav"
    path.write_bytes(mix)
    return path


def test_match_shows_what_fits_best_first(mix_file: Path, indexed_data: Path) -> None:
    result = run(match, mix_file, "--type", "bass", "--data", indexed_data)
    assert result.exit_code == 0, result.output
    first = next(line for line in result.output.splitlines() if line.startswith("│    1 │"))
    assert "song-02/bass.wav" in first
    assert "100%" in first
    assert "my mix.wav" in result.output
    assert "fake 1" in result.output


def test_match_prints_the_same_json_as_the_endpoint(
    mix_file: Path, indexed_data: Path, client: TestClient
) -> None:
    options = ("--type", "bass", "--type", "drums", "--limit", "2", "--exclude-song", "song-00")
    printed = json.loads(run(match, mix_file, *options, "--json", "--data", indexed_data).output)
    query = "type=bass&type=drums&limit=2&exclude_song=song-00"
    answered = client.post(f"/match?{query}", files={"mix": ("my mix.wav", mix_file.read_bytes())}).json()
    for answer in (printed, answered):
        del answer["timings_ms"], answer["query"]["filename"]
    assert printed == answered


def test_match_asks_about_a_region(tmp_path: Path, indexed_data: Path) -> None:
    parts = [mix_waveform(song, StemType.BASS, 10) for song in (0, 3)]
    path = tmp_path / "two.wav"
    path.write_bytes(wav_bytes(np.concatenate(parts)))
    options = ("--type", "bass", "--start", "10", "--seconds", "8", "--json", "--data", indexed_data)
    answer = json.loads(run(match, path, *options).output)
    assert answer["matches"][0]["stem"]["song"] == "song-03"
    assert answer["matches"][0]["placement"]["mix_start"] >= 10


def test_match_lists_the_types_when_one_is_unknown(mix_file: Path, indexed_data: Path) -> None:
    check_refused(
        run(match, mix_file, "--type", "drum", "--data", indexed_data), "'drum'", "vocals", "harmony"
    )


def test_match_needs_a_type(mix_file: Path) -> None:
    result = run(match, mix_file)
    assert result.exit_code == 2
    assert "--type" in result.output


def test_match_without_an_index_names_the_command(mix_file: Path, tmp_path: Path) -> None:
    check_refused(
        run(match, mix_file, "--type", "bass", "--data", tmp_path / "none"), "counterpart index PATH"
    )


def test_match_tells_what_is_wrong_with_the_mix(tmp_path: Path, indexed_data: Path) -> None:
    path = tmp_path / "mix.wav"
    path.write_text("words " * 1000)
    check_refused(run(match, path, "--type", "bass", "--data", indexed_data), "not audio")
    path.write_bytes(wav_bytes(np.zeros(80_000, np.float32)))
    check_refused(run(match, path, "--type", "bass", "--data", indexed_data), "silent")


def test_match_without_the_mix_says_so(tmp_path: Path) -> None:
    result = run(match, tmp_path / "none.wav", "--type", "bass")
    assert result.exit_code == 2
    assert "does not exist" in result.output


@pytest.mark.parametrize("command", [match, serve])
def test_an_index_of_another_model_is_refused(command: click.Command, mix_file: Path, own_data: Path) -> None:
    manifest = own_data / CURRENT / MANIFEST_FILE
    manifest.write_text(manifest.read_text().replace(FakeCard().id, "other-2-ffffffff"))
    arguments: list[str | Path] = [mix_file, "--type", "bass"] if command is match else []
    check_refused(
        run(command, *arguments, "--data", own_data), "other-2-ffffffff", "counterpart index rebuild"
    )


def test_serve_with_a_folder_that_holds_no_model_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(serve, ["--data", str(tmp_path), "--model", str(tmp_path / "no-model")])
    check_refused(result, "no-model", "card.json")


def test_a_wrong_setting_is_named(mix_file: Path) -> None:
    arguments = [str(mix_file), "--type", "bass"]
    result = CliRunner().invoke(match, arguments, env={"COUNTERPART_MAX_INFERENCE": "none"})
    check_refused(result, "COUNTERPART_MAX_INFERENCE", ".env.example")


def test_match_without_its_database_says_so(mix_file: Path, indexed_data: Path) -> None:
    arguments = [str(mix_file), "--type", "bass", "--data", str(indexed_data)]
    environment = {"COUNTERPART_DATABASE_URL": AWAY, "COLUMNS": "160"}
    result = CliRunner().invoke(match, arguments, obj=open_fake, env=environment)
    check_refused(result, "The database fails: connection", "COUNTERPART_DATABASE_URL")
    assert "secret" not in result.output


def test_serve_refuses_a_limit_that_is_none(indexed_data: Path) -> None:
    arguments = ["--data", str(indexed_data)]
    result = CliRunner().invoke(serve, arguments, obj=open_fake, env={"COUNTERPART_RATE_LIMIT": "often"})
    check_refused(result, "COUNTERPART_RATE_LIMIT='often'", "60/minute")


def test_serve_says_what_spans_need(indexed_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # None in the place of a module is how Python itself marks one that cannot be imported.
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    environment = {"COUNTERPART_OTLP_ENDPOINT": "http://127.0.0.1:1/v1/traces"}
    result = CliRunner().invoke(serve, ["--data", str(indexed_data)], obj=open_fake, env=environment)
    check_refused(result, "COUNTERPART_OTLP_ENDPOINT", "counterpart[tracing]")


def test_the_command_line_wins_over_the_environment(
    mix_file: Path, indexed_data: Path, tmp_path: Path
) -> None:
    environment = {"COUNTERPART_DATA": str(tmp_path / "nothing")}
    seen: list[ServiceSettings] = []

    def note(settings: ServiceSettings):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as share_resources
        seen.append(settings)
        return share_resources(settings, FakeEmbedder())

    arguments = [str(mix_file), "--type", "bass", "--data", str(indexed_data)]
    assert CliRunner().invoke(match, arguments, obj=note, env=environment).exit_code == 0
    assert seen[0].data == indexed_data


@pytest.mark.parametrize("command", [match, serve])
def test_commands_show_an_example(command: click.Command) -> None:
    assert "Example: counterpart" in CliRunner().invoke(command, ["--help"]).output


def test_match_takes_the_filters_of_the_endpoint(mix_file: Path, indexed_data: Path) -> None:
    result = run(match, mix_file, "--type", "bass", "--song", "song-03", "--json", "--data", indexed_data)
    assert result.exit_code == 0, result.output
    assert [each["stem"]["song"] for each in json.loads(result.output)["matches"]] == ["song-03"]


@pytest.mark.parametrize(
    ("options", "words"),
    [(("--key", "H minor"), "is not a key"), (("--min-bpm", "120", "--max-bpm", "90"), "more than max_bpm")],
)
def test_match_refuses_a_filter_that_cannot_be(
    mix_file: Path, indexed_data: Path, options: tuple[str, ...], words: str
) -> None:
    check_refused(run(match, mix_file, "--type", "bass", *options, "--data", indexed_data), words)


@pytest.mark.parametrize("option", ["--start", "--seconds"])
def test_match_refuses_what_is_no_number(mix_file: Path, indexed_data: Path, option: str) -> None:
    result = run(match, mix_file, "--type", "bass", "--data", indexed_data, option, "nan")
    assert result.exit_code == 2
    assert "no number" in result.output
