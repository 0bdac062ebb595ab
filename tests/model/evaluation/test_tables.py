"""Tables of an evaluation."""

from dataclasses import replace
from pathlib import Path

from rich.console import Console

from model.evaluation.experiments import ALL, describe
from model.evaluation.metrics import METRICS
from model.evaluation.protocols import PROTOCOLS, EvaluationProtocol
from model.evaluation.tables import Grid, comparison, paired_grid, submix_grid, type_grid
from tests.model.evaluation.findings import ALL_TYPES, GOOD, PER_TYPE, POOR, SUBMIXES

GRID = Grid("What was asked", ("", "R@1"), (("chance", "1.0"), ("good", "70.0 [50, 80]")))


def row(grid: Grid, label: str) -> tuple[str, ...]:
    return next(cells[1:] for cells in grid.rows if cells[0] == label)


def test_all_types_come_first_and_then_each_by_name() -> None:
    by_type = GOOD.by_type()
    assert list(by_type) == [ALL, "bass", "drums"]
    assert [len(results) for results in by_type.values()] == [10, 4, 6]


def test_a_comparison_has_chance_first_and_a_row_for_each_scorer() -> None:
    grid = comparison(PER_TYPE)
    assert [cells[0] for cells in grid.rows] == ["chance", "good", "poor"]
    assert grid.header == ("", *METRICS)


def test_a_comparison_says_what_was_asked() -> None:
    assert comparison(PER_TYPE).title.startswith("shifted, 20 s, per type: 10 queries, 6 sources;")
    assert comparison(ALL_TYPES).title.startswith("musdb18, whole songs, all types: 10 queries, 6 sources;")


def test_figures_are_percentages_with_their_interval() -> None:
    grid = comparison(PER_TYPE)
    assert row(grid, "good")[0].startswith("70.0 [")
    assert row(grid, "poor")[0] == "0.0 [0, 0]"
    assert row(grid, "chance")[0] == "15.5"  # (6 / 8 + 4 / 5) / 10


def test_among_all_types_it_is_said_how_often_the_right_type_leads() -> None:
    grid = comparison(ALL_TYPES)
    assert grid.header[-2:] == ("right type leads", "leads without the mix's stems")
    assert row(grid, "chance")[-2:] == ("30.0", "40.0")
    assert row(grid, "good")[-2].startswith("95.0 [")
    assert row(grid, "good")[-1] == "100.0 [100, 100]"
    assert row(grid, "poor")[-2:] == ("0.0 [0, 0]", "0.0 [0, 0]")


def test_each_type_has_its_queries_and_candidates() -> None:
    grid = type_grid(PER_TYPE)
    assert row(grid, "drums")[:2] == ("6", "8")
    assert row(grid, "bass")[:3] == ("4", "5", "100.0 [100, 100]")


def test_scorers_are_paired_with_the_first() -> None:
    grid = paired_grid(PER_TYPE)
    assert [cells[0] for cells in grid.rows] == ["poor"]
    recall_ratio, recall_points, rank_ratio, rank_points = row(grid, "poor")
    assert recall_ratio == "–"  # the other finds nothing
    assert recall_points.startswith("+70.0 [")
    assert rank_ratio.startswith("0.04 [0.0")  # 3 / 7 of 10 queries against 1
    assert rank_points.startswith("-95.7 [")


def test_a_scorer_against_its_like_is_even() -> None:
    twin = replace(PER_TYPE, evaluations=[POOR, replace(POOR, label="twin")])
    assert row(paired_grid(twin), "twin")[2:] == ("1.00 [1.00, 1.00]", "+0.0 [+0.0, +0.0]")


def test_submixes_have_a_column_for_each_number_and_say_what_is_missing() -> None:
    grid = submix_grid(SUBMIXES)
    assert grid.header == (
        "",
        "aligned, 20 s, K = 8",
        "aligned, 20 s, K = 64 (12 sources of songs are too few: 64 are needed)",
    )
    assert row(grid, "chance") == ("12.5", "1.6")
    assert row(grid, "good")[0].startswith("70.0 [")
    assert row(grid, "good")[1] == "–"


def test_a_protocol_is_named_with_the_length_of_its_queries() -> None:
    assert describe(EvaluationProtocol(seconds=5.0)) == "shifted, 5 s"
    assert describe(PROTOCOLS["musdb18"]) == "musdb18, whole songs"
    assert describe(EvaluationProtocol(relations=False)) == "shifted, 20 s, without relations"


def test_a_grid_becomes_markdown() -> None:
    assert GRID.to_markdown().splitlines() == [
        "**What was asked**",
        "",
        "|  | R@1 |",
        "| --- | ---: |",
        "| chance | 1.0 |",
        "| good | 70.0 [50, 80] |",
    ]


def test_a_grid_becomes_a_table() -> None:
    with Path("/dev/null").open("w") as nowhere:
        console = Console(record=True, width=100, file=nowhere)
        console.print(GRID.to_table())
    printed = console.export_text()
    assert "What was asked" in printed
    assert "70.0 [50, 80]" in printed
