"""The command `counterpart model evaluate`: songs in, tables and reports out."""

import errno
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from audio.windows import HOP_SECONDS
from model.card import read_card
from model.complaints import one_line_errors
from model.embedder import Embedder
from model.evaluation.protocols import PROTOCOLS, EvaluationProtocol
from model.evaluation.report import Findings, Plotter, record_evaluation, write_json, write_report
from model.evaluation.retrieval import Advance
from model.evaluation.runs import Plan, ReleaseScorers, ScorerOf, run_experiments, run_submixes
from model.evaluation.scorer import StemScorer
from model.finite_range import FiniteRange
from model.songs import Song, find_held_out, find_songs
from model.stem_reader import StemReader
from model.weights import shipped_weights

EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True)
class Outputs:
    """Where the findings go, besides the terminal."""

    json_path: Path | None = None
    report: Path | None = None
    record: str | None = None  # name in the release's card

    def prepare(self) -> None:
        """Make the folders, before anything is worked for that could not be written.

        Raises:
            OSError: one cannot be made, or written to.
        """
        for folder in filter(None, (self.report, self.json_path and self.json_path.parent)):
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


@click.command("evaluate")
@click.argument("songs", type=EXISTING)
@click.option("--model", "folder", type=EXISTING, help="Release folder; default: the shipped one.")
@click.option("--against", type=EXISTING, multiple=True, help="Another release to compare; repeatable.")
@click.option("--served", is_flag=True, help="Also those of --against as served: with a second look.")
@click.option("--baselines", is_flag=True, help="Also rules: loudness, length, tempo, chords, onsets.")
@click.option(
    "--protocol",
    "names",
    type=click.Choice(list(PROTOCOLS)),
    multiple=True,
    help="Repeatable; default: shifted.",
)
@click.option("--aligned", is_flag=True, help="Short for --protocol aligned: queries begin with the stems.")
@click.option(
    "--seconds",
    type=FiniteRange(min=2),
    multiple=True,
    default=(20.0,),
    show_default=True,
    help="Of a query; repeatable.",
)
@click.option("--per-song", type=click.IntRange(min=1), default=3, show_default=True, help="Queries a stem.")
@click.option("--hop", type=FiniteRange(min=0.5), default=HOP_SECONDS, show_default=True, help="Of stems.")
@click.option("--per-type", is_flag=True, help="Leave out the ranking among stems of all types.")
@click.option(
    "--no-relations",
    is_flag=True,
    help="Other songs of a query's source are no candidates: a version of its song may fit as well.",
)
@click.option(
    "--held-out",
    is_flag=True,
    help="Only the songs that `model train` holds out of the folder: for whoever chooses between releases.",
)
@click.option("--k-way", is_flag=True, help="Also choices between 8, 16 and 64 submixes.")
@click.option("--record", metavar="NAME", help="Write the figures into the release's card under this name.")
@click.option("--json", "json_path", type=NEW_FILE, help="Write the figures there, too.")
@click.option("--report", type=FOLDER, help="Write report.md, report.json and plots there, too.")
@click.option("--cache", type=FOLDER, default=Path("data/cache"), show_default=True, help="Decoded stems.")
def evaluate(
    *,
    songs: Path,
    folder: Path | None,
    against: tuple[Path, ...],
    served: bool,
    baselines: bool,
    names: tuple[str, ...],
    aligned: bool,
    seconds: tuple[float, ...],
    per_song: int,
    hop: float,
    per_type: bool,
    no_relations: bool,
    held_out: bool,
    k_way: bool,
    record: str | None,
    json_path: Path | None,
    report: Path | None,
    cache: Path,
) -> None:
    """Ask for every stem of every song among all stems, through the exported graphs.

    Songs are <song>/<type>.<ext>, MUSDB18-HQ or MoisesDB. Intervals are over sources of songs: a manifest.csv
    with the columns song and group says which songs come from one.

    Example: counterpart model evaluate musdb18 --protocol musdb18 --report report
    """
    chosen = dict.fromkeys([*names, *(["aligned"] if aligned else [])]) or {"shifted": None}
    named = [replace(PROTOCOLS[name], relations=not no_relations) for name in chosen]
    protocols = [each for one in named for each in choose_protocols(one, seconds, per_song, hop)]
    with one_line_errors():
        releases = [folder or shipped_weights(), *against]
        evaluate_songs(
            find_held_out(songs) if held_out else find_songs(songs),
            _name(songs, held_out=held_out),
            releases,
            Plan(protocols, all_types=not per_type, k_way=k_way),
            all_served=served,
            baselines=baselines,
            outputs=Outputs(json_path, report, record),
            cache=cache,
            console=Console(),
        )


def _name(root: Path, *, held_out: bool) -> str:
    return root.resolve().name + (", held out" if held_out else "")


def choose_protocols(
    named: EvaluationProtocol, seconds: Sequence[float], per_song: int, hop_seconds: float
) -> list[EvaluationProtocol]:
    """A named protocol for each length of queries; one that asks with whole songs stays as it is."""
    if named.whole_songs:
        return [replace(named, hop_seconds=hop_seconds)]
    return [replace(named, seconds=one, per_song=per_song, hop_seconds=hop_seconds) for one in seconds]


def evaluate_songs(
    songs: Sequence[Song],
    name: str,
    releases: Sequence[Path],
    plan: Plan,
    *,
    all_served: bool,
    baselines: bool,
    outputs: Outputs,
    cache: Path,
    console: Console,
) -> Findings:
    """Evaluate releases on a set of songs called `name`, print how they compare, and write what is wanted.

    Raises:
        NoQueriesError: nothing can be asked of them.
        BrokenModelError: a release cannot be read.
    """
    outputs.prepare()
    reader = StemReader(cache)
    contestants = _open_releases(releases, all_served=all_served) + (_rules() if baselines else [])
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        tell = _Teller(progress, plan.steps(len(songs)))
        experiments = run_experiments(songs, reader, contestants, plan, tell)
        submixes = run_submixes(songs, reader, contestants, plan.protocols[0], tell) if plan.k_way else []
    reliability = read_card(releases[0]).calibration.reliability
    findings = Findings(name, experiments, submixes, reliability)
    for grid in findings.grids():
        console.print(grid.to_table())
    if outputs.json_path:
        write_json(outputs.json_path, findings)
    if outputs.report:
        console.print(f"The report is {write_report(outputs.report, findings, _plotter(console))}.")
    if outputs.record:
        record_evaluation(releases[0], outputs.record, experiments)
    return findings


class _Teller:
    """A progress bar for each scorer, made when it begins."""

    def __init__(self, progress: Progress, steps: int) -> None:
        self.progress, self.steps = progress, steps
        self.advances: dict[str, Advance] = {}

    def __call__(self, label: str) -> Advance:
        if label not in self.advances:
            task = self.progress.add_task(label, total=self.steps)
            self.advances[label] = partial(self.progress.advance, task)
        return self.advances[label]


def _open_releases(folders: Sequence[Path], *, all_served: bool) -> list[ScorerOf]:
    """The first as it is served, or all; then the networks of all, alone."""
    opened = [(folder.name, Embedder.open(folder)) for folder in folders]
    releases = [ReleaseScorers(embedder, f"{name} ({embedder.card.id})") for name, embedder in opened]
    served = releases if all_served else releases[:1]
    return [*(release.served for release in served), *(release.alone for release in releases)]


def _rules() -> list[ScorerOf]:
    from model.evaluation.baselines import rule_scorers  # noqa: PLC0415 - only where rules are asked for

    return [partial(_same_everywhere, rule) for rule in rule_scorers()]


def _same_everywhere(rule: StemScorer, protocol: EvaluationProtocol) -> StemScorer:  # noqa: ARG001 - a ScorerOf
    return rule


def _plotter(console: Console) -> Plotter | None:
    """Draws plots, where matplotlib is installed."""
    if find_spec("matplotlib") is None:
        console.print("The report has no plots: they need matplotlib (pip install 'counterpart[train]').")
        return None
    from model.evaluation.plots import draw_plots  # noqa: PLC0415 - matplotlib is optional

    plotter: Callable[..., Sequence[Path]] = draw_plots
    return plotter
