"""What an evaluation leaves behind: JSON, a Markdown report with plots, and figures in a release's card."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from model.card import read_card, write_card
from model.evaluation.bootstrap import bootstrap, compare, summarise
from model.evaluation.experiments import Evaluation, Experiment, SubmixExperiment, count_sources
from model.evaluation.metrics import METRICS, Ranked, chance, recall_at
from model.evaluation.tables import (
    LEADS,
    Grid,
    comparison,
    leading_shares,
    paired_grid,
    submix_grid,
    type_grid,
)

Plotter = Callable[[Mapping[str, Any], Path], Sequence[Path]]


@dataclass(frozen=True)
class Findings:
    """Everything that was found out about one set of songs."""

    name: str
    experiments: Sequence[Experiment]
    submixes: Sequence[SubmixExperiment] = ()
    reliability: Mapping[str, Any] = field(default_factory=dict)  # of the first release, from its card

    def grids(self) -> list[Grid]:
        """All tables, in order."""
        grids = []
        for one in self.experiments:
            grids += [comparison(one), type_grid(one)]
            if len(one.evaluations) > 1:
                grids.append(paired_grid(one))
        return [*grids, submix_grid(self.submixes)] if self.submixes else grids


def describe_findings(findings: Findings) -> dict[str, Any]:
    """Everything in the tables, and every rank, for JSON."""
    return {
        "set": findings.name,
        "scorers": [one.label for one in findings.experiments[0].evaluations],
        "tables": [_describe(one) for one in findings.experiments],
        "k_way": [_describe_submixes(one) for one in findings.submixes],
        "reliability": findings.reliability.get("table", []),
    }


def write_json(path: Path, findings: Findings) -> None:
    """Write `describe_findings`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(describe_findings(findings), indent=2, allow_nan=False) + "\n")


def write_report(folder: Path, findings: Findings, draw: Plotter | None) -> Path:
    """Write `report.json`, plots if there is a way to `draw` them, and `report.md`; returns the last."""
    write_json(folder / "report.json", findings)
    plots = draw(describe_findings(findings), folder) if draw else ()
    pictures = [f"![{plot.stem}]({plot.relative_to(folder).as_posix()})\n" for plot in plots]
    parts = [f"# {findings.name}\n", *(grid.to_markdown() for grid in findings.grids()), *pictures]
    path = folder / "report.md"
    path.write_text("\n".join(parts))
    return path


def record_evaluation(folder: Path, name: str, experiments: Sequence[Experiment]) -> None:
    """Write the first scorer's figures of all types together, and chance, into the card of the release."""
    card = read_card(folder)
    recorded = {
        f"{name}, {one.title.split(':')[0]}": {
            "chance": chance(one.evaluations[0].results),
            **_figures(one.evaluations[0].results),
        }
        for one in experiments
    }
    write_card(folder, replace(card, evaluation={**card.evaluation, **recorded}))


def _describe(experiment: Experiment) -> dict[str, Any]:
    ours, *others = experiment.evaluations
    described: dict[str, Any] = {
        "protocol": experiment.protocol.name,
        "seconds": None if experiment.protocol.whole_songs else experiment.protocol.seconds,
        "candidates": experiment.among,
        "relations": experiment.protocol.relations,
        "queries": len(ours.results),
        "sources": count_sources(ours.results),
        "chance": chance(ours.results),
        "figures": {one.label: _figures_by_type(one) for one in experiment.evaluations},
        "compared": {
            other.label: {
                name: asdict(compare(ours.results, other.results, METRICS[name]))
                for name in ("R@1", "mean rank")
            }
            for other in others
        },
        "ranks": {
            one.label: [_describe_rank(each) for each in one.results] for one in experiment.evaluations
        },
    }
    if ours.leads:
        leads = {
            "chance": experiment.leads_by_chance,
            **{one.label: one.leads for one in experiment.evaluations},
        }
        shares = {label: leading_shares(ours.results, each) for label, each in leads.items()}
        for name in LEADS:
            described[name] = {label: asdict(share[name]) for label, share in shares.items()}
    return described


def _describe_submixes(experiment: SubmixExperiment) -> dict[str, Any]:
    return {
        "protocol": experiment.protocol.name,
        "k": experiment.ways,
        "seconds": experiment.protocol.seconds,
        "sources": experiment.sources,
        "queries": len(experiment.evaluations[0].results),
        "accuracy": {
            one.label: asdict(bootstrap(one.results, recall_at(1)))
            for one in experiment.evaluations
            if one.results
        },
        "missing": experiment.missing,
    }


def _figures_by_type(evaluation: Evaluation) -> dict[str, Any]:
    return {name: _figures(results) for name, results in evaluation.by_type().items()}


def _figures(results: Sequence[Ranked]) -> dict[str, Any]:
    return {
        "queries": len(results),
        "sources": count_sources(results),
        "candidates": max(result.candidates for result in results),
        **{name: asdict(one) for name, one in summarise(results).items()},
    }


def _describe_rank(ranked: Ranked) -> dict[str, Any]:
    named = {"song": ranked.song, "source": ranked.group, "type": str(ranked.stem_type)}
    return {**named, "rank": ranked.rank, "tied": ranked.tied, "candidates": ranked.candidates}
