"""Checkpoints: a folder with the config as JSON, the weights, and all that a run needs to go on exactly."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Protocol

import torch

from model.config import Config
from model.jepa import Jepa


class NoCheckpointError(FileNotFoundError):
    """A folder that holds no complete checkpoint."""


@dataclass(frozen=True)
class Progress:
    """Where a run stands: everything besides the weights and the optimiser."""

    step: int  # steps done
    best_score: float  # validation retrieval of the best checkpoint so far
    best_step: int


class HasState(Protocol):
    """An optimiser, as far as a checkpoint is concerned."""

    def state_dict(self) -> dict[str, Any]: ...
    def load_state_dict(self, state: Any, /) -> None: ...


def save_checkpoint(folder: Path, jepa: Jepa, optimiser: HasState, progress: Progress) -> None:
    """Write a checkpoint whole or not at all: beside it first, then renamed over it."""
    partial, previous = (
        folder.with_name(f"{folder.name}.partial"),
        folder.with_name(f"{folder.name}.previous"),
    )
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    (partial / "config.json").write_text(json.dumps(jepa.config.to_dict(), indent=2) + "\n")
    torch.save(jepa.state_dict(), partial / "weights.pt")
    torch.save(
        {"optimiser": optimiser.state_dict(), "random": torch.get_rng_state(), "progress": vars(progress)},
        partial / "training.pt",
    )
    if folder.exists():  # else `previous` is the only whole checkpoint until `partial` has its name
        shutil.rmtree(previous, ignore_errors=True)
        folder.rename(previous)
    partial.rename(folder)
    shutil.rmtree(previous, ignore_errors=True)


def load_network(folder: Path) -> Jepa:
    """The network of a checkpoint.

    Raises:
        NoCheckpointError: `folder` holds none.
    """
    folder = _complete(folder)
    jepa = Jepa(Config.from_dict(json.loads((folder / "config.json").read_text())))
    jepa.load_state_dict(_read(folder / "weights.pt"))
    return jepa


def load_training(folder: Path, optimiser: HasState) -> Progress:
    """Put optimiser and random state back to where the checkpoint was written.

    Raises:
        NoCheckpointError: `folder` holds none.
    """
    state = _read(_complete(folder) / "training.pt")
    optimiser.load_state_dict(state["optimiser"])
    torch.set_rng_state(state["random"])
    return Progress(**state["progress"])


def load_progress(folder: Path) -> Progress:
    """Where the run stood when the checkpoint was written.

    Raises:
        NoCheckpointError: `folder` holds none.
    """
    return Progress(**_read(_complete(folder) / "training.pt")["progress"])


def has_checkpoint(folder: Path) -> bool:
    """Whether `folder` holds a checkpoint, or the one that was just being replaced."""
    return folder.exists() or folder.with_name(f"{folder.name}.previous").exists()


def _complete(folder: Path) -> Path:
    """`folder`, or its predecessor where a kill fell between the two renames."""
    previous = folder.with_name(f"{folder.name}.previous")
    if not folder.exists() and previous.exists():
        return previous
    if not (folder / "config.json").exists():
        raise NoCheckpointError(
            f"{folder} holds no checkpoint. Train one: counterpart model train SONGS --out RUN."
        )
    return folder


def _read(path: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, LookupError, UnpicklingError) as error:
        raise NoCheckpointError(
            f"{path} cannot be read ({error}). Train again in a new run folder."
        ) from error
    return state
