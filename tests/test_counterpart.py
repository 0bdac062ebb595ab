"""The `counterpart` command as a whole: what is there says what it does, and loads only what it needs."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from counterpart import COMMANDS, cli
from indexer.command_options import STOPPED, Collaborators
from indexer.embed import StemEmbedder
from library.settings import Settings
from tests.databases import AWAY

ROOT = Path(__file__).parent.parent


def _walk(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None
            yield from _walk(found, f"{name} {child}")


ALL_COMMANDS = dict(_walk(cli, "counterpart"))


@pytest.mark.parametrize("name", ALL_COMMANDS)
def test_every_command_says_what_it_does(name: str) -> None:
    assert ALL_COMMANDS[name].help


@pytest.mark.parametrize(
    "name", [name for name, one in ALL_COMMANDS.items() if not isinstance(one, click.Group)]
)
def test_every_command_gives_an_example_that_begins_with_its_name(name: str) -> None:
    assert f"Example: {name.replace(' index add', ' index')}" in (ALL_COMMANDS[name].help or "")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_group_is_in_the_readme(name: str) -> None:
    text = (ROOT / "README.md").read_text() + (ROOT / "Makefile").read_text()
    assert f"counterpart {name}" in text


def test_help_lists_every_command_with_a_line() -> None:
    result = CliRunner().invoke(cli, ["--help"])
    assert result.exit_code == 0
    for name in [*COMMANDS, "demo", "db"]:
        assert f"\n  {name} " in result.output


def test_an_unknown_command_is_refused_by_name() -> None:
    result = CliRunner().invoke(cli, ["sing"])
    assert result.exit_code == 2
    assert "No such command 'sing'" in result.output


@pytest.mark.parametrize("name", ["index", "match", "serve"])
def test_commands_that_serve_and_index_load_no_pytorch(name: str) -> None:
    program = f"""
import sys
from click.testing import CliRunner
from counterpart import cli
assert CliRunner().invoke(cli, [{name!r}, "--help"]).exit_code == 0
sys.exit("torch" in sys.modules)
"""
    assert subprocess.call([sys.executable, "-c", program], cwd=ROOT) == 0  # noqa: S603 - our own program


def test_db_upgrade_creates_the_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERPART_DATA", str(tmp_path / "data"))
    first = CliRunner().invoke(cli, ["db", "upgrade"])
    again = CliRunner().invoke(cli, ["db", "upgrade"])
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert (tmp_path / "data" / "counterpart.db").exists()


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"COUNTERPART_DATABASE_URL": AWAY}, ("The database fails: connection", "COUNTERPART_DATABASE_URL")),
        ({"COUNTERPART_DEVICE": "gpu"}, ("COUNTERPART_DEVICE", "'cpu' or 'cuda'", ".env.example")),
    ],
)
def test_db_upgrade_says_in_a_line_what_is_wrong(
    tmp_path: Path, environment: dict[str, str], words: tuple[str, ...]
) -> None:
    environment = {"COUNTERPART_DATA": str(tmp_path / "data"), **environment}
    result = CliRunner().invoke(cli, ["db", "upgrade"], env=environment)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1
    assert all(word in result.output for word in words)
    assert "secret" not in result.output


def test_db_upgrade_leaves_a_database_of_a_newer_version_alone(tmp_path: Path) -> None:
    environment = {"COUNTERPART_DATA": str(tmp_path)}
    CliRunner().invoke(cli, ["db", "upgrade"], env=environment)
    with closing(sqlite3.connect(tmp_path / "counterpart.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = 'of_tomorrow'")
        database.commit()
    result = CliRunner().invoke(cli, ["db", "upgrade"], env=environment)
    assert result.exit_code == 1
    assert "of_tomorrow, which a newer version made" in result.output


def test_db_upgrade_says_where_no_folder_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    environment = {"COUNTERPART_DATA": str(tmp_path / "file" / "data")}
    result = CliRunner().invoke(cli, ["db", "upgrade"], env=environment)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {tmp_path / 'file' / 'data'} cannot be made (")


def test_db_upgrade_goes_where_the_other_commands_are_told_to_look(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["db", "upgrade", "--data", str(tmp_path / "other")])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "other" / "counterpart.db").is_file()
    listed = CliRunner().invoke(cli, ["keys", "list", "--data", str(tmp_path / "other")])
    assert listed.exit_code == 0, listed.output


def test_a_demo_that_is_stopped_while_it_indexes_is_not_served(tmp_path: Path) -> None:
    def stop(_: Settings) -> StemEmbedder:
        raise KeyboardInterrupt

    (tmp_path / "song").mkdir()
    soundfile.write(tmp_path / "song" / "drums.wav", np.ones(32_000, np.float32) / 2, 16_000)
    arguments = ["demo", "--folder", str(tmp_path), "--data", str(tmp_path / "data")]
    result = CliRunner().invoke(cli, arguments, obj=Collaborators(open_embedder=stop))
    assert result.exit_code == STOPPED
    assert "answers at" not in result.output


def test_demo_refuses_a_folder_that_is_not_there() -> None:
    result = CliRunner().invoke(cli, ["demo", "--folder", "no-such-folder"])
    assert result.exit_code == 2
    assert "no-such-folder" in result.output
