"""The command `counterpart model sensitivity`: renderings of the same songs in, curves and tiers out."""

import json
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from model.complaints import one_line_errors
from model.embedder import Embedder
from model.evaluation.baselines import rule_scorers
from model.evaluation.protocols import EvaluationProtocol
from model.evaluation.scorer import EmbeddingScorer, StemScorer
from model.evaluation.sensitivity import Curve, describe_curves, draw_curves
from model.evaluation.sensitivity_trials import Trial, run_trials
from model.evaluation.sensitivity_variants import Variants, find_variants
from model.evaluation.tables import Grid
from model.evaluation.tiers import Tier, describe_tiers, measure_tiers
from model.evaluation.tiers_facts import learn_facts
from model.finite_range import FiniteRange
from model.stem_reader import StemReader
from model.weights import shipped_weights

EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


class NoTrialsError(ValueError):
    """Songs from which no query with a rival can be cut."""


@click.command("sensitivity")
@click.argument("songs", type=EXISTING)
@click.argument("variants", type=EXISTING, nargs=-1)
@click.option("--model", "folder", type=EXISTING, help="Release folder; default: the shipped one.")
@click.option("--baselines", is_flag=True, help="Also rules: loudness, length, tempo, chords, onsets.")
@click.option("--per-song", type=click.IntRange(min=1), default=1, show_default=True, help="Queries a stem.")
@click.option("--seconds", type=FiniteRange(min=8), default=20.0, show_default=True, help="Of a query.")
@click.option("--report", type=FOLDER, help="Write sensitivity.json and plots there.")
@click.option("--cache", type=FOLDER, default=Path("data/cache"), show_default=True, help="Decoded stems.")
def sensitivity(
    *,
    songs: Path,
    variants: tuple[Path, ...],
    folder: Path | None,
    baselines: bool,
    per_song: int,
    seconds: float,
    report: Path | None,
    cache: Path,
) -> None:
    """Change the true stem in known ways, and see whether it still fits.

    VARIANTS are folders with the same songs as SONGS, rendered with --transpose or --stretch and else the
    same options. Without any, only shifts, sections and other songs are tried.

    Example: counterpart model sensitivity rendered/plain rendered/up-1 rendered/slower --report report
    """
    with one_line_errors():
        embedder = Embedder.open(folder or shipped_weights())
        scorers: list[StemScorer] = [EmbeddingScorer(embedder, embedder.card.id)]
        scorers += rule_scorers() if baselines else []
        protocol = EvaluationProtocol(seconds=seconds, per_song=per_song)
        measure_sensitivity(
            find_variants(songs, variants),
            StemReader(cache),
            scorers,
            protocol,
            report=report,
            console=Console(),
        )


def measure_sensitivity(
    variants: Variants,
    reader: StemReader,
    scorers: Sequence[StemScorer],
    protocol: EvaluationProtocol,
    *,
    report: Path | None,
    console: Console,
) -> dict[str, Any]:
    """Try all scorers, print what came out, write it with plots if wanted, and return it as plain data.

    Raises:
        NoTrialsError: no query can be asked.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    steps = len(variants.songs) * (2 + len(variants.changed))
    tried: dict[str, list[Trial]] = {}
    with Progress(*columns, console=console) as progress:
        facts = learn_facts(variants.songs, reader)
        for scorer in scorers:
            advance = partial(progress.advance, progress.add_task(scorer.label, total=steps))
            tried[scorer.label] = list(run_trials(variants, reader, scorer, protocol, advance))
    if not all(tried.values()):
        raise NoTrialsError(
            "Nothing can be asked of these songs. It needs two that share a stem type, each longer than "
            "6 seconds and with something else playing."
        )
    curves = {label: draw_curves(trials) for label, trials in tried.items()}
    tiers = {label: measure_tiers(trials, facts) for label, trials in tried.items()}
    for label in tried:
        for grid in (*(curve_grid(label, curve) for curve in curves[label]), tier_grid(label, tiers[label])):
            console.print(grid.to_table())
    found = {
        "sensitivity": {label: describe_curves(one) for label, one in curves.items()},
        "tiers": {label: describe_tiers(one) for label, one in tiers.items()},
    }
    if report is not None:
        _write(found, report, console)
    return found


def curve_grid(label: str, curve: Curve) -> Grid:
    """A curve as a table."""
    rows = tuple(
        (
            f"{point.value:g}",
            f"{point.score.value:.2f} {point.score.bounds('.2f')}",
            str(point.recall),
            str(point.preferred),
        )
        for point in curve.points
    )
    title = f"{label}, {curve.kind}, {curve.stems} stems: {curve.points[0].queries} queries; [95 %]"
    header = (curve.kind, "score, deviations above other songs", "R@1, %", "unchanged preferred, %")
    return Grid(title, header, rows)


def tier_grid(label: str, tiers: Sequence[Tier]) -> Grid:
    """All tiers of a scorer as a table."""
    rows = tuple(
        (
            tier.name,
            str(tier.queries),
            f"{tier.ways:.1f}",
            str(tier.accuracy),
            f"{100 * tier.chance:.1f}",
            str(tier.pairs),
        )
        for tier in tiers
    )
    header = ("against", "queries", "mean K", "K-way accuracy", "chance", "pairs won")
    return Grid(f"{label}, hard-negative tiers; %, [95 %]", header, rows)


def _write(found: dict[str, Any], report: Path, console: Console) -> None:
    report.mkdir(parents=True, exist_ok=True)
    path = report / "sensitivity.json"
    path.write_text(json.dumps(found, indent=2, allow_nan=False) + "\n")
    console.print(f"The figures are in {path}.")
    if find_spec("matplotlib") is None:
        console.print("There are no plots: they need matplotlib (pip install 'counterpart[train]').")
        return
    from model.evaluation.plots import draw_plots  # noqa: PLC0415 - matplotlib is optional

    for plot in draw_plots(found, report):
        console.print(f"Drawn: {plot}.")
