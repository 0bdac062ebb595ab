"""Evaluation of exported graphs: the table that says how well stems are found, beside chance and others."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.table import Table

from model.card import read_card, write_card
from model.metrics import METRICS, Interval, Ranked, chance, summarise

ALL = "all types"


@dataclass(frozen=True)
class Evaluation:
    """Outcomes of one model on one set of songs."""

    label: str
    results: Sequence[Ranked]

    def by_type(self) -> Mapping[str, Sequence[Ranked]]:
        """Results of each type that has any, and of all together first."""
        types = dict.fromkeys(result.stem_type for result in self.results)
        each = {
            name: [result for result in self.results if result.stem_type == name] for name in sorted(types)
        }
        return {ALL: self.results, **each}


def comparison(evaluations: Sequence[Evaluation], title: str) -> Table:
    """Models as rows, metrics in percent as columns with 95 % intervals, chance first."""
    first = evaluations[0].results
    table = Table(
        title=f"{title}: {len(first)} queries, {_songs(first)} songs, per-type candidates; %, [95 %]"
    )
    table.add_column("")
    for name in METRICS:
        table.add_column(name, justify="right")
    by_chance = chance(first)
    table.add_row("chance", *(f"{100 * by_chance[name]:.1f}" for name in METRICS))
    for evaluation in evaluations:
        figures = summarise(evaluation.results)
        table.add_row(evaluation.label, *(str(figures[name]) for name in METRICS))
    return table


def type_table(evaluation: Evaluation) -> Table:
    """One model's figures for each stem type."""
    table = Table(title=f"{evaluation.label}, by type")
    for name in ("type", "queries", "candidates", *METRICS):
        table.add_column(name, justify="left" if name == "type" else "right")
    for stem_type, results in evaluation.by_type().items():
        most = max(result.candidates for result in results)
        figures = summarise(results)
        table.add_row(stem_type, str(len(results)), str(most), *(str(figures[name]) for name in METRICS))
    return table


def report(evaluations: Sequence[Evaluation]) -> dict[str, object]:
    """Everything in the tables, for JSON: intervals by model and type, with the number of queries."""
    return {
        "chance": chance(evaluations[0].results),
        "models": {
            one.label: {name: _figures(results) for name, results in one.by_type().items()}
            for one in evaluations
        },
    }


def write_report(path: Path, evaluations: Sequence[Evaluation]) -> None:
    """Write `report` as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report(evaluations), indent=2) + "\n")


def record_evaluation(folder: Path, name: str, evaluation: Evaluation) -> None:
    """Write the figures of all types together, and chance, into the card of the release in `folder`."""
    card = read_card(folder)
    figures = {"chance": chance(evaluation.results), **_figures(evaluation.results)}
    write_card(folder, replace(card, evaluation={**card.evaluation, name: figures}))


def _figures(results: Sequence[Ranked]) -> dict[str, object]:
    intervals: dict[str, Interval] = summarise(results)
    return {
        "queries": len(results),
        "songs": _songs(results),
        "candidates": max(result.candidates for result in results),
        **{name: asdict(one) for name, one in intervals.items()},
    }


def _songs(results: Sequence[Ranked]) -> int:
    return len({result.song for result in results})
