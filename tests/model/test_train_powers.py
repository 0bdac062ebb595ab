"""Training on spectra that were taken once: it learns the same way, and goes on where it was."""

from pathlib import Path

import pytest
import torch
from rich.console import Console

from model.songs import HELD_OUT, Song, split_songs
from model.stem_reader import StemReader
from model.train import Trainer, TrainingData
from tests.model.configs import short
from tests.model.test_checkpoint import have_equal_weights

CPU = torch.device("cpu")


@pytest.fixture
def data(songs: list[Song], tmp_path: Path) -> TrainingData:
    return TrainingData(*split_songs(songs, HELD_OUT), StemReader(tmp_path / "cache"))


@pytest.fixture
def quiet() -> Console:
    return Console(quiet=True)


def stored(data: TrainingData) -> dict[str, int]:
    """Files of spectra, and when they were written."""
    folder = data.reader.cache / "powers"
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} if folder.exists() else {}


def test_spectra_are_kept_with_what_is_decoded_and_serve_every_run(
    tmp_path: Path, data: TrainingData, quiet: Console
) -> None:
    Trainer(short(), data, tmp_path / "without", CPU).train(quiet)
    assert stored(data) == {}
    Trainer(short(mix_powers=True), data, tmp_path / "first", CPU).train(quiet)
    written = stored(data)
    assert {name.split(".", 1)[1] for name in written} == {"levels.npy", "squares.npy"}
    Trainer(short(mix_powers=True), data, tmp_path / "second", CPU).train(quiet)
    assert stored(data) == written


def test_a_run_that_was_stopped_ends_with_the_same_weights(
    tmp_path: Path, data: TrainingData, quiet: Console
) -> None:
    config = short(mix_powers=True)
    whole = Trainer(config, data, tmp_path / "whole", CPU)
    whole.train(quiet)
    Trainer(config, data, tmp_path / "stopped", CPU).train(quiet, shall_stop=lambda: True)
    resumed = Trainer(config, data, tmp_path / "stopped", CPU)
    assert resumed.progress.step == 1
    resumed.train(quiet)
    assert have_equal_weights(resumed.jepa, whole.jepa)


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
