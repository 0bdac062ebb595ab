"""`counterpart model evaluate`, as it is typed."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from model.card import read_card
from model.cli import model as group
from model.evaluation.command import choose_protocols
from model.evaluation.protocols import PROTOCOLS
from tests.model.fake_embedders import write_pilots
from tests.model.multitracks import write_wav


def evaluate(*arguments: object) -> Result:
    return CliRunner().invoke(group, ["evaluate", *(str(argument) for argument in arguments)])


@pytest.fixture(scope="module")
def pilots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pilots")
    write_pilots(root, songs=2, seconds=24.0)
    return root


def test_one_command_gives_all_tables(pilots: Path, release: Path, vit_release: Path, tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    options = ("--against", vit_release, "--aligned", "--per-song", 1, "--seconds", 5, "--seconds", 10)
    result = evaluate(
        pilots, "--model", release, *options, "--k-way", "--json", figures, "--cache", tmp_path / "cache"
    )
    assert result.exit_code == 0, result.output
    described = json.loads(figures.read_text())
    assert [(one["protocol"], one["seconds"], one["candidates"]) for one in described["tables"]] == [
        ("aligned", seconds, among) for seconds in (5.0, 10.0) for among in ("per type", "all types")
    ]
    assert described["scorers"][0].startswith("tiny (tiny-1.2.3-")
    assert [label.endswith("network alone") for label in described["scorers"][:3]] == [False, True, True]
    assert described["scorers"][1].startswith("tiny (tiny-1.2.3-")
    assert described["scorers"][2].startswith("vit (small-vit-1.0.0-")
    assert [(one["protocol"], one["k"]) for one in described["k_way"]] == [
        (name, ways) for name in ("aligned", "shifted") for ways in (8, 16, 64)
    ]
    assert "2 sources of songs are too few" in described["k_way"][0]["missing"]


def test_all_releases_can_be_compared_as_they_are_served(
    pilots: Path, release: Path, vit_release: Path, tmp_path: Path
) -> None:
    figures = tmp_path / "figures.json"
    options = ("--against", vit_release, "--served", "--per-type", "--per-song", 1, "--seconds", 8)
    result = evaluate(pilots, "--model", release, *options, "--json", figures, "--cache", tmp_path / "cache")
    assert result.exit_code == 0, result.output
    described = json.loads(figures.read_text())
    kinds = [(label.split()[0], label.endswith("network alone")) for label in described["scorers"]]
    assert kinds == [("tiny", False), ("vit", False), ("tiny", True), ("vit", True)]
    ours = described["scorers"][0]
    assert set(described["tables"][0]["compared"]) == {*described["scorers"]} - {ours}


def test_rules_stand_in_the_same_table(pilots: Path, release: Path, tmp_path: Path) -> None:
    report = tmp_path / "report"
    options = ("--baselines", "--per-type", "--per-song", 1, "--seconds", 8, "--report", report)
    result = evaluate(pilots, "--model", release, *options, "--cache", tmp_path / "cache")
    assert result.exit_code == 0, result.output
    text = (report / "report.md").read_text()
    assert "| chance |" in text
    assert "| loudness |" in text
    assert {"loudness", "duration"} <= set(json.loads((report / "report.json").read_text())["scorers"])


def test_relations_can_be_left_out(pilots: Path, release: Path, tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    options = ("--no-relations", "--per-type", "--per-song", 1, "--seconds", 8, "--json", figures)
    result = evaluate(pilots, "--model", release, *options, "--cache", tmp_path / "cache")
    assert result.exit_code == 0, result.output
    assert "without relations" in result.output
    assert [one["relations"] for one in json.loads(figures.read_text())["tables"]] == [False]


def test_the_songs_held_out_can_be_asked_alone(pilots: Path, release: Path, tmp_path: Path) -> None:
    for pilot, name in (("00", "song-001"), ("01", "song-009"), ("00", "song-002")):
        shutil.copytree(pilots / pilot, tmp_path / "songs" / name)
    figures = tmp_path / "figures.json"
    options = ("--held-out", "--per-type", "--per-song", 1, "--seconds", 8, "--json", figures)
    result = evaluate(tmp_path / "songs", "--model", release, *options, "--cache", tmp_path / "cache")
    assert result.exit_code == 0, result.output
    described = json.loads(figures.read_text())
    assert described["set"] == "songs, held out"
    assert {one["song"] for one in described["tables"][0]["ranks"][described["scorers"][0]]} == {
        "song-001",
        "song-009",
    }


def test_several_protocols_are_asked_in_order(pilots: Path, release: Path, tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    options = ("--protocol", "other-section", "--protocol", "grid", "--per-type", "--per-song", 1)
    result = evaluate(pilots, "--model", release, *options, "--json", figures, "--cache", tmp_path / "cache")
    assert result.exit_code == 0, result.output
    tables = json.loads(figures.read_text())["tables"]
    assert [one["protocol"] for one in tables] == ["other-section", "grid"]


def test_figures_go_into_the_card(pilots: Path, release: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(release, tmp_path / "release"))
    options = ("--per-song", 1, "--per-type", "--record", "two pilots", "--cache", tmp_path / "cache")
    assert evaluate(pilots, "--model", folder, *options).exit_code == 0
    recorded = read_card(folder).evaluation["two pilots, shifted, 20 s, per type"]
    assert recorded["queries"] == 2 * 3
    assert recorded["candidates"] == 2


def test_musdb18_is_one_command(release: Path, tmp_path: Path) -> None:
    for number, name in enumerate(("train/A - One", "test/B - Two")):
        for stem in ("drums", "bass", "other", "vocals", "mixture"):
            generator = np.random.default_rng([number, len(stem)])
            waveform = 0.1 * generator.standard_normal(160_000).astype(np.float32)
            write_wav(tmp_path / "musdb18" / name / f"{stem}.wav", waveform)
    figures = tmp_path / "figures.json"
    options = ("--protocol", "musdb18", "--json", figures, "--cache", tmp_path / "cache")
    result = evaluate(tmp_path / "musdb18", "--model", release, *options)
    assert result.exit_code == 0, result.output
    all_types = json.loads(figures.read_text())["tables"][1]
    assert (all_types["seconds"], all_types["queries"]) == (None, 8)
    assert {one["candidates"] for ranks in all_types["ranks"].values() for one in ranks} == {8}


@pytest.mark.parametrize(
    "options", [("--protocol", "backwards"), ("--seconds", 1), ("--hop", 0), ("--per-song", 0)]
)
def test_what_makes_no_sense_is_refused_before_anything_is_done(
    pilots: Path, options: tuple[object, ...]
) -> None:
    result = evaluate(pilots, *options)
    assert result.exit_code == 2
    assert "Error: " in result.stderr


def test_songs_too_short_to_ask_about_are_one_line(release: Path, tmp_path: Path) -> None:
    write_pilots(tmp_path / "songs", songs=2, seconds=5.0)
    result = evaluate(tmp_path / "songs", "--model", release, "--cache", tmp_path / "cache")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("Error: Nothing can be asked of")


def test_each_length_of_queries_is_a_protocol_of_its_own() -> None:
    chosen = choose_protocols(PROTOCOLS["aligned"], (5.0, 10.0), 2, 8.0)
    assert [(one.name, one.seconds, one.per_song, one.hop_seconds) for one in chosen] == [
        ("aligned", 5.0, 2, 8.0),
        ("aligned", 10.0, 2, 8.0),
    ]


def test_whole_songs_stay_whole() -> None:
    (chosen,) = choose_protocols(PROTOCOLS["musdb18"], (5.0, 10.0), 2, 8.0)
    assert chosen.whole_songs
    assert chosen.per_song == 1
