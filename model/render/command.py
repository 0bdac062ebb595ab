"""The commands `counterpart model compose` (songs of our own) and `render` (MIDI to stems)."""

from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn, track

from model.render.dataset import NoMidiError, Wanted, plan_jobs, render_jobs
from model.render.fluidsynth import BrokenSoundfontError, FluidSynthNotFoundError
from model.render.mma import MmaError, compose_songs, list_grooves, run_mma
from model.render.song import SongJob


@click.command("compose")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to."
)
@click.option("--songs", default=400, show_default=True, help="How many.")
@click.option("--seed", default=0, show_default=True, help="The same seed composes the same songs.")
def compose(out: Path, songs: int, seed: int) -> None:
    """Compose MIDI songs that nobody has rights in: our own chord charts and melodies, accompanied by MMA.

    Example: counterpart model compose --out midi --songs 400
    """
    try:
        composed = compose_songs(out, songs, seed, list_grooves(), run_mma)
        for _ in track(composed, "composing", total=songs):
            pass
    except MmaError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"{songs} songs are in {out}. Next: counterpart model render {out} --out FOLDER --soundfont FILE"
    )


@click.command("render")
@click.argument("midi_folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to."
)
@click.option(
    "--soundfont",
    "soundfonts",
    multiple=True,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Soundfont (.sf2, .sf3) to draw each stem's sound from; repeat for several.",
)
@click.option("--sources", default="", help="Only these sources of index.csv, separated by commas.")
@click.option("--thin", is_flag=True, help="Also songs without drums, bass and a third part.")
@click.option(
    "--variants", default=1, show_default=True, help="Renderings of each song, each with other sounds."
)
@click.option("--limit", type=int, help="Render at most this many songs.")
@click.option("--seconds", default=60.0, show_default=True, help="Longest excerpt of a song.")
@click.option("--workers", default=1, show_default=True, help="Processes.")
@click.option("--seed", default=0, show_default=True, help="The same seed renders the same stems.")
def render(
    *,
    midi_folder: Path,
    out: Path,
    soundfonts: tuple[Path, ...],
    sources: str,
    thin: bool,
    variants: int,
    limit: int | None,
    seconds: float,
    workers: int,
    seed: int,
) -> None:
    """Render MIDI files to typed stems for training: OUT/SONG/TYPE.wav. Songs already there are kept.

    Example: counterpart model render midi --out rendered --soundfont FluidR3_GM.sf2 --workers 4
    """
    chosen = tuple(name.strip() for name in sources.split(",") if name.strip())
    wanted = Wanted(chosen, thin, variants, limit, seed, seconds)
    console = Console()
    out.mkdir(parents=True, exist_ok=True)
    try:
        rendered = _render(plan_jobs(midi_folder, out, wanted), soundfonts, workers, console)
    except (NoMidiError, FluidSynthNotFoundError, BrokenSoundfontError) as error:
        raise click.ClickException(str(error)) from error
    console.print(f"{rendered} songs are in {out}.")


def _render(jobs: list[SongJob], soundfonts: tuple[Path, ...], workers: int, console: Console) -> int:
    """Render with a progress bar; returns how many songs are there."""
    columns = (TextColumn("rendering"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    rendered = 0
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("rendering", total=len(jobs))
        for outcome in render_jobs(jobs, soundfonts, workers):
            if outcome.problem is None:
                rendered += 1
            else:
                progress.console.print(f"skipped: {outcome.problem}", style="yellow")
            progress.advance(task)
    return rendered
