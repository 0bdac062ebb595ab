"""`counterpart model`: render, train, export and evaluate.

Needs the extra `train`, except `calibrate`, `evaluate` and `sensitivity`.
"""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import ClassVar

import click
from rich.console import Console

from model.complaints import one_line_errors
from model.finite_range import FiniteRange

EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class ModelGroup(click.Group):
    """Adds commands that are imported when they are called: some need the extra `train`, all take time."""

    elsewhere: ClassVar[Mapping[str, str]] = {
        "ablate": "model.ablation_command",
        "compose": "model.render.command",
        "evaluate": "model.evaluation.command",
        "modules": "model.render.modules_command",
        "render": "model.render.command",
        "sensitivity": "model.evaluation.sensitivity_command",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return sorted([*super().list_commands(ctx), *self.elsewhere])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name; one that cannot be imported says why once it is called."""
        if cmd_name not in self.elsewhere:
            return super().get_command(ctx, cmd_name)
        try:
            with one_line_errors():
                command: click.Command = getattr(import_module(self.elsewhere[cmd_name]), cmd_name)
                return command
        except click.ClickException as error:
            return _unavailable(cmd_name, error)


def _unavailable(name: str, error: click.ClickException) -> click.Command:
    """Stands for a command that lacks a library, so that the others can still be listed and used."""

    def refuse(**_: object) -> None:
        raise error

    anything = click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)
    return click.Command(
        name,
        callback=refuse,
        help=error.message,
        params=[anything],
        context_settings={"ignore_unknown_options": True},
    )


@click.group(cls=ModelGroup)
def model() -> None:
    """Compose and render songs; train, export and evaluate Stem-JEPA."""


@model.command()
@click.argument("songs", type=EXISTING)
@click.option("--out", "run", type=FOLDER, required=True, help="Run folder; an existing run goes on.")
@click.option("--config", "config_path", type=EXISTING_FILE, help="TOML; default: compact.")
@click.option("--steps", type=click.IntRange(min=1), help="Instead of the config's number of steps.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@click.option("--threads", type=click.IntRange(min=0), default=0, help="CPU threads; 0 uses all.")
@click.option("--from", "start_from", type=EXISTING, help="A run whose best network a new run begins with.")
@click.option("--minutes", type=FiniteRange(min=0, min_open=True), help="Stop then; repeat to go on.")
def train(
    *,
    songs: Path,
    run: Path,
    config_path: Path | None,
    steps: int | None,
    device: str,
    threads: int,
    start_from: Path | None,
    minutes: float | None,
) -> None:
    """Train on a folder of songs: <song>/<type>.<ext>, MUSDB18-HQ (WAV) or MoisesDB.

    MUSDB18's test folder is left out. Some songs are held out, as their names decide, to choose the best
    checkpoint and to calibrate: a manifest.csv in the folder with the columns song,group keeps those of one
    source together.

    Example: counterpart model train rendered/train --out runs/first
    """
    with one_line_errors():
        from model.run import train_run  # noqa: PLC0415 - PyTorch only where it is needed

        train_run(
            songs,
            run,
            config_path,
            steps=steps,
            device=device,
            threads=threads,
            console=Console(),
            start_from=start_from,
            minutes=minutes,
        )


@model.command()
@click.argument("run", type=EXISTING)
@click.option("--out", "folder", type=FOLDER, required=True, help="Release folder, replaced as a whole.")
@click.option("--version", default="0.1.0", show_default=True, help="Goes into the card.")
@click.option("--calibrate", type=EXISTING, help="Songs to fit the score on; default: the run's validation.")
@click.option("--untrained", is_flag=True, help="Export the run's network before any step: a baseline.")
@click.option("--beside", type=EXISTING, multiple=True, help="Run whose network answers, too; repeatable.")
@click.option(
    "--blend", "blend_with", type=EXISTING, help="Run it started from: weights of both are averaged."
)
@click.option("--dimension", type=click.IntRange(min=1), help="Numbers in a vector; default: the network's.")
@click.option(
    "--last", is_flag=True, help="Take the run's last step, not the one that validation liked best."
)
def export(
    *,
    run: Path,
    folder: Path,
    version: str,
    calibrate: Path | None,
    beside: tuple[Path, ...],
    blend_with: Path | None,
    dimension: int | None,
    untrained: bool,
    last: bool,
) -> None:
    """Export a run's best checkpoint as three ONNX graphs and a card, checked against PyTorch.

    Example: counterpart model export runs/first --beside runs/second --out model/weights/compact
    """
    with one_line_errors():
        from model.run import export_run  # noqa: PLC0415 - PyTorch only where it is needed

        card = export_run(
            run,
            folder,
            version=version,
            calibrate=calibrate,
            untrained=untrained,
            beside=beside,
            blend_with=blend_with,
            last=last,
            dimension=dimension,
        )
        click.echo(f"Exported {card.id} to {folder}.")


@model.command()
@click.argument("release", type=EXISTING)
@click.option("--out", type=FOLDER, required=True, help="Folder for the runs: OUT/1, OUT/2, one a network.")
def unpack(*, release: Path, out: Path) -> None:
    """Turn a release back into runs: to train on from one (`train --from`), or to export one `--beside`.

    Example: counterpart model unpack model/weights/compact --out runs/shipped
    """
    with one_line_errors():
        from model.run import unpack_run  # noqa: PLC0415 - PyTorch only where it is needed

        for run in unpack_run(release, out):
            click.echo(f"Unpacked {run}. Next: counterpart model train SONGS --out RUN --from {run}")


@model.command()
@click.argument("release", type=EXISTING)
@click.option("--out", type=FOLDER, required=True, help="Folder for the new release.")
@click.option("--version", required=True, help="Of the new release.")
def renew(*, release: Path, out: Path, version: str) -> None:
    """Export a release anew from its own graphs: the same networks, as they are written today.

    For a release of an earlier format, or to have what graphs gained in speed since. Libraries are
    embedded anew.

    Example: counterpart model renew my-release --out renewed --version 1.0.1
    """
    with one_line_errors():
        from model.renewal import renew_release  # noqa: PLC0415 - PyTorch only where it is needed

        click.echo(f"Renewed {release}: {renew_release(release, out, version).id} is in {out}.")


@model.command()
@click.argument("release", type=EXISTING)
@click.argument("songs", type=EXISTING)
@click.option("--held-out", is_flag=True, help="Only those of SONGS that a training on them holds out.")
@click.option("--cache", type=FOLDER, default=Path("data/cache"), show_default=True, help="Decoded stems.")
def calibrate(*, release: Path, songs: Path, held_out: bool, cache: Path) -> None:
    """Fit anew what the scores of a release mean, on songs that it has not learned from.

    Its card alone changes, so a library need not be embedded again.

    Example: counterpart model calibrate model/weights/compact songs --held-out
    """
    with one_line_errors():
        from model.recalibration import recalibrate  # noqa: PLC0415 - ONNX Runtime only where it is needed
        from model.songs import find_held_out, find_songs  # noqa: PLC0415
        from model.stem_reader import StemReader  # noqa: PLC0415

        chosen = find_held_out(songs) if held_out else find_songs(songs)
        fitted = recalibrate(release, chosen, StemReader(cache))
        told = fitted.reliability
        click.echo(
            f"Calibrated {release} on {fitted.pairs} pairs: Brier score {told['brier']}, expected error "
            f"{told['ece']:.1%}."
        )
