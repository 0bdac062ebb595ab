"""`counterpart index`: put stems into the library, look at it, mend it."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console

from audio.stems import STEM_TYPES, StemType
from indexer.command_options import (
    data_option,
    find_collaborators,
    finish,
    model_options,
    read_settings,
    sentences,
    workers_option,
)
from indexer.commands import PathsFirstGroup
from indexer.embed import find_type_guesser
from indexer.run import index_library, rebuild_library, remove_stems
from indexer.stopping import stop_on_signals
from indexer.upkeep_cli import UPKEEP


@click.group(cls=PathsFirstGroup)
def index() -> None:
    """Index the stems below PATH… and publish them, or run a COMMAND.

    Example: counterpart index ~/stems ~/loops --type drums

    A first argument that is no command is a path: write ./status for a folder of that name. Its options are
    those of add. Repeat it when files have changed, stop it whenever you like: nothing is done twice.
    """


@index.command()
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--type",
    "given_type",
    type=click.Choice([each.value for each in STEM_TYPES]),
    help="Type of files of which nothing says it.",
)
@click.option("--retry", "retry_failed", is_flag=True, help="Read files again that could not be read before.")
@workers_option
@data_option
@model_options
@click.pass_context
def add(
    ctx: click.Context,
    /,
    paths: tuple[Path, ...],
    given_type: str | None,
    retry_failed: bool,
    workers: int,
    **options: Any,
) -> None:
    """Index PATH…; the same as `counterpart index PATH…`.

    Example: counterpart index ~/stems

    Exit code: 75 where a file could not be read this time, so that running it again may help.
    """
    stem_type = StemType(given_type) if given_type else None
    console = Console()
    with sentences(console), stop_on_signals() as stop:
        settings = read_settings(options)
        embedder = find_collaborators(ctx).open_embedder(settings)
        report = index_library(
            paths,
            settings,
            embedder,
            console,
            given_type=stem_type,
            retry_failed=retry_failed,
            guess_type=find_type_guesser(embedder),
            workers=workers,
            stop=stop,
        )
        finish(report, console)


@index.command()
@workers_option
@data_option
@model_options
@click.pass_context
def rebuild(ctx: click.Context, /, workers: int, **options: Any) -> None:
    """Publish the whole library anew; embeds only what has no vectors of the model.

    Example: counterpart index rebuild

    Exit code: 75 where a file could not be read this time, so that running it again may help.
    """
    console = Console()
    with sentences(console), stop_on_signals() as stop:
        settings = read_settings(options)
        embedder = find_collaborators(ctx).open_embedder(settings)
        report = rebuild_library(
            settings,
            embedder,
            console,
            guess_type=find_type_guesser(embedder),
            workers=workers,
            stop=stop,
        )
        finish(report, console)


@index.command()
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(path_type=Path))
@data_option
def remove(paths: tuple[Path, ...], **options: Any) -> None:
    """Take the stems at or below PATH… out of every answer, at once. The files stay.

    Example: counterpart index remove ~/stems/old-song
    """
    console = Console()
    with sentences(console):
        count = remove_stems(paths, read_settings(options))
        console.print(_tell_removed(count))


def _tell_removed(count: int) -> str:
    if not count:
        return "No stem was removed: what lies there lies elsewhere as well, or could not be indexed."
    if count == 1:
        return "Removed 1 stem. It comes back if a folder that holds it is indexed again."
    return f"Removed {count} stems. They come back if a folder that holds them is indexed again."


for command in UPKEEP:
    index.add_command(command)
