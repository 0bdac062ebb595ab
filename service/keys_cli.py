"""`counterpart keys`: who may use the API."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from library.api_keys import SCOPES, ApiKeys, UnknownApiKeyError
from library.database import (
    DATABASE_FAILURES,
    Sessions,
    WrongRevisionError,
    check_revision,
    close_sessions,
    explain_failure,
    open_sessions,
)
from service.cli import read_settings

data_option = click.option(
    "--data", type=click.Path(path_type=Path), help="Folder of the index.  [default: data]"
)


@click.group()
def keys() -> None:
    """Create, list and revoke API keys.

    Example: counterpart keys create "batch job" --scope read
    """


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    default=["read"],
    show_default=True,
    help="What the key allows; write includes read.",
)
@data_option
def create(name: str, scopes: tuple[Any, ...], data: Path | None) -> None:
    """Make a key called NAME and print it, this once.

    Example: counterpart keys create "batch job" --scope write
    """
    with opened_sessions(data) as sessions, sessions.begin() as session:
        made = ApiKeys(session).create(name, scopes, datetime.now(UTC))
    click.echo(made.text)
    click.echo("It is shown only now. Send it as: Authorization: Bearer KEY", err=True)


@keys.command(name="list")
@data_option
def list_keys(data: Path | None) -> None:
    """Show all keys, without what would let anybody use them.

    Example: counterpart keys list
    """
    with opened_sessions(data) as sessions, sessions() as session:
        found = ApiKeys(session).list_keys()
    table = Table("id", "name", "scopes", "created", "revoked")
    for key in found:
        revoked = "" if key.revoked is None else f"{key.revoked:%Y-%m-%d %H:%M}"
        table.add_row(
            key.id, key.name, " ".join(sorted(key.scopes)), f"{key.created:%Y-%m-%d %H:%M}", revoked
        )
    Console().print(table)


@keys.command()
@click.argument("identifier", metavar="ID")
@data_option
def revoke(identifier: str, data: Path | None) -> None:
    """Let nobody use the key ID any more.

    Example: counterpart keys revoke 3f9a0c1de25b
    """
    with opened_sessions(data) as sessions, sessions.begin() as session:
        key = ApiKeys(session).revoke(identifier, datetime.now(UTC))
    click.echo(f"The key {key.id} ({key.name}) is revoked. Running services follow within half a minute.")


@contextmanager
def opened_sessions(
    data: Path | None, open_them: Callable[[str], Sessions] = open_sessions
) -> Iterator[Sessions]:
    """The database of the settings; what a person can mend is said in a sentence."""
    settings = read_settings({"data": data})
    try:
        check_revision(settings.catalogue_url)
        sessions = open_them(settings.catalogue_url)
        try:
            yield sessions
        finally:
            close_sessions(sessions)
    except (UnknownApiKeyError, WrongRevisionError) as error:
        raise click.ClickException(str(error)) from error
    except DATABASE_FAILURES as error:
        raise click.ClickException(explain_failure(error)) from error
