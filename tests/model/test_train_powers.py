"""Training on spectra that were taken once: it learns the same way, and goes on where it was."""

from pathlib import Path

import pytest
import torch
from rich.console import Console

from model.run import HELD_OUT
from model.songs import Song, split_songs
from model.stem_reader import StemReader
from model.train import Trainer, TrainingData
from tests.model.configs import short
from tests.model.test_checkpoint import have_equal_weights

CPU = torch.device("cpu")


@pytest.fixture
def data(songs: list[Song], reader: StemReader) -> TrainingData:
    return TrainingData(*split_songs(songs, HELD_OUT), reader)


@pytest.fixture
def quiet() -> Console:
    return Console(quiet=True)


def stored(run: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (run / "powers").iterdir()}


def test_spectra_are_kept_in_the_run(tmp_path: Path, data: TrainingData, quiet: Console) -> None:
    Trainer(short(mix_powers=True), data, tmp_path / "run", CPU).train(quiet)
    names = {name.split(".", 1)[1] for name in stored(tmp_path / "run")}
    assert names == {"levels.npy", "squares.npy"}
    assert not (tmp_path / "without").exists()
    Trainer(short(), data, tmp_path / "without", CPU).train(quiet)
    assert not (tmp_path / "without" / "powers").exists()


def test_a_run_that_was_stopped_ends_with_the_same_weights(
    tmp_path: Path, data: TrainingData, quiet: Console
) -> None:
    config = short(mix_powers=True)
    whole = Trainer(config, data, tmp_path / "whole", CPU)
    whole.train(quiet)
    Trainer(config, data, tmp_path / "stopped", CPU).train(quiet, shall_stop=lambda: True)
    before = stored(tmp_path / "stopped")
    resumed = Trainer(config, data, tmp_path / "stopped", CPU)
    assert resumed.progress.step == 1
    resumed.train(quiet)
    assert have_equal_weights(resumed.jepa, whole.jepa)
    after = stored(tmp_path / "stopped")
    assert {name: after[name] for name in before} == before


def test_losses_are_close_to_those_of_waveforms(tmp_path: Path, data: TrainingData, quiet: Console) -> None:
    """The first step of both has the same network and the same pairs."""
    losses = []
    for powers in (False, True):
        run = tmp_path / f"{powers}"
        config = short(mix_powers=powers, steps=1, equaliser_db=0.0, jitter_samples=0)
        Trainer(config, data, run, CPU).train(quiet)
        rows = (row.split(",") for row in (run / "log.csv").read_text().splitlines())
        losses.append(next(float(value) for _, name, value in rows if name == "contrast"))
    assert losses[0] == pytest.approx(losses[1], rel=0.1)
    assert losses[0] != losses[1]
