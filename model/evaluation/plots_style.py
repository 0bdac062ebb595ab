"""One calm look for all plots: colours that colour-blind readers tell apart, and little else on the paper."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK, FAINT = "#333333", "#d9d9d9"
DOTS_PER_INCH = 150


@dataclass(frozen=True)
class Look:
    """How one scorer is drawn, the same in every plot."""

    colour: str
    width: float
    dashes: str | tuple[int, tuple[float, ...]]


# Okabe and Ito's palette ("Color Universal Design", 2008) without yellow, which is too light for lines.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
_DASHES: tuple[str | tuple[int, tuple[float, ...]], ...] = ("-", (0, (5, 2)), (0, (1, 1.5)))


def looks(labels: Sequence[str]) -> dict[str, Look]:
    """A look for each scorer: the first, which the report is about, is drawn bold."""
    return {
        label: Look(
            _COLOURS[place % len(_COLOURS)],
            2.4 if place == 0 else 1.3,
            _DASHES[place // len(_COLOURS) % len(_DASHES)],
        )
        for place, label in enumerate(labels)
    }


def new_figure(
    width: float,
    height: float,
    rows: int = 1,
    columns: int = 1,
    *,
    share_y: bool = False,
    heights: Sequence[float] | None = None,
) -> tuple[Figure, list[Axes]]:
    """A figure of its own, without pyplot and its global state, and its axes row by row."""
    figure = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False, sharey=share_y, height_ratios=heights)
    flat: list[Axes] = list(axes.ravel())
    for one in flat:
        quieten(one)
    return figure, flat


def quieten(axes: Axes) -> None:
    """No frame, faint horizontal lines, small grey numbers."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(FAINT)
    axes.tick_params(colors=INK, labelsize=8, length=0)
    axes.grid(axis="y", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)


def name_axes(axes: Axes, title: str, x: str, y: str) -> None:
    """A title at the left and labels."""
    axes.set_title(title, loc="left", fontsize=10, color=INK)
    axes.set_xlabel(x, fontsize=9, color=INK)
    axes.set_ylabel(y, fontsize=9, color=INK)


def save(figure: Figure, folder: Path, name: str) -> Path:
    """Write `<folder>/<name>.png` with a name that suits a link."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}.png"
    figure.savefig(path)
    return path
