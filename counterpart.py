"""The `counterpart` command: one group for each package, each loaded only when it is called."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import click

# `counterpart serve` must not load what only training needs, nor --help any of it.
COMMANDS: Mapping[str, tuple[str, str, str]] = {
    "index": ("indexer.cli", "index", "Index a folder of stems; add, status, check, remove, rebuild, gc."),
    "keys": ("service.keys_cli", "keys", "Create, list and revoke API keys."),
    "match": ("service.cli", "match", "Ask which stems fit a mix, without a server."),
    "model": ("model.cli", "model", "Compose, render, train, export and evaluate the model."),
    "serve": ("service.cli", "serve", "Serve the HTTP API."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*COMMANDS, *super().list_commands(ctx)])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, attribute, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        own = {name: self.commands[name].get_short_help_str() for name in self.commands}
        texts = {**{name: text for name, (_, _, text) in COMMANDS.items()}, **own}
        with formatter.section("Commands"):
            formatter.write_dl(sorted(texts.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="counterpart")
def cli() -> None:
    """Give it a mix and a stem type; it finds the stems in your library that fit."""


@cli.command()
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Demo library.",
)
@click.option("--data", type=click.Path(path_type=Path), default=Path("data/demo"), show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.pass_context
def demo(ctx: click.Context, /, folder: Path, data: Path, host: str, port: int) -> None:
    """Index the demo library and serve it.

    Example: counterpart demo --port 8080
    """
    from indexer.cli import index  # noqa: PLC0415 - only here do both entry points meet
    from indexer.command_options import STOPPED  # noqa: PLC0415
    from service.cli import serve  # noqa: PLC0415

    # Without standalone mode a command's exit code is what it gives back. An incomplete index is served.
    code = index.main([str(folder), "--data", str(data)], standalone_mode=False, obj=ctx.obj)
    if code == STOPPED:
        ctx.exit(code)
    serve.main(["--data", str(data), "--host", host, "--port", str(port)], standalone_mode=False)


@cli.group()
def db() -> None:
    """Look after the catalogue's database."""


@db.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the library.  [default: data]")
def upgrade(data: Path | None) -> None:
    """Bring the database to this version's schema, creating it if need be.

    Example: counterpart db upgrade
    """
    from pydantic import ValidationError  # noqa: PLC0415 - SQLAlchemy and pydantic only where they are needed

    from library.database import DATABASE_FAILURES, WrongRevisionError, explain_failure  # noqa: PLC0415
    from library.database import upgrade as upgrade_database  # noqa: PLC0415
    from library.settings import Settings, explain_wrong_settings  # noqa: PLC0415

    try:
        settings = Settings() if data is None else Settings(data=data)
        settings.data.mkdir(parents=True, exist_ok=True)
        upgrade_database(settings.catalogue_url)
    except ValidationError as error:
        raise click.ClickException(explain_wrong_settings(error)) from error
    except WrongRevisionError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{settings.data} cannot be made ({error.strerror}).") from error
    except DATABASE_FAILURES as error:
        raise click.ClickException(explain_failure(error)) from error
    click.echo("The database is at the newest revision.")
