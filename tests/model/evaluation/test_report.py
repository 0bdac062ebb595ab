"""What an evaluation leaves behind."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from model.card import read_card
from model.evaluation.metrics import METRICS
from model.evaluation.report import (
    Findings,
    describe_findings,
    record_evaluation,
    write_json,
    write_report,
)
from tests.model.evaluation.findings import ALL_TYPES, FINDINGS, PER_TYPE


def draw_one(report: Mapping[str, Any], folder: Path) -> list[Path]:
    path = folder / "plots" / "curve.png"
    path.parent.mkdir()
    path.write_text(report["set"])
    return [path]


def test_a_description_has_every_table_scorer_type_and_metric() -> None:
    described = describe_findings(FINDINGS)
    assert described["scorers"] == ["good", "poor"]
    assert [(one["protocol"], one["candidates"]) for one in described["tables"]] == [
        ("shifted", "per type"),
        ("musdb18", "all types"),
    ]
    table = described["tables"][0]
    assert set(table["figures"]) == {"good", "poor"}
    assert set(table["figures"]["good"]) == {"all types", "bass", "drums"}
    assert set(table["figures"]["good"]["bass"]) == {"queries", "sources", "candidates", *METRICS}
    assert table["figures"]["good"]["bass"]["candidates"] == 5
    assert table["chance"]["R@1"] == pytest.approx(0.155)


def test_every_rank_is_there() -> None:
    ranks = describe_findings(FINDINGS)["tables"][0]["ranks"]["good"]
    assert len(ranks) == 10
    assert ranks[1] == {
        "song": "song 1, take 2",
        "source": "song 1",
        "type": "drums",
        "rank": 2,
        "tied": 0,
        "candidates": 8,
    }


def test_the_first_scorer_is_compared_with_each_other() -> None:
    compared = describe_findings(FINDINGS)["tables"][0]["compared"]
    assert list(compared) == ["poor"]
    assert compared["poor"]["R@1"]["ratio"] is None
    assert compared["poor"]["R@1"]["difference"]["value"] == pytest.approx(0.7)
    assert compared["poor"]["mean rank"]["ratio"]["value"] == pytest.approx(0.3 / 7)


def test_which_type_leads_is_told_among_all_types_only() -> None:
    per_type, all_types = describe_findings(FINDINGS)["tables"]
    assert "right type leads" not in per_type
    assert all_types["right type leads"]["chance"]["value"] == pytest.approx(0.3)
    assert all_types["right type leads"]["good"]["value"] == pytest.approx(0.95)
    assert all_types["leads without the mix's stems"]["good"]["value"] == 1.0


def test_the_reliability_of_the_release_is_there() -> None:
    assert describe_findings(FINDINGS)["reliability"] == [{"predicted": 0.9, "observed": 0.8, "pairs": 7}]
    assert describe_findings(Findings("bare", [PER_TYPE]))["reliability"] == []


def test_a_whole_song_has_no_number_of_seconds() -> None:
    assert [one["seconds"] for one in describe_findings(FINDINGS)["tables"]] == [20.0, None]


def test_submixes_without_enough_songs_have_a_reason_instead_of_a_figure() -> None:
    eight, many = describe_findings(FINDINGS)["k_way"]
    assert (eight["k"], eight["missing"], eight["queries"]) == (8, None, 10)
    assert eight["accuracy"]["poor"]["value"] == 0.0
    assert many["accuracy"] == {}
    assert "too few" in many["missing"]


def test_written_json_is_the_description(tmp_path: Path) -> None:
    path = tmp_path / "figures" / "report.json"
    write_json(path, FINDINGS)
    assert json.loads(path.read_text()) == describe_findings(FINDINGS)


def test_an_evaluation_is_described_the_same_each_time() -> None:
    assert describe_findings(FINDINGS) == describe_findings(FINDINGS)


def test_a_report_holds_every_table_and_shows_every_plot(tmp_path: Path) -> None:
    path = write_report(tmp_path / "report", FINDINGS, draw_one)
    text = path.read_text()
    assert text.startswith("# test songs\n")
    assert [text.count(grid.title) for grid in FINDINGS.grids()] == [1] * len(FINDINGS.grids())
    assert "![curve](plots/curve.png)" in text
    assert (tmp_path / "report" / "plots" / "curve.png").read_text() == "test songs"
    assert json.loads((tmp_path / "report" / "report.json").read_text())["set"] == "test songs"


def test_a_report_needs_no_plots(tmp_path: Path) -> None:
    path = write_report(tmp_path, Findings("bare", [PER_TYPE]), None)
    assert "![" not in path.read_text()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["report.json", "report.md"]


def test_figures_are_recorded_in_the_card_without_changing_the_model(release: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(release, tmp_path / "release"))
    before = read_card(folder)
    record_evaluation(folder, "first set", [PER_TYPE, ALL_TYPES])
    record_evaluation(folder, "second set", [PER_TYPE])
    after = read_card(folder)
    assert after.id == before.id
    assert list(after.evaluation)[-3:] == [
        "first set, shifted, 20 s, per type",
        "first set, musdb18, whole songs, all types",
        "second set, shifted, 20 s, per type",
    ]
    recorded = after.evaluation["first set, shifted, 20 s, per type"]
    assert recorded["queries"] == 10
    assert recorded["R@1"]["value"] == pytest.approx(0.7)
    assert recorded["chance"]["R@1"] == pytest.approx(0.155)
