"""Pictures of a report: what a table of figures does not show."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from model.evaluation.metrics import within
from model.evaluation.plots_reliability import draw_reliability
from model.evaluation.plots_sensitivity import draw_sensitivity
from model.evaluation.plots_style import FAINT, INK, Look, looks, name_axes, new_figure, save

_PANELS_A_ROW = 3
_HISTOGRAM_BINS = 10
_LABELLED = 30  # most places on the axis of a recall curve


def draw_plots(report: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw what the report has figures for, as PNG files in `folder`; returns their paths in order.

    For each of `tables`: recall curves of all scorers, and per-type candidates only, the first scorer's ranks
    by type. For `sensitivity`: a picture for each kind of change. For `reliability`: its diagram.
    """
    drawn = []
    styles = looks(report.get("scorers", []))
    for table in report.get("tables", []):
        drawn.append(_draw_recall(table, styles, folder))
        if table["candidates"] == "per type":
            drawn.append(_draw_ranks(table, folder))
    if sensitivity := report.get("sensitivity"):
        drawn += draw_sensitivity(sensitivity, folder)
    if reliability := report.get("reliability"):
        drawn.append(draw_reliability(reliability, folder))
    return drawn


def recall_curve(ranks: NDArray[np.float64], tied: NDArray[np.int64], most: int) -> NDArray[np.float64]:
    """R@k for k = 1..`most` from ranks [Q], each tied with so many others [Q]: [most]."""
    places = np.arange(1, most + 1)
    return np.asarray(within(places, ranks[:, None], tied[:, None]).mean(axis=0), np.float64)


def chance_curve(candidates: NDArray[np.int64], most: int) -> NDArray[np.float64]:
    """Expected R@k for k = 1..`most` when every order of the candidates [Q] is equally likely: [most]."""
    places = np.arange(1, most + 1)
    return np.asarray(np.minimum(places / candidates[:, None], 1).mean(axis=0), np.float64)


def _draw_recall(table: Mapping[str, Any], styles: Mapping[str, Look], folder: Path) -> Path:
    figure, (axes,) = new_figure(7.5, 4.2)
    candidates = np.array([one["candidates"] for one in next(iter(table["ranks"].values()))])
    most = int(candidates.max())
    places = np.arange(1, most + 1)
    for label, results in table["ranks"].items():
        ranks, tied = (np.array([one[name] for one in results]) for name in ("rank", "tied"))
        curve = recall_curve(ranks, tied, most)
        look = styles[label]
        axes.plot(
            places, 100 * curve, color=look.colour, linewidth=look.width, linestyle=look.dashes, label=label
        )
    axes.plot(
        places,
        100 * chance_curve(candidates, most),
        color="#888888",
        linewidth=1,
        linestyle=":",
        label="chance",
    )
    _scale_places(axes, most)
    axes.set_ylim(0, 102)
    name_axes(
        axes,
        f"Recall, {_describe(table)}",
        "k: best matches that are looked at",
        "queries with the true stem, %",
    )
    figure.legend(loc="outside right upper", fontsize=8, frameon=False, labelcolor=INK)
    return save(figure, folder, f"recall {_describe(table)}")


def _draw_ranks(table: Mapping[str, Any], folder: Path) -> Path:
    label, results = next(iter(table["ranks"].items()))
    types = sorted({one["type"] for one in results})
    columns = min(_PANELS_A_ROW, len(types))
    rows = -(-len(types) // columns)
    figure, panels = new_figure(2.7 * columns + 0.3, 1.9 * rows + 0.7, rows, columns, share_y=True)
    for axes, stem_type in zip(panels, types, strict=False):
        _draw_histogram(axes, stem_type, [one for one in results if one["type"] == stem_type])
    for axes in panels[len(types) :]:
        axes.set_axis_off()
    figure.suptitle(
        f"Ranks of the true stem, {_describe(table)}\n{label}", fontsize=10, color=INK, x=0.01, ha="left"
    )
    figure.supxlabel("normalised rank, %: 0 is first, 100 last; the line is chance", fontsize=9, color=INK)
    figure.supylabel("queries, %", fontsize=9, color=INK)
    return save(figure, folder, f"ranks {_describe(table)}")


def _draw_histogram(axes: Axes, title: str, results: Sequence[Mapping[str, Any]]) -> None:
    ranks = [(one["rank"] - 1) / max(one["candidates"] - 1, 1) for one in results]
    shares = np.histogram(ranks, bins=_HISTOGRAM_BINS, range=(0, 1))[0] / len(ranks)
    edges = np.linspace(0, 100, _HISTOGRAM_BINS + 1)
    axes.bar(edges[:-1], 100 * shares, width=100 / _HISTOGRAM_BINS * 0.9, align="edge", color="#0072b2")
    axes.axhline(100 / _HISTOGRAM_BINS, color="#888888", linewidth=1, linestyle=":")
    axes.set_ylim(0, 100)
    axes.set_xlim(0, 100)
    axes.set_xticks([0, 50, 100])
    axes.set_title(f"{title}, {len(results)} queries", loc="left", fontsize=9, color=INK)


def _scale_places(axes: Axes, most: int) -> None:
    """Every place where there are few; in powers where there are many."""
    if most <= _LABELLED:
        axes.set_xlim(1, most)
        axes.set_xticks([1, *range(5, most + 1, 5)])
        return
    axes.set_xscale("log")
    axes.set_xlim(1, most)
    ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if tick <= most]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.grid(axis="x", color=FAINT, linewidth=0.6)


def _describe(table: Mapping[str, Any]) -> str:
    seconds = table["seconds"]
    length = "whole songs" if seconds is None else f"{seconds:g} s"
    return f"{table['protocol']}, {length}, {table['candidates']}"
