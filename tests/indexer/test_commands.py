"""A group whose first argument may be a path."""

import click
import pytest
from click.testing import CliRunner

from indexer.commands import PathsFirstGroup


@click.group(cls=PathsFirstGroup)
def group() -> None:
    """A group."""


@group.command()
@click.argument("paths", nargs=-1)
@click.option("--loud", is_flag=True)
def add(paths: tuple[str, ...], *, loud: bool) -> None:
    click.echo(f"add {paths} {loud}")


@group.command()
def status() -> None:
    click.echo("status")


@pytest.mark.parametrize(
    ("args", "output"),
    [
        (["a/path"], "add ('a/path',) False"),
        (["a", "b", "--loud"], "add ('a', 'b') True"),
        (["--loud", "a"], "add ('a',) True"),
        (["add", "a"], "add ('a',) False"),
        (["./status"], "add ('./status',) False"),
        (["--", "-odd-name"], "add ('-odd-name',) False"),
        (["status"], "status"),
    ],
)
def test_what_is_no_command_is_a_path(args: list[str], output: str) -> None:
    assert CliRunner().invoke(group, args).output.strip() == output


def test_help_is_the_groups() -> None:
    assert "PATH… | COMMAND" in CliRunner().invoke(group, ["--help"]).output
