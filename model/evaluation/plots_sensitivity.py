"""Pictures of how the true stem's score and recall react to a change of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from model.evaluation.plots_style import FAINT, INK, Look, looks, name_axes, new_figure, save

_AXES = {
    "transpose": ("Transposition of the stem", "semitones"),
    "stretch": ("Tempo of the stem", "tempo against the mix's"),
    "shift": ("Shift of the stem against the mix", "beats from the true place"),
}
_ABOVE = "deviations above other songs"


def draw_sensitivity(sensitivity: Mapping[str, Sequence[Mapping[str, Any]]], folder: Path) -> list[Path]:
    """A picture for each kind of change: score and R@1, for pitched stems and for drums.

    Args:
        sensitivity: for each scorer its curves, as `model.evaluation.sensitivity` describes them.
        folder: where the PNG files go.
    """
    styles = looks(list(sensitivity))
    known = [(label, curve) for label, curves in sensitivity.items() for curve in curves]
    drawn = []
    for kind in _AXES:
        stems = [one for one in ("pitched", "drums") if any(_is(curve, kind, one) for _, curve in known)]
        if stems:
            drawn.append(_draw_kind(kind, stems, known, styles, folder))
    return drawn


def _draw_kind(
    kind: str,
    stems: Sequence[str],
    known: Sequence[tuple[str, Mapping[str, Any]]],
    styles: Mapping[str, Look],
    folder: Path,
) -> Path:
    title, unit = _AXES[kind]
    figure, panels = new_figure(8.2, 3.0 * len(stems) + 0.3, len(stems), 2)
    for row, which in enumerate(stems):
        left, right = panels[2 * row : 2 * row + 2]
        for label, curve in known:
            if _is(curve, kind, which):
                _draw_curve(left, curve, "score", styles[label], label)
                _draw_curve(right, curve, "recall", styles[label], label)
        name_axes(left, f"{title}: {which}", unit, _ABOVE)
        name_axes(right, "", unit, "R@1, %")
        right.set_ylim(0, 102)
    handles, labels = panels[0].get_legend_handles_labels()
    if len(labels) > 1:
        figure.legend(
            handles, labels, loc="outside lower left", ncols=2, fontsize=8, frameon=False, labelcolor=INK
        )
    return save(figure, folder, f"sensitivity {kind}")


def _draw_curve(axes: Axes, curve: Mapping[str, Any], name: str, look: Look, label: str) -> None:
    points, scale = curve["points"], 100.0 if name == "recall" else 1.0
    places = _places(curve["kind"], [point["value"] for point in points])
    ordered = [point[name] for point in _in_order(points, places)]
    middle = [scale * one["value"] for one in ordered]
    low, high = (
        [scale * (one["value"] if one[side] is None else one[side]) for one in ordered]
        for side in ("low", "high")
    )
    axes.fill_between(sorted(places), low, high, color=look.colour, alpha=0.15, linewidth=0)
    axes.plot(
        sorted(places),
        middle,
        color=look.colour,
        linewidth=look.width,
        linestyle=look.dashes,
        marker="o",
        markersize=3.5,
        label=label,
    )
    _mark_unchanged(axes, curve["kind"], [point["value"] for point in points])


def _places(kind: str, values: Sequence[float]) -> list[float]:
    """Where points lie on the axis; shifts, whose sizes differ too much for one scale, lie side by side."""
    if kind == "stretch":
        return [1 / value for value in values]  # a stem of twice the length is half as fast
    return [float(place) for place in range(len(values))] if kind == "shift" else list(values)


def _in_order(points: Sequence[Mapping[str, Any]], places: Sequence[float]) -> list[Mapping[str, Any]]:
    return [point for _, point in sorted(zip(places, points, strict=True), key=lambda one: one[0])]


def _mark_unchanged(axes: Axes, kind: str, values: Sequence[float]) -> None:
    unchanged = {"transpose": 0.0, "stretch": 1.0, "shift": sum(value < 0 for value in values)}[kind]
    axes.axvline(unchanged, color=FAINT, linewidth=1, zorder=0)
    if kind == "shift":
        axes.set_xticks(range(len(values)), [_fraction(value) for value in values])
    elif kind == "transpose":
        axes.set_xticks(list(values))


def _fraction(beats: float) -> str:
    """Beats as musicians write them."""
    whole = {0.125: "⅛", 0.25: "¼", 0.5: "½", 0.75: "¾"}.get(abs(beats), f"{abs(beats):g}")
    return f"−{whole}" if beats < 0 else whole


def _is(curve: Mapping[str, Any], kind: str, stems: str) -> bool:
    return bool(curve["kind"] == kind and curve["stems"] == stems)
