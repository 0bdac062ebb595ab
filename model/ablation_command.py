"""`counterpart model ablate`: train the rows of the ablation table."""

from pathlib import Path

import click
from rich.console import Console

from model.ablation import ROWS, Budget, choose_rows, train_rows
from model.complaints import one_line_errors
from model.config import Config
from model.run import shipped_config
from model.songs import HELD_OUT


@click.command()
@click.argument("songs", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Goes on there.")
@click.option("--row", "names", multiple=True, metavar="NAME", help=f"Repeatable; default: all {len(ROWS)}.")
@click.option("--steps", type=click.IntRange(min=1), default=Budget.steps, show_default=True)
@click.option("--batch", type=click.IntRange(min=2), default=Budget.batch, show_default=True)
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
def ablate(*, songs: Path, out: Path, names: tuple[str, ...], steps: int, batch: int, device: str) -> None:
    """Train the recipe and its variants at equal budget, one release each, to be evaluated side by side.

    Example: counterpart model ablate rendered/train --out runs/ablation --row recipe --row unconditioned
    """
    with one_line_errors():
        releases = train_rows(
            choose_rows(names),
            songs,
            out,
            Config.from_toml(shipped_config()),
            Budget(steps, batch, warmup_steps=max(steps // 8, 1)),
            held_out=HELD_OUT,
            device=device,
            console=Console(),
        )
        first, *others = (str(release) for release in releases)
        against = " ".join(f"--against {other}" for other in others)
        asked = f"{songs} --held-out --per-type --per-song 1"
        click.echo(f"Compare them: counterpart model evaluate {asked} --model {first} {against}".rstrip())
