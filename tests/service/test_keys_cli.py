"""Keys are made, listed and revoked at the terminal."""

from pathlib import Path

from click.testing import CliRunner

from library.database import upgrade
from service.keys_cli import keys
from tests.databases import AWAY
from tests.service.conftest import settings_for


def run(data: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(keys, [*arguments, "--data", str(data)])
    return result.exit_code, result.output


def test_a_key_lives_from_create_to_revoke(tmp_path: Path) -> None:
    upgrade(settings_for(tmp_path).catalogue_url)
    code, made = run(tmp_path, "create", "batch job", "--scope", "write")
    assert code == 0
    text = made.splitlines()[0]
    identifier = text[3:15]
    code, listed = run(tmp_path, "list")
    assert code == 0
    assert identifier in listed
    assert text not in listed
    code, revoked = run(tmp_path, "revoke", identifier)
    assert code == 0
    assert "is revoked" in revoked


def test_a_database_that_is_away_is_one_line(tmp_path: Path) -> None:
    arguments = ["list", "--data", str(tmp_path)]
    result = CliRunner().invoke(keys, arguments, env={"COUNTERPART_DATABASE_URL": AWAY})
    assert result.exit_code == 1
    assert result.output.startswith("Error: The database fails: connection")
    assert "COUNTERPART_DATABASE_URL" in result.output
    assert "secret" not in result.output


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    code, told = run(tmp_path, "list")
    assert code == 1
    assert "counterpart db upgrade" in told
    upgrade(settings_for(tmp_path).catalogue_url)
    code, told = run(tmp_path, "revoke", "nothing")
    assert code == 1
    assert "counterpart keys list" in told
