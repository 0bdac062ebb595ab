"""`counterpart model`: render, train, export and evaluate. Needs the extra `train`, except `evaluate`."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import click
from rich.console import Console

from audio.windows import HOP_SECONDS

EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
TRAIN_EXTRA = frozenset({"mido", "onnx", "onnxscript", "torch"})


class ModelGroup(click.Group):
    """Adds the renderer's commands, imported when they are called: they need the extra `train`."""

    rendering = ("compose", "render")

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return sorted([*super().list_commands(ctx), *self.rendering])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name."""
        if cmd_name not in self.rendering:
            return super().get_command(ctx, cmd_name)
        with _one_line_errors():
            command: click.Command = getattr(import_module("model.render.command"), cmd_name)
            return command


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
def train(
    *, songs: Path, run: Path, config_path: Path | None, steps: int | None, device: str, threads: int
) -> None:
    """Train on a folder of songs: <song>/<type>.<ext>, MUSDB18 or MoisesDB.

    Example: counterpart model train rendered/train --out runs/first
    """
    with _one_line_errors():
        from model.run import train_run  # noqa: PLC0415 - PyTorch only where it is needed

        train_run(songs, run, config_path, steps=steps, device=device, threads=threads, console=Console())


@model.command()
@click.argument("run", type=EXISTING)
@click.option("--out", "folder", type=FOLDER, required=True, help="Release folder, replaced as a whole.")
@click.option("--version", default="0.1.0", show_default=True, help="Goes into the card.")
@click.option("--calibrate", type=EXISTING, help="Songs to fit the score on; default: the run's validation.")
@click.option("--untrained", is_flag=True, help="Export the run's network before any step: a baseline.")
def export(run: Path, folder: Path, version: str, calibrate: Path | None, *, untrained: bool) -> None:
    """Export a run's best checkpoint as three ONNX graphs and a card, checked against PyTorch.

    Example: counterpart model export runs/first --out model/weights/compact
    """
    with _one_line_errors():
        from model.run import export_run  # noqa: PLC0415 - PyTorch only where it is needed

        card = export_run(run, folder, version=version, calibrate=calibrate, untrained=untrained)
        click.echo(f"Exported {card.id} to {folder}.")


@model.command()
@click.argument("songs", type=EXISTING)
@click.option("--model", "folder", type=EXISTING, help="Release folder; default: the shipped one.")
@click.option("--against", type=EXISTING, multiple=True, help="Another release to compare; repeatable.")
@click.option("--aligned", is_flag=True, help="Queries begin with the stems, instead of 1.37 s later.")
@click.option("--per-song", type=click.IntRange(min=1), default=3, show_default=True, help="Queries a stem.")
@click.option("--seconds", type=click.FloatRange(min=2), default=20.0, show_default=True, help="Of a query.")
@click.option(
    "--hop", type=click.FloatRange(min=0.5), default=HOP_SECONDS, show_default=True, help="Of stems."
)
@click.option("--record", metavar="NAME", help="Write the figures into the release's card under this name.")
@click.option("--json", "json_path", type=NEW_FILE, help="Write the figures there, too.")
@click.option("--cache", type=FOLDER, default=Path("data/cache"), show_default=True, help="Decoded stems.")
def evaluate(
    *,
    songs: Path,
    folder: Path | None,
    against: tuple[Path, ...],
    aligned: bool,
    per_song: int,
    seconds: float,
    hop: float,
    record: str | None,
    json_path: Path | None,
    cache: Path,
) -> None:
    """Ask for every stem of every song among all stems of its type, through the exported graphs.

    Example: counterpart model evaluate musdb18/test --per-song 1
    """
    from model.evaluate import record_evaluation  # noqa: PLC0415 - keeps --help quick
    from model.evaluation_run import evaluate_folders  # noqa: PLC0415
    from model.retrieval import Protocols  # noqa: PLC0415
    from model.weights import shipped_weights  # noqa: PLC0415

    first_start = 0.0 if aligned else Protocols.first_start
    protocol = Protocols(first_start, seconds, per_song=per_song, hop_seconds=hop)
    with _one_line_errors():
        releases = [folder or shipped_weights(), *against]
        evaluations = evaluate_folders(
            songs, releases, protocol, json_path=json_path, cache=cache, console=Console()
        )
        if record:
            record_evaluation(releases[0], record, evaluations[0])


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """What a user can put right becomes one line; all else keeps its traceback."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in TRAIN_EXTRA:
            raise
        raise click.ClickException(
            "This needs PyTorch and ONNX: pip install 'counterpart[train]'."
        ) from error
    except (ValueError, FileNotFoundError) as error:
        raise click.ClickException(str(error)) from error
