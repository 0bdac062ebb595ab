"""Training runs: what they write, that they learn, and that they go on exactly where they were."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console

from model.checkpoint import Progress, load_network, load_progress
from model.jepa import Jepa
from model.songs import HELD_OUT, Song, split_songs
from model.stem_reader import StemReader
from model.train import (
    DivergedError,
    OtherConfigError,
    StepLog,
    Trainer,
    TrainingData,
    count_parameters,
    pick_device,
)
from tests.model.configs import short, tiny
from tests.model.test_checkpoint import have_equal_weights

CPU = torch.device("cpu")


class KilledError(Exception):
    """Stands for the end of a process."""


class DiesWhileValidating(StemReader):
    """A reader at whose first validation song the process ends."""

    def __init__(self, cache: Path, validation: Sequence[Song]) -> None:
        super().__init__(cache)
        self.validation = validation

    def length(self, song: Song) -> int:
        if song in self.validation:
            raise KilledError
        return super().length(song)


@pytest.fixture
def data(songs: list[Song], reader: StemReader) -> TrainingData:
    return TrainingData(*split_songs(songs, HELD_OUT), reader)


@pytest.fixture
def cut_off(data: TrainingData) -> TrainingData:
    """The same data, of which a run does not survive its first validation."""
    return replace(data, reader=DiesWhileValidating(data.reader.cache, data.validation))


@pytest.fixture
def quiet() -> Console:
    return Console(quiet=True)


def steps_in(log: Path, name: str) -> list[int]:
    with log.open(newline="") as file:
        return [int(row["step"]) for row in csv.DictReader(file) if row["name"] == name]


def test_a_run_leaves_its_last_and_best_checkpoint_and_a_log(
    tmp_path: Path, data: TrainingData, quiet: Console
) -> None:
    run = tmp_path / "run"
    progress = Trainer(short(), data, run, CPU).train(quiet)
    assert progress.step == 6
    assert {path.name for path in run.iterdir()} == {"last", "best", "log.csv"}
    assert load_progress(run / "last") == progress
    assert load_progress(run / "best").step == progress.best_step
    assert progress.best_step in {3, 6}


def test_a_log_has_every_step_and_every_validation(
    tmp_path: Path, data: TrainingData, quiet: Console
) -> None:
    Trainer(short(), data, tmp_path / "run", CPU).train(quiet)
    log = tmp_path / "run" / "log.csv"
    for name in ("loss", "jepa", "contrast", "contrast_global", "spread", "momentum", "rate"):
        assert steps_in(log, name) == [1, 2, 3, 4, 5, 6]
    assert steps_in(log, "R@1") == steps_in(log, "mean_rank") == [3, 6]


def test_training_moves_network_and_target(tmp_path: Path, data: TrainingData, quiet: Console) -> None:
    trainer = Trainer(short(), data, tmp_path / "run", CPU)
    before = {name: tensor.clone() for name, tensor in trainer.jepa.state_dict().items()}
    trainer.train(quiet)
    still = [name for name, tensor in trainer.jepa.state_dict().items() if torch.equal(tensor, before[name])]
    assert still == []


def test_a_network_goes_on_training_after_its_validation(
    tmp_path: Path, data: TrainingData, quiet: Console
) -> None:
    trainer = Trainer(short(), data, tmp_path / "run", CPU)
    trainer.train(quiet)
    assert trainer.jepa.training
    assert not trainer.jepa.target.training


def test_the_same_seed_begins_with_the_same_network(tmp_path: Path, data: TrainingData) -> None:
    first, again, other = (
        Trainer(short(seed=seed), data, tmp_path / str(number), CPU).jepa
        for number, seed in enumerate((0, 0, 1))
    )
    assert have_equal_weights(first, again)
    assert not have_equal_weights(first, other)


def test_a_run_that_was_cut_off_ends_with_the_same_weights(
    tmp_path: Path, data: TrainingData, cut_off: TrainingData, quiet: Console
) -> None:
    config = short(steps=12, checkpoint_every=6, validate_every=9)
    whole = Trainer(config, data, tmp_path / "whole", CPU)
    whole.train(quiet)
    with pytest.raises(KilledError):  # at step 9, after the checkpoint of step 6
        Trainer(config, cut_off, tmp_path / "cut", CPU).train(quiet)
    resumed = Trainer(config, data, tmp_path / "cut", CPU)
    assert resumed.progress.step == 6
    resumed.train(quiet)
    assert have_equal_weights(resumed.jepa, whole.jepa)
    assert have_equal_weights(
        load_network(tmp_path / "cut" / "best"), load_network(tmp_path / "whole" / "best")
    )


def test_the_log_of_a_cut_off_run_has_every_step_once(
    tmp_path: Path, data: TrainingData, cut_off: TrainingData, quiet: Console
) -> None:
    config, run = short(steps=7, checkpoint_every=3, validate_every=5), tmp_path / "run"
    with pytest.raises(KilledError):
        Trainer(config, cut_off, run, CPU).train(quiet)
    assert steps_in(run / "log.csv", "loss") == [1, 2, 3, 4, 5]
    Trainer(config, data, run, CPU).train(quiet)
    assert steps_in(run / "log.csv", "loss") == [1, 2, 3, 4, 5, 6, 7]
    assert steps_in(run / "log.csv", "R@1") == [5, 7]


def test_a_finished_run_has_nothing_left_to_do(tmp_path: Path, data: TrainingData, quiet: Console) -> None:
    config = short(steps=3)
    Trainer(config, data, tmp_path / "run", CPU).train(quiet)
    weights = (tmp_path / "run" / "last" / "weights.pt").stat().st_mtime_ns
    assert Trainer(config, data, tmp_path / "run", CPU).train(quiet).step == 3
    assert (tmp_path / "run" / "last" / "weights.pt").stat().st_mtime_ns == weights


def test_another_config_in_the_same_folder_is_refused(
    tmp_path: Path, data: TrainingData, quiet: Console
) -> None:
    Trainer(short(steps=3), data, tmp_path / "run", CPU).train(quiet)
    log = (tmp_path / "run" / "log.csv").read_text()
    with pytest.raises(OtherConfigError, match=r"was trained with another config\. Choose another --out"):
        Trainer(short(steps=3, learning_rate=0.5), data, tmp_path / "run", CPU)
    assert (tmp_path / "run" / "log.csv").read_text() == log


def test_without_songs_to_validate_on_the_latest_is_the_best(
    tmp_path: Path, data: TrainingData, quiet: Console
) -> None:
    progress = Trainer(short(), replace(data, validation=[]), tmp_path / "run", CPU).train(quiet)
    assert progress.best_step == 6
    assert have_equal_weights(
        load_network(tmp_path / "run" / "best"), load_network(tmp_path / "run" / "last")
    )


def test_a_network_that_has_diverged_stops_the_run(
    tmp_path: Path, data: TrainingData, quiet: Console
) -> None:
    trainer = Trainer(short(), data, tmp_path / "run", CPU)
    with torch.no_grad():
        trainer.jepa.predictor.types.weight.fill_(float("nan"))
    with pytest.raises(DivergedError, match="the network has diverged"):
        trainer.train(quiet)
    assert not (tmp_path / "run" / "best").exists()


def test_a_run_that_diverges_keeps_what_it_last_saved(
    tmp_path: Path, data: TrainingData, quiet: Console
) -> None:
    Trainer(short(steps=2), data, tmp_path / "run", CPU).train(quiet)
    saved = load_network(tmp_path / "run" / "last")
    trainer = Trainer(short(steps=2), data, tmp_path / "run", CPU)
    trainer.progress = replace(trainer.progress, step=0)
    with torch.no_grad():
        trainer.jepa.predictor.types.weight.fill_(float("nan"))
    with pytest.raises(DivergedError, match=r"loss of step 1 .* lower learning rates"):
        trainer.train(quiet)
    assert have_equal_weights(load_network(tmp_path / "run" / "last"), saved)


def test_half_precision_trains_too(tmp_path: Path, data: TrainingData, quiet: Console) -> None:
    trainer = Trainer(short(steps=2, bfloat16=True), data, tmp_path / "run", CPU)
    trainer.train(quiet)
    assert all(tensor.dtype == torch.float32 for tensor in trainer.jepa.state_dict().values())
    assert all(bool(torch.isfinite(tensor).all()) for tensor in trainer.jepa.state_dict().values())


def test_a_torn_last_line_of_a_log_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("step,name,value\n1,loss,2.5\n\n2,loss,2.25\n1")
    StepLog(path, step=2).write(3, {"loss": 2.125})
    assert path.read_text().splitlines() == ["step,name,value", "1,loss,2.5", "2,loss,2.25", "3,loss,2.125"]


def test_a_log_is_cut_back_to_the_step_that_a_run_resumes_from(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    StepLog(path, step=0).write(1, {"loss": 2.0})
    StepLog(path, step=1).write(2, {"loss": 1.0})
    StepLog(path, step=1)
    assert path.read_text().splitlines() == ["step,name,value", "1,loss,2"]


def test_a_gpu_that_is_not_there_is_no_reason_to_train_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    with pytest.raises(ValueError, match=r"No CUDA device was found\. Use --device cpu"):
        pick_device("cuda")


def test_the_cpu_is_always_there() -> None:
    assert pick_device("cpu") == CPU


def test_parameters_are_counted_whether_learned_or_followed() -> None:
    jepa = Jepa(tiny())
    assert count_parameters(jepa) == sum(one.numel() for one in jepa.parameters())
    assert count_parameters(jepa.target) == count_parameters(jepa.online)


def test_progress_is_plain_data() -> None:
    assert vars(Progress(1, 0.5, 1)) == {"step": 1, "best_score": 0.5, "best_step": 1}


def test_a_run_that_is_told_to_stop_keeps_what_it_did(
    data: TrainingData, tmp_path: Path, quiet: Console
) -> None:
    answers = iter([False, True])
    progress = Trainer(short(), data, tmp_path / "run", CPU).train(quiet, lambda: next(answers))
    assert progress.step == load_progress(tmp_path / "run" / "last").step == 2
    whole = Trainer(short(), data, tmp_path / "whole", CPU)
    whole.train(quiet)
    resumed = Trainer(short(), data, tmp_path / "run", CPU)
    assert resumed.train(quiet).step == 6
    assert have_equal_weights(resumed.jepa, whole.jepa)


def test_a_run_that_ends_after_its_first_validation_goes_on(
    data: TrainingData, tmp_path: Path, quiet: Console
) -> None:
    """Though its first checkpoint was not due yet: a best one alone could not be gone on from."""

    def die() -> bool:
        raise KilledError

    config = short(steps=4, validate_every=1, checkpoint_every=4)
    with pytest.raises(KilledError):
        Trainer(config, data, tmp_path / "cut", CPU).train(quiet, die)
    assert load_progress(tmp_path / "cut" / "last") == load_progress(tmp_path / "cut" / "best")
    resumed = Trainer(config, data, tmp_path / "cut", CPU)
    assert resumed.progress.step == 1
    resumed.train(quiet)
    whole = Trainer(config, data, tmp_path / "whole", CPU)
    whole.train(quiet)
    assert have_equal_weights(resumed.jepa, whole.jepa)


def test_a_new_run_can_begin_with_the_network_of_another(data: TrainingData, tmp_path: Path) -> None:
    torch.manual_seed(99)
    earlier = Jepa(short())
    assert have_equal_weights(Trainer(short(), data, tmp_path / "run", CPU, earlier).jepa, earlier)


def test_a_run_that_goes_on_does_not_begin_again(data: TrainingData, tmp_path: Path, quiet: Console) -> None:
    trainer = Trainer(short(), data, tmp_path / "run", CPU)
    trainer.train(quiet)
    again = Trainer(short(), data, tmp_path / "run", CPU, Jepa(short()))
    assert have_equal_weights(again.jepa, trainer.jepa)
