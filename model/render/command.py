"""The commands `counterpart model compose` (songs of our own) and `render` (MIDI to stems)."""

from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from model.complaints import one_line_errors
from model.finite_range import FiniteRange
from model.render.data_card import CARD, check_manner, write_card
from model.render.dataset import Wanted, plan_jobs, render_jobs
from model.render.fluidsynth import BrokenSoundfontError, FluidSynthNotFoundError
from model.render.mma import MmaError, compose_songs, list_grooves, run_mma
from model.render.outcomes import follow
from model.render.palette import PALETTES
from model.render.song import Manner


@click.command("compose")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to."
)
@click.option("--songs", type=click.IntRange(min=1), default=400, show_default=True, help="How many.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="The same seed composes the same songs.",
)
def compose(out: Path, songs: int, seed: int) -> None:
    """Compose MIDI songs that nobody has rights in: our own chord charts and melodies, accompanied by MMA.

    Example: counterpart model compose --out midi --songs 400
    """
    with one_line_errors(MmaError):
        composed = compose_songs(out, songs, seed, list_grooves(), run_mma)
        for _ in track(composed, "composing", total=songs):
            pass
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
    "--variants",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Renderings of each song, each with other sounds.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Render at most this many songs.")
@click.option(
    "--seconds",
    type=FiniteRange(min=2.0),
    default=60.0,
    show_default=True,
    help="Longest excerpt of a song.",
)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed renders the same stems.")
@click.option(
    "--palette",
    default="varied",
    show_default=True,
    type=click.Choice(list(PALETTES)),
    help="plain: soundfonts alone, as for test sets; varied: also our own voice and electronic "
    "instruments, human timing, a recording chain for each stem.",
)
@click.option(
    "--transpose",
    type=click.IntRange(-24, 24),
    help="Semitones for all songs; all else is as without.",
)
@click.option(
    "--stretch",
    type=FiniteRange(0.25, 4.0),
    help="Factor of the length for all songs; all else is as without.",
)
@click.option(
    "--grid",
    type=FiniteRange(40.0, 240.0),
    help="Re-time songs in 4/4 to this tempo and cut them at bar lines.",
)
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
    palette: str,
    transpose: int | None,
    stretch: float | None,
    grid: float | None,
) -> None:
    """Render MIDI files to typed stems for training: OUT/SONG/TYPE.wav. Songs already there are kept.

    Example: counterpart model render midi --out rendered --soundfont FluidR3_GM.sf2 --workers 4
    """
    chosen = tuple(name.strip() for name in sources.split(",") if name.strip())
    if grid is not None and stretch is not None:
        raise click.UsageError("A grid sets the tempo. Give --grid or --stretch, not both.")
    manner = Manner(PALETTES[palette], transpose, stretch, grid)
    wanted = Wanted(chosen, thin, variants, limit, seed, seconds, manner=manner)
    console = Console()
    with one_line_errors(FluidSynthNotFoundError, BrokenSoundfontError):
        out.mkdir(parents=True, exist_ok=True)
        check_manner(out, manner)
        jobs = plan_jobs(midi_folder, out, wanted)
        # A run that is cut short leaves a card too.
        write_card(out, manner, soundfonts, seed)
        rendered = follow(render_jobs(jobs, soundfonts, workers), len(jobs), console)
        write_card(out, manner, soundfonts, seed)
    if not rendered:
        raise click.ClickException(f"No song could be rendered of {midi_folder}; see above, why.")
    console.print(f"{rendered} songs are in {out}. What went in: {out / CARD}")
