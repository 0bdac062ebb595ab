"""Half precision is used where a device computes in it, and nowhere else."""

import io
from pathlib import Path

import pytest
import torch
from rich.console import Console

from model.precision import computes_halves
from model.songs import HELD_OUT, Song, split_songs
from model.stem_reader import StemReader
from model.train import Trainer, TrainingData
from tests.model.configs import short
from tests.model.test_checkpoint import have_equal_weights

CPU = torch.device("cpu")


@pytest.fixture
def data(songs: list[Song], reader: StemReader) -> TrainingData:
    return TrainingData(*split_songs(songs, HELD_OUT), reader)


def train(data: TrainingData, run: Path, *, bfloat16: bool, can_halve: bool) -> tuple[Trainer, str]:
    said = io.StringIO()
    config = short(bfloat16=bfloat16, steps=1)
    trainer = Trainer(config, data, run, CPU, can_halve=lambda _: can_halve)
    trainer.train(Console(file=said, width=200))
    return trainer, said.getvalue()


def test_a_device_that_cannot_trains_in_single_precision_and_says_so(
    tmp_path: Path, data: TrainingData
) -> None:
    asked, said = train(data, tmp_path / "asked", bfloat16=True, can_halve=False)
    single, silent = train(data, tmp_path / "single", bfloat16=False, can_halve=False)
    assert "single precision" in said
    assert "single precision" not in silent
    assert have_equal_weights(asked.jepa, single.jepa)


def test_a_device_that_can_trains_in_half_precision(tmp_path: Path, data: TrainingData) -> None:
    halves, said = train(data, tmp_path / "halves", bfloat16=True, can_halve=True)
    single, _ = train(data, tmp_path / "single", bfloat16=False, can_halve=True)
    assert "single precision" not in said
    assert not have_equal_weights(halves.jepa, single.jepa)


def test_a_processor_is_asked_for_what_it_has() -> None:
    assert computes_halves(CPU) == ("avx512_bf16" in Path("/proc/cpuinfo").read_text())
