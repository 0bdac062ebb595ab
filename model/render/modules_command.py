"""The command `counterpart model modules`: tracker modules to stems."""

from itertools import chain
from pathlib import Path

import click
from rich.console import Console

from model.complaints import one_line_errors
from model.finite_range import FiniteRange
from model.render.data_card import CARD
from model.render.module_card import check_modules_alone, write_module_card
from model.render.module_songs import plan_jobs, take_apart_jobs
from model.render.openmpt import OpenMptNotFoundError, load_library
from model.render.outcomes import follow
from model.weights import shipped_weights

EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command("modules")
@click.argument("modules_folder", metavar="MODULES", type=EXISTING)
@click.option("--out", required=True, type=FOLDER, help="Folder to write to.")
@click.option(
    "--release",
    type=EXISTING,
    help="Release that guesses the types that nothing else tells; default: the shipped one.",
)
@click.option(
    "--seconds",
    type=FiniteRange(min=8.0),
    default=60.0,
    show_default=True,
    help="Longest excerpt of a song.",
)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes.")
@click.option("--limit", type=click.IntRange(min=1), help="Take apart at most this many modules.")
def modules(
    *,
    modules_folder: Path,
    out: Path,
    release: Path | None,
    seconds: float,
    workers: int,
    limit: int | None,
) -> None:
    """Take tracker modules (.mod .xm .it .s3m) apart into typed stems for training: OUT/SONG/TYPE.wav.

    Songs already there are kept. An index.csv in the folder with the columns file,source,licence says where
    modules come from: the data card states it.

    Example: counterpart model modules tracker-music --out modules --workers 4
    """
    console = Console()
    with one_line_errors():
        guessing = release or shipped_weights()
        check_modules_alone(out)
        try:
            load_library()
        except OpenMptNotFoundError as error:
            raise click.ClickException(str(error)) from error
        jobs, left_out = plan_jobs(modules_folder, out, seconds, limit)
        out.mkdir(parents=True, exist_ok=True)
        # A run that is cut short leaves a card too.
        write_module_card(out, guessing)
        outcomes = chain(left_out, take_apart_jobs(jobs, guessing, workers))
        rendered = follow(outcomes, len(left_out) + len(jobs), console)
        write_module_card(out, guessing)
    console.print(f"{rendered} songs are in {out}. What went in: {out / CARD}")
