"""Tables of an evaluation, for the terminal and for Markdown: how well stems are found, and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.table import Table

from model.evaluation.bootstrap import Interval, bootstrap, compare, interval_of_mean, summarise
from model.evaluation.experiments import Experiment, SubmixExperiment, describe
from model.evaluation.metrics import METRICS, Ranked, chance, recall_at
from model.evaluation.retrieval import Leads

UNKNOWN = "–"
LEADS = ("right type leads", "leads without the mix's stems")


@dataclass(frozen=True)
class Grid:
    """Cells of a table; the first column names the rows."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def to_table(self) -> Table:
        """For the terminal."""
        table = Table(title=self.title)
        for number, name in enumerate(self.header):
            table.add_column(name, justify="right" if number else "left")
        for row in self.rows:
            table.add_row(*row)
        return table

    def to_markdown(self) -> str:
        """For a report."""
        dashes = ("---", *["---:"] * (len(self.header) - 1))
        lines = [f"| {' | '.join(cells)} |" for cells in (self.header, dashes, *self.rows)]
        return "\n".join([f"**{self.title}**", "", *lines, ""])


def comparison(experiment: Experiment) -> Grid:
    """Scorers as rows, metrics in percent as columns with 95 % intervals, chance first."""
    first = experiment.evaluations[0]
    by_chance = chance(first.results)
    expected = [one.value for one in leading_shares(first.results, experiment.leads_by_chance).values()]
    rows = [("chance", *(f"{100 * one:.1f}" for one in [*(by_chance[name] for name in METRICS), *expected]))]
    for one in experiment.evaluations:
        figures, shares = summarise(one.results), leading_shares(one.results, one.leads)
        rows.append((one.label, *map(str, [*(figures[name] for name in METRICS), *shares.values()])))
    header = ("", *METRICS, *(LEADS if expected else ()))
    return Grid(f"{experiment.title}; %, [95 %]", header, tuple(rows))


def type_grid(experiment: Experiment) -> Grid:
    """The first scorer's figures for each stem type."""
    evaluation = experiment.evaluations[0]
    rows = []
    for stem_type, results in evaluation.by_type().items():
        figures = summarise(results)
        most = max(result.candidates for result in results)
        rows.append((stem_type, str(len(results)), str(most), *(str(figures[name]) for name in METRICS)))
    title = f"{evaluation.label}, {experiment.title}; by type"
    return Grid(title, ("type", "queries", "candidates", *METRICS), tuple(rows))


def paired_grid(experiment: Experiment) -> Grid:
    """The first scorer against each other one, on the same resamples of songs."""
    ours, *others = experiment.evaluations
    rows = []
    for other in others:
        recall, rank = (compare(ours.results, other.results, METRICS[name]) for name in ("R@1", "mean rank"))
        cells = (
            _times(recall.ratio),
            _points(recall.difference),
            _times(rank.ratio),
            _points(rank.difference),
        )
        rows.append((other.label, *cells))
    header = ("against", "R@1, ratio", "R@1, points", "mean rank, ratio", "mean rank, points")
    return Grid(f"{ours.label} against the others, {experiment.title}; paired, [95 %]", header, tuple(rows))


def submix_grid(experiments: Sequence[SubmixExperiment]) -> Grid:
    """Scorers as rows, protocols and numbers of candidates as columns: accuracy in percent."""
    header = [""]
    columns: list[list[str]] = [["chance", *(one.label for one in experiments[0].evaluations)]]
    for one in experiments:
        header.append(
            f"{describe(one.protocol)}, K = {one.ways}" + (f" ({one.missing})" if one.missing else "")
        )
        figures = [
            str(bootstrap(each.results, recall_at(1))) if each.results else UNKNOWN
            for each in one.evaluations
        ]
        columns.append([f"{100 / one.ways:.1f}", *figures])
    title = "K-way accuracy on disjoint submixes; %, [95 %]"
    return Grid(title, tuple(header), tuple(zip(*columns, strict=True)))


def leading_shares(results: Sequence[Ranked], leads: Sequence[Leads]) -> dict[str, Interval]:
    """Share of queries in which a stem of the wanted type came first of all types.

    With the stems that play in the mix among the candidates, and without; none if types were not compared.
    """
    if not leads:
        return {}
    groups = [result.group for result in results]
    each = ([one.with_heard for one in leads], [one.without for one in leads])
    shares = [interval_of_mean(np.array(one, np.float64), groups) for one in each]
    return dict(zip(LEADS, shares, strict=True))


def _times(interval: Interval | None) -> str:
    return f"{interval.value:.2f} {interval.bounds('.2f')}" if interval else UNKNOWN


def _points(interval: Interval) -> str:
    return f"{100 * interval.value:+.1f} {interval.bounds('+.1f', 100)}"
