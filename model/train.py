"""The training loop: resumable to the step, choosing its best checkpoint by validation retrieval."""

import csv
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from model.batches import Batch, PairSampler
from model.blending import check_alike
from model.checkpoint import Progress, has_checkpoint, load_network, load_training, save_checkpoint
from model.config import Config
from model.evaluation.metrics import mean_normalised_rank, recall_at
from model.evaluation.protocols import EvaluationProtocol
from model.evaluation.retrieval import rank_songs
from model.freed_memory import keep_freed_memory
from model.jepa import Jepa
from model.material import choose_material
from model.optimiser import Optimiser
from model.precision import computes_halves
from model.schedules import linear, warmup_cosine
from model.songs import Song
from model.stem_reader import StemReader
from model.step import images_of, losses_of
from model.stopping import ShallStop, never
from model.torch_embedder import TorchEmbedder

VALIDATION = EvaluationProtocol(per_song=1, relations=False)
LOG_HEADER = ["step", "name", "value"]


@dataclass(frozen=True)
class TrainingData:
    """Songs to learn from and songs to choose the checkpoint by; never a test set."""

    training: Sequence[Song]
    validation: Sequence[Song]
    reader: StemReader


class OtherConfigError(ValueError):
    """A run folder that was started with another config."""


class DivergedError(ValueError):
    """A network of which nothing can be expected any more."""


class Trainer:
    """A run in a folder: `last/` to resume from, `best/` to export, `log.csv` to look at."""

    def __init__(
        self,
        config: Config,
        data: TrainingData,
        run: Path,
        device: torch.device,
        start_from: Jepa | None = None,
        *,
        can_halve: Callable[[torch.device], bool] = computes_halves,
    ) -> None:
        self.config, self.data, self.run, self.device = config, data, run, device
        self.halves = config.train.bfloat16 and can_halve(device)
        material = choose_material(data.reader, config, data.reader.cache / "powers")
        self.sampler = PairSampler(list(data.training), data.reader, config, material)
        torch.manual_seed(config.train.seed)
        resumed = has_checkpoint(run / "last")
        self.jepa = (load_network(run / "last") if resumed else Jepa(config)).to(device)
        if start_from is not None and not resumed:
            check_alike(self.jepa, start_from)
            self.jepa.load_state_dict(start_from.state_dict())
        if self.jepa.config != config:
            raise OtherConfigError(
                f"{run} was trained with another config. Choose another --out, or remove it."
            )
        self.optimiser = Optimiser(self.jepa, config.train)
        none_yet = Progress(step=0, best_score=-math.inf, best_step=0)
        self.progress = load_training(run / "last", self.optimiser) if resumed else none_yet
        self.log = StepLog(run / "log.csv", self.progress.step)

    def train(self, console: Console, shall_stop: ShallStop = never) -> Progress:
        """Go on from where the run stands to its last step, or until told to stop; what is done is saved."""
        options = self.config.train
        keep_freed_memory()
        if options.bfloat16 and not self.halves:
            console.print("Training in single precision: this device does not compute in bfloat16.")
        with _bar(console) as bar:
            task = bar.add_task("training", total=options.steps, completed=self.progress.step, said="")
            for batch in self.sampler.batches(self.progress.step, options.steps):
                said = self._step(batch)
                if self.progress.step % options.validate_every == 0 or self.progress.step == options.steps:
                    self._validate(console)
                ends = self.progress.step == options.steps or shall_stop()
                if self.progress.step % options.checkpoint_every == 0 or ends:
                    save_checkpoint(self.run / "last", self.jepa, self.optimiser, self.progress)
                bar.update(task, completed=self.progress.step, said=said)
                if ends:
                    break
        return self.progress

    def _step(self, batch: Batch) -> str:
        options, step, started = self.config.train, self.progress.step, time.perf_counter()
        share = warmup_cosine(step, options.steps, options.warmup_steps, 1.0)
        images = images_of(self.jepa, batch, self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.halves):
            losses = losses_of(self.jepa, images)
        if not bool(torch.isfinite(losses.total)):
            raise DivergedError(
                f"The loss of step {step + 1} is no number: the network has diverged. Train with lower "
                f"learning rates; {self.run / 'last'} holds what there was at the last checkpoint, if any."
            )
        self.optimiser.zero_grad()
        losses.total.backward()  # type: ignore[no-untyped-call]  # PyTorch leaves it untyped
        torch.nn.utils.clip_grad_norm_(self.jepa.parameters(), options.clip_norm)
        self.optimiser.step(share)
        momentum = linear(step, options.steps, options.momentum_start, options.momentum_end)
        self.jepa.update_target(momentum)
        self.progress = Progress(step + 1, self.progress.best_score, self.progress.best_step)
        figures = {name: float(part) for name, part in losses.parts.items()}
        pairs_per_second = options.batch / (time.perf_counter() - started)
        loss, rate = float(losses.total.detach()), share * options.learning_rate
        self.log.write(step + 1, {"loss": loss, **figures, "momentum": momentum, "rate": rate})
        return f"loss {loss:.3f}  {pairs_per_second:.0f} pairs/s"

    def _validate(self, console: Console) -> None:
        results = rank_songs(
            self.data.validation, self.data.reader, TorchEmbedder(self.jepa, self.device), VALIDATION
        )
        self.jepa.train()
        step = self.progress.step
        if not results:
            console.print(f"step {step}: nothing to validate on; the latest checkpoint counts as the best")
            self._keep_best(self.progress.best_score)
            return
        recall, rank = recall_at(1)(results), mean_normalised_rank(results)
        self.log.write(step, {"R@1": recall, "mean_rank": rank})
        console.print(
            f"step {step}: validation R@1 {recall:.1%}, mean rank {rank:.1%}, {len(results)} queries"
        )
        if (score := recall - rank) > self.progress.best_score:
            self._keep_best(score)

    def _keep_best(self, score: float) -> None:
        self.progress = Progress(self.progress.step, score, self.progress.step)
        if not has_checkpoint(self.run / "last"):  # with a best one alone there is nothing to go on from
            save_checkpoint(self.run / "last", self.jepa, self.optimiser, self.progress)
        save_checkpoint(self.run / "best", self.jepa, self.optimiser, self.progress)


class StepLog:
    """A CSV of (step, name, value): appended to, cut back to the step that a run resumes from."""

    def __init__(self, path: Path, step: int) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = [row for row in _rows(path) if int(row[0]) <= step]
        partial = path.with_suffix(".partial")
        with partial.open("w", newline="") as file:
            csv.writer(file).writerows([LOG_HEADER, *kept])
        partial.replace(path)

    def write(self, step: int, figures: dict[str, float]) -> None:
        with self.path.open("a", newline="") as file:
            csv.writer(file).writerows([step, name, f"{value:.6g}"] for name, value in figures.items())


def _rows(path: Path) -> list[list[str]]:
    """Whole rows of a log; a kill may have torn the last one."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [row for row in csv.reader(file) if len(row) == len(LOG_HEADER) and row != LOG_HEADER]


def pick_device(name: str) -> torch.device:
    """`cpu` or `cuda`.

    Raises:
        ValueError: CUDA was asked for and is not there; a slow run on the CPU would be no answer.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError("No CUDA device was found. Use --device cpu, or install a CUDA build of PyTorch.")
    return torch.device(name)


def _bar(console: Console) -> Bar:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Bar(*columns, TextColumn("{task.fields[said]}"), console=console)


def count_parameters(network: torch.nn.Module) -> int:
    """Numbers that are learned or followed, in all."""
    return int(np.sum([parameter.numel() for parameter in network.parameters()]))
