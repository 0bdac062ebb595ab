"""Tables and figures of an evaluation."""

import json
import shutil
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from model.card import read_card
from model.evaluate import (
    ALL,
    Evaluation,
    comparison,
    record_evaluation,
    report,
    type_table,
    write_report,
)
from model.metrics import METRICS, Ranked

GOOD = Evaluation(
    "good",
    [
        *(Ranked(f"song {song}", "drums", 1 + song % 2, 8) for song in range(6)),
        *(Ranked(f"song {song}", "bass", 1, 5) for song in range(4)),
    ],
)
POOR = Evaluation(
    "poor", [Ranked(one.song, one.stem_type, one.candidates, one.candidates) for one in GOOD.results]
)


def printed(table: Table) -> list[str]:
    console = Console(record=True, width=250, quiet=False, file=Path("/dev/null").open("w"))  # noqa: SIM115 - nowhere
    console.print(table)
    console.file.close()
    return console.export_text().splitlines()


def row(lines: list[str], label: str) -> str:
    return next(line for line in lines if line.startswith(f"│ {label}"))


def test_all_types_come_first_and_then_each_by_name() -> None:
    by_type = GOOD.by_type()
    assert list(by_type) == [ALL, "bass", "drums"]
    assert [len(results) for results in by_type.values()] == [10, 4, 6]


def test_a_comparison_has_chance_first_and_a_row_for_each_model() -> None:
    table = comparison([GOOD, POOR], "test songs")
    assert list(next(iter(table.columns)).cells) == ["chance", "good", "poor"]
    assert [column.header for column in table.columns][1:] == list(METRICS)


def test_a_comparison_says_what_was_asked() -> None:
    title = str(comparison([GOOD], "test songs").title)
    assert title.startswith("test songs: 10 queries, 6 songs, per-type candidates")


def test_figures_are_percentages_with_their_interval() -> None:
    lines = printed(comparison([GOOD, POOR], "test songs"))
    assert "70.0 [" in row(lines, "good")
    assert "0.0 [0, 0]" in row(lines, "poor")
    assert "15.5" in row(lines, "chance")  # (6 / 8 + 4 / 5) / 10


def test_each_type_has_its_queries_and_candidates() -> None:
    lines = printed(type_table(GOOD))
    assert row(lines, "drums").split("│")[2:4] == ["       6 ", "          8 "]
    assert row(lines, "bass").split("│")[2:4] == ["       4 ", "          5 "]
    assert "100.0 [100, 100]" in row(lines, "bass")


def test_a_report_has_every_model_type_and_metric() -> None:
    figures = report([GOOD, POOR])
    assert set(figures) == {"chance", "models"}
    models = figures["models"]
    assert isinstance(models, dict)
    assert set(models) == {"good", "poor"}
    assert set(models["good"]) == {ALL, "bass", "drums"}
    assert set(models["good"]["bass"]) == {"queries", "songs", "candidates", *METRICS}
    assert models["good"]["bass"]["candidates"] == 5


def test_a_written_report_is_the_report(tmp_path: Path) -> None:
    path = tmp_path / "figures" / "report.json"
    write_report(path, [GOOD])
    read = json.loads(path.read_text())
    assert read["models"]["good"]["bass"]["R@1"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert read["models"]["good"]["drums"]["songs"] == 6
    assert read["chance"]["R@1"] == pytest.approx(0.155)


def test_an_evaluation_is_the_same_each_time() -> None:
    assert report([GOOD]) == report([GOOD])


def test_figures_are_recorded_in_the_card_without_changing_the_model(release: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(release, tmp_path / "release"))
    before = read_card(folder)
    evaluation = Evaluation("one", [Ranked("a", "drums", 1, 4), Ranked("b", "drums", 3, 4)])
    record_evaluation(folder, "first set", evaluation)
    record_evaluation(folder, "second set", evaluation)
    after = read_card(folder)
    assert after.id == before.id
    assert list(after.evaluation)[-2:] == ["first set", "second set"]
    assert after.evaluation["first set"]["queries"] == 2
    assert after.evaluation["first set"]["R@1"]["value"] == 0.5
    assert after.evaluation["first set"]["chance"]["R@1"] == 0.25
