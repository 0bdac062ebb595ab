"""Pictures: what they show is computed right, and each is drawn where there is something to show."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.image import imread

from model.evaluation.plots import chance_curve, draw_plots, recall_curve
from model.evaluation.plots_style import looks
from model.reliability import measure_reliability

FIRST_COLOUR = (0, 0x72, 0xB2)
SHIFTS = (-1.0, -0.125, 0.0, 0.125, 1.0)


def ranks(count: int, candidates: int = 12) -> list[dict[str, Any]]:
    types = ("bass", "drums", "keys", "wind")
    return [
        {
            "song": str(one),
            "type": types[one % 4],
            "rank": 1 + one % candidates,
            "tied": 0,
            "candidates": candidates,
        }
        for one in range(count)
    ]


def table(candidates: str = "per type", seconds: float | None = 20.0, among: int = 12) -> dict[str, Any]:
    results = {"ours": ranks(40, among), "a rule": ranks(40, among)}
    return {"protocol": "shifted", "seconds": seconds, "candidates": candidates, "ranks": results}


def curve(kind: str, stems: str, values: Sequence[float]) -> dict[str, Any]:
    interval = {"value": 0.5, "low": 0.4, "high": 0.6}
    points = [{"value": one, "queries": 9, "score": interval, "recall": interval} for one in values]
    return {"kind": kind, "stems": stems, "points": points}


def report(**parts: Any) -> Mapping[str, Any]:
    return {"scorers": ["ours", "a rule"], **parts}


def has_colour(path: Path, colour: tuple[int, ...]) -> bool:
    pixels = np.rint(imread(path)[..., :3] * 255)
    return bool((np.abs(pixels - colour).max(axis=-1) <= 1).sum() > 50)


def test_recall_counts_the_queries_up_to_each_place() -> None:
    curve_ = recall_curve(np.array([1, 1, 2, 4, 9]), np.zeros(5, np.int64), 4)
    np.testing.assert_allclose(curve_, [0.4, 0.6, 0.6, 0.8])


def test_a_tie_counts_in_part_at_each_of_its_places() -> None:
    np.testing.assert_allclose(recall_curve(np.array([2.5]), np.array([3]), 5), [0.25, 0.5, 0.75, 1, 1])


def test_recall_ends_at_one_if_every_rank_is_within() -> None:
    assert recall_curve(np.array([3, 5]), np.zeros(2, np.int64), 5)[-1] == 1


def test_chance_is_k_of_the_candidates() -> None:
    np.testing.assert_allclose(chance_curve(np.array([4]), 4), [0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(chance_curve(np.array([2, 4]), 3), [0.375, 0.75, 0.875])


def test_each_table_has_a_recall_curve_and_ranks_by_type_among_its_type(tmp_path: Path) -> None:
    drawn = draw_plots(report(tables=[table(), table("all types", None, 400)]), tmp_path / "new")
    assert [path.name for path in drawn] == [
        "recall-shifted-20-s-per-type.png",
        "ranks-shifted-20-s-per-type.png",
        "recall-shifted-whole-songs-all-types.png",
    ]
    assert all(path.parent == tmp_path / "new" for path in drawn)
    assert all(has_colour(path, FIRST_COLOUR) for path in drawn)


def test_one_type_and_two_candidates_can_be_drawn(tmp_path: Path) -> None:
    alone = {
        **table(),
        "ranks": {"ours": [{"type": "bass", "rank": 1, "tied": 0, "candidates": 2}]},
    }
    assert len(draw_plots(report(tables=[alone]), tmp_path)) == 2


def test_each_kind_of_change_has_its_picture(tmp_path: Path) -> None:
    curves = [
        curve("shift", "pitched", SHIFTS),
        curve("shift", "drums", SHIFTS),
        curve("stretch", "pitched", [0.8, 1.0, 1.25]),
        curve("transpose", "pitched", range(-6, 7)),
    ]
    drawn = draw_plots({"sensitivity": {"ours": curves, "a rule": curves[2:]}}, tmp_path)
    assert [path.name for path in drawn] == [
        "sensitivity-transpose.png",
        "sensitivity-stretch.png",
        "sensitivity-shift.png",
    ]
    assert all(has_colour(path, FIRST_COLOUR) for path in drawn)
    both, alone = (imread(tmp_path / f"sensitivity-{kind}.png").shape[0] for kind in ("shift", "stretch"))
    assert both > 1.5 * alone  # drums have a row of their own


def test_only_what_was_tried_is_drawn(tmp_path: Path) -> None:
    curves = {"ours": [curve("stretch", "drums", [0.8, 1.0])]}
    assert [one.name for one in draw_plots({"sensitivity": curves}, tmp_path)] == ["sensitivity-stretch.png"]


def test_what_has_no_interval_is_drawn_without(tmp_path: Path) -> None:
    alone = curve("stretch", "drums", [0.8, 1.0])
    for point in alone["points"]:
        point["score"] = {"value": 0.5, "low": None, "high": None}
    (path,) = draw_plots({"sensitivity": {"ours": [alone]}}, tmp_path)
    assert has_colour(path, FIRST_COLOUR)


def test_the_reliability_diagram_is_drawn(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    predicted = np.concatenate([generator.beta(4, 1, 200), generator.beta(1, 4, 200)])
    bins = measure_reliability(predicted, np.arange(400) < 200)["table"]
    (path,) = draw_plots({"reliability": bins}, tmp_path)
    assert path.name == "reliability.png"
    assert has_colour(path, FIRST_COLOUR)


def test_nothing_to_show_is_no_picture(tmp_path: Path) -> None:
    assert draw_plots(report(tables=[]), tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


def test_drawing_again_replaces_the_pictures(tmp_path: Path) -> None:
    first = draw_plots(report(tables=[table()]), tmp_path)
    assert draw_plots(report(tables=[table()]), tmp_path) == first
    assert len(list(tmp_path.iterdir())) == 2


def test_every_scorer_looks_different_and_the_first_is_bold() -> None:
    styles = looks([str(number) for number in range(12)])
    assert len({(one.colour, one.dashes) for one in styles.values()}) == 12
    assert styles["0"].width > max(one.width for label, one in styles.items() if label != "0")


def test_drawing_leaves_no_global_figures() -> None:
    code = "import sys, model.evaluation.plots; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own code
