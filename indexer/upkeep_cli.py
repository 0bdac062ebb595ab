"""`counterpart index status|check|gc`: look at the library, mend it, delete what it no longer needs."""

from typing import Any

import click
from rich.console import Console
from rich.filesize import decimal

from indexer.check import check_library
from indexer.command_options import (
    data_option,
    find_collaborators,
    model_options,
    read_settings,
    sentences,
    workers_option,
)
from indexer.embed import StemEmbedder, find_type_guesser
from indexer.printable import printable
from indexer.report import Report, print_report
from indexer.run import rebuild_library
from indexer.status import print_status, read_status
from indexer.stopping import stop_on_signals
from indexer.upkeep import Repair, collect_garbage, repair_library
from library.settings import Settings


@click.command()
@data_option
def status(**options: Any) -> None:
    """Show what is in the library: types, stems, windows, indexes, failures.

    Example: counterpart index status
    """
    console = Console()
    with sentences(console):
        print_status(read_status(read_settings(options)), console)


@click.command()
@click.option("--repair", is_flag=True, help="Mend what is wrong; embeds again what lost its vectors.")
@workers_option
@data_option
@model_options
@click.pass_context
def check(ctx: click.Context, /, repair: bool, workers: int, **options: Any) -> None:
    """Compare catalogue, vectors and published build; exit with 1 if they differ.

    Example: counterpart index check --repair
    """
    console = Console()
    with sentences(console):
        settings = read_settings(options)
        if repair:
            embedder = find_collaborators(ctx).open_embedder(settings)
            _print_repair(_repair(settings, embedder, console, workers), console)
            return
        problems = check_library(settings)
        if problems:
            raise click.ClickException("\n".join(map(printable, problems)))
        console.print("The catalogue, the vectors and the published build agree.")


@click.command()
@data_option
def gc(**options: Any) -> None:
    """Delete builds before the one before, vectors and parts that no stem has any more, and stems long gone.

    Example: counterpart index gc
    """
    console = Console()
    with sentences(console):
        settings = read_settings(options)
        read_status(settings)  # there has to be a library
        garbage = collect_garbage(settings)
        console.print(
            f"Deleted {garbage.builds} builds, {garbage.shards} files of vectors and {garbage.parts} "
            f"of single parts: {decimal(max(garbage.bytes, 0))} are free again. "
            f"Struck out {garbage.stems} stems whose files are gone."
        )


UPKEEP = (status, check, gc)


def _repair(settings: Settings, embedder: StemEmbedder, console: Console, workers: int) -> Repair:
    def rebuild() -> Report:
        # Only embedding asks whether to stop; everything else a Ctrl-C ends at once.
        with stop_on_signals() as stop:
            return rebuild_library(
                settings,
                embedder,
                console,
                guess_type=find_type_guesser(embedder),
                workers=workers,
                stop=stop,
            )

    return repair_library(settings, embedder.card.id, rebuild)


def _print_repair(repair: Repair, console: Console) -> None:
    for problem in repair.problems:
        said = printable(problem.partition(" Run: ")[0])
        console.print(f"Was wrong: {said}", markup=False, soft_wrap=True)
    for path in repair.set_aside:
        console.print(f"Set aside: {printable(path)}", markup=False, soft_wrap=True)
    if repair.report is not None:
        print_report(repair.report, console)
    if repair.left:
        raise click.ClickException("\n".join(["Still wrong:", *map(printable, repair.left)]))
    console.print("The catalogue, the vectors and the published build agree.")
