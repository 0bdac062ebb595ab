"""The reliability diagram of a calibration: whether 0.9 means that 9 in 10 such pairs belong together."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from model.evaluation.plots_style import FAINT, name_axes, new_figure, save


def draw_reliability(bins: Sequence[Mapping[str, Any]], folder: Path) -> Path:
    """Observed against predicted, over a histogram of the pairs; bins as `model.reliability` has them."""
    figure, (above, below) = new_figure(4.6, 6.0, 2, 1, heights=(4, 1))
    predicted = [100 * one["predicted"] for one in bins]
    above.plot([0, 100], [0, 100], color="#888888", linewidth=1, linestyle=":")
    above.plot(
        predicted,
        [100 * one["observed"] for one in bins],
        color="#0072b2",
        linewidth=2,
        marker="o",
        markersize=5,
    )
    above.grid(axis="x", color=FAINT, linewidth=0.6)
    below.bar(predicted, [one["pairs"] for one in bins], width=4, color="#0072b2")
    for axes in (above, below):
        axes.set_xlim(0, 100)
        axes.set_xticks(range(0, 101, 20))
    above.set_ylim(0, 100)
    name_axes(above, "Reliability; the dotted line is perfect", "", "pairs that belong together, %")
    name_axes(below, "", "compatibility that users see, %", "pairs")
    figure.align_ylabels()
    return save(figure, folder, "reliability")
