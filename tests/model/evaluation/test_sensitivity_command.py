"""`counterpart model sensitivity`, from folders to figures and pictures."""

import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from audio.stems import StemType
from model.evaluation.baselines import rule_scorers
from model.evaluation.protocols import EvaluationProtocol
from model.evaluation.scorer import EmbeddingScorer, StemScorer
from model.evaluation.sensitivity_command import NoTrialsError, measure_sensitivity, sensitivity
from model.evaluation.sensitivity_variants import find_variants
from model.stem_reader import StemReader
from tests.model.evaluation.sensitivity_songs import HearsRhythm, write_rhythms
from tests.model.multitracks import write_song

PROTOCOL = EvaluationProtocol(per_song=1)


def rhythm_scorer() -> StemScorer:
    return EmbeddingScorer(HearsRhythm(), "rhythm")


def test_figures_of_all_scorers_are_printed_written_and_drawn(tmp_path: Path) -> None:
    plain = write_rhythms(tmp_path / "plain", 2)
    folders = [
        write_rhythms(tmp_path / "up", 2, transpose=1),
        write_rhythms(tmp_path / "slow", 2, stretch=1.1),
    ]
    rule = next(one for one in rule_scorers() if one.label == "loudness")
    heard, report = io.StringIO(), tmp_path / "report"
    found = measure_sensitivity(
        find_variants(plain, folders),
        StemReader(tmp_path / "cache"),
        [rhythm_scorer(), rule],
        PROTOCOL,
        report=report,
        console=Console(file=heard, width=200),
    )
    assert json.loads((report / "sensitivity.json").read_text()) == json.loads(json.dumps(found))
    assert {path.name for path in report.glob("*.png")} == {
        "sensitivity-transpose.png",
        "sensitivity-stretch.png",
        "sensitivity-shift.png",
    }
    assert {(one["kind"], one["stems"]) for one in found["sensitivity"]["rhythm"]} == {
        ("transpose", "pitched"),
        *((kind, stems) for kind in ("stretch", "shift") for stems in ("pitched", "drums")),
    }
    tiers = {one["name"]: one for one in found["tiers"]["rhythm"]}
    assert tiers["other songs"]["accuracy"]["value"] == 1
    assert tiers["itself, stretched"]["accuracy"]["value"] == 1
    assert tiers["itself, shifted by part of a beat"]["accuracy"]["value"] == 1
    assert "loudness" in found["sensitivity"]
    assert "rhythm, transpose, pitched stems: 4 queries" in heard.getvalue()
    assert "loudness, hard-negative tiers" in heard.getvalue()
    assert "itself, shifted by part of a beat" in heard.getvalue()


def test_nothing_is_written_unless_asked_for(tmp_path: Path) -> None:
    plain = write_rhythms(tmp_path / "plain", 2)
    measure_sensitivity(
        find_variants(plain, []),
        StemReader(tmp_path / "cache"),
        [rhythm_scorer()],
        PROTOCOL,
        report=None,
        console=Console(file=io.StringIO()),
    )
    assert {path.name for path in tmp_path.iterdir()} <= {"plain", "cache"}


def test_songs_without_a_rival_are_refused(tmp_path: Path) -> None:
    plain = write_rhythms(tmp_path / "plain", 1)
    with pytest.raises(NoTrialsError, match="two that share a stem type"):
        measure_sensitivity(
            find_variants(plain, []),
            StemReader(tmp_path / "cache"),
            [rhythm_scorer()],
            PROTOCOL,
            report=tmp_path / "report",
            console=Console(file=io.StringIO()),
        )
    assert not (tmp_path / "report").exists()


def test_a_release_is_measured_from_the_command_line(tmp_path: Path, release: Path) -> None:
    for folder, transpose in (("plain", 0), ("up", 1)):
        for number in range(2):
            song = write_song(tmp_path / folder / f"{number}", number, (StemType.BASS, StemType.KEYS), 20.0)
            (song / "song.json").write_text(json.dumps({"bpm": 120, "transpose": transpose, "stretch": 1}))
    arguments = [str(tmp_path / "plain"), str(tmp_path / "up"), "--model", str(release)]
    outcome = CliRunner().invoke(
        sensitivity,
        [*arguments, "--cache", str(tmp_path / "cache"), "--report", str(tmp_path / "report")],
        catch_exceptions=False,
    )
    assert outcome.exit_code == 0, outcome.output
    found = json.loads((tmp_path / "report" / "sensitivity.json").read_text())
    (label,) = found["sensitivity"]
    assert [one["kind"] for one in found["sensitivity"][label]] == ["transpose", "shift"]
    assert found["sensitivity"][label][0]["points"][0]["queries"] == 4


def test_what_a_user_can_put_right_is_one_line(tmp_path: Path, release: Path) -> None:
    write_song(tmp_path / "plain" / "a", 0, seconds=1.0)
    write_song(tmp_path / "up" / "a", 0, seconds=1.0)
    outcome = CliRunner().invoke(
        sensitivity, [str(tmp_path / "plain"), str(tmp_path / "up"), "--model", str(release)]
    )
    assert outcome.exit_code == 1
    assert outcome.output.startswith("Error: ")
    assert "does not say how the song was rendered" in outcome.output
