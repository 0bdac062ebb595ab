"""A calibration that is fitted anew changes what scores mean, and nothing else of a release."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from model.calibration import TooFewSongsError
from model.card import Calibration, read_card, write_card
from model.cli import model
from model.embedder import Embedder
from model.recalibration import UnfitSongsError, recalibrate
from model.songs import HELD_OUT
from model.stem_reader import StemReader
from tests.model.fake_embedders import write_pilots
from tests.model.multitracks import names_of_side, write_song


@pytest.fixture
def folder(release: Path, tmp_path: Path) -> Path:
    """A release of one's own, whose scores mean nothing yet."""
    copied = Path(shutil.copytree(release, tmp_path / "release"))
    write_card(copied, replace(read_card(copied), calibration=Calibration(1.0, 0.0)))
    return copied


def calibrate(*arguments: object) -> Result:
    return CliRunner().invoke(model, ["calibrate", *(str(argument) for argument in arguments)])


def test_the_card_gets_another_calibration_and_keeps_all_else(
    folder: Path, tmp_path: Path, reader: StemReader
) -> None:
    before, others = read_card(folder), sorted(path.name for path in folder.iterdir())
    fitted = recalibrate(folder, write_pilots(tmp_path / "songs", songs=4), reader)
    after = read_card(folder)
    assert after == replace(before, calibration=fitted)
    assert after.id == before.id  # a library that was embedded by it stays good
    assert fitted.pairs == fitted.reliability["together"] + fitted.reliability["apart"] > 0
    assert sorted(path.name for path in folder.iterdir()) == others


def test_what_is_fitted_is_what_serving_reads(folder: Path, tmp_path: Path, reader: StemReader) -> None:
    fitted = recalibrate(folder, write_pilots(tmp_path / "songs", songs=4), reader)
    assert Embedder.open(folder).card.calibration == fitted
    assert np.isfinite([fitted.slope, fitted.intercept]).all()


def test_songs_that_share_no_type_leave_the_card_as_it_was(
    folder: Path, tmp_path: Path, reader: StemReader
) -> None:
    before = (folder / "card.json").read_bytes()
    with pytest.raises(TooFewSongsError, match="share a stem type"):
        recalibrate(folder, write_pilots(tmp_path / "songs", songs=1), reader)
    assert (folder / "card.json").read_bytes() == before


def test_the_command_says_how_far_it_can_be_believed(folder: Path, tmp_path: Path) -> None:
    write_pilots(tmp_path / "songs", songs=4)
    result = calibrate(folder, tmp_path / "songs", "--cache", tmp_path / "cache")
    assert result.exit_code == 0, result.output
    told = read_card(folder).calibration
    assert f"on {told.pairs} pairs: Brier score {told.reliability['brier']}" in result.output


def test_only_held_out_songs_are_asked_if_that_is_wanted(folder: Path, tmp_path: Path) -> None:
    pairs = []
    for held_out, songs in ((True, 3), (False, 2)):
        for number, name in zip(range(songs), names_of_side(held_out=held_out, share=HELD_OUT), strict=False):
            write_song(tmp_path / "songs" / name, number, seconds=12)
    for options in ((), ("--held-out",)):
        result = calibrate(folder, tmp_path / "songs", *options, "--cache", tmp_path / "cache")
        assert result.exit_code == 0, result.output
        pairs.append(read_card(folder).calibration.pairs)
    assert pairs[1] == pairs[0] * 3 / 5


def test_what_is_no_release_is_one_line(tmp_path: Path) -> None:
    write_pilots(tmp_path / "songs", songs=2)
    result = calibrate(tmp_path / "songs", tmp_path / "songs", "--cache", tmp_path / "cache")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


def test_songs_that_say_the_opposite_leave_the_card_as_it_was(
    folder: Path, tmp_path: Path, reader: StemReader
) -> None:
    before = read_card(folder)
    with pytest.raises(UnfitSongsError, match="belong together less often"):
        recalibrate(
            folder, write_pilots(tmp_path / "songs", songs=4), reader, fit=lambda *_: Calibration(-1, 0)
        )
    assert read_card(folder) == before
