"""The card beside exported graphs: what the model is, what it was trained on, and how well it does."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from model.json_file import write_json_file

GRAPHS = ("context.onnx", "predictor.onnx", "target.onnx")
CARD = "card.json"


class BrokenModelError(ValueError):
    """A model folder that is incomplete, damaged, or not a model folder."""


@dataclass(frozen=True)
class Calibration:
    """Score to compatibility: 1 / (1 + exp(-(slope · score + intercept))).

    Fitted on validation pairs, half of which belong together; 0.5 is where both are equally likely there.
    """

    slope: float
    intercept: float
    pairs: int = 0  # that it was fitted on
    reliability: Mapping[str, Any] = field(default_factory=dict)  # on them; see model/reliability.py


@dataclass(frozen=True)
class ModelCard:
    """`card.json`, one per release."""

    name: str
    version: str
    dimension: int  # length of a query or candidate vector
    stem_types: tuple[str, ...]  # in the predictor's order
    sample_rate: int  # Hz
    window_samples: int
    query_hop_samples: int  # distance of neighbouring query vectors
    calibration: Calibration
    graphs: Mapping[str, str]  # file name → sha256
    config: Mapping[str, Any] = field(default_factory=dict)  # of an ensemble: `members`, with a config each
    training: Mapping[str, Any] = field(default_factory=dict)  # data with licences, steps
    evaluation: Mapping[str, Any] = field(default_factory=dict)  # by `model evaluate --record`

    @property
    def id(self) -> str:
        """What an index is bound to: name, version, and the graphs that make its vectors and its queries."""
        digest = hashlib.sha256("".join(self.graphs[name] for name in GRAPHS).encode())
        return f"{self.name}-{self.version}-{digest.hexdigest()[:8]}"

    @property
    def window_seconds(self) -> float:
        return self.window_samples / self.sample_rate

    @property
    def dense(self) -> bool:
        """Whether windows of a mix begin at every moment, rather than one after the other."""
        return self.query_hop_samples < self.window_samples


def write_card(folder: Path, card: ModelCard) -> None:
    """Write `card.json`, whole or not at all."""
    write_json_file(folder / CARD, asdict(card))


def read_card(folder: Path) -> ModelCard:
    """Read `card.json`.

    Raises:
        BrokenModelError: it is missing or not a card.
    """
    try:
        values = json.loads((folder / CARD).read_text())
        calibration = Calibration(**values.pop("calibration"))
        return ModelCard(**{**values, "stem_types": tuple(values["stem_types"]), "calibration": calibration})
    except (FileNotFoundError, NotADirectoryError):
        raise BrokenModelError(
            f"{folder} holds no model: {CARD} is missing. "
            f"Export one: counterpart model export RUN --out {folder}."
        ) from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BrokenModelError(
            f"{folder / CARD} is no model card ({error}). Export the model again."
        ) from error


def check_graphs(folder: Path, card: ModelCard) -> None:
    """Compare each graph with the checksum in the card.

    Raises:
        BrokenModelError: a graph is missing or has changed.
    """
    for name in GRAPHS:
        path = folder / name
        if not path.exists():
            raise BrokenModelError(f"{path} is missing. Export the model again.")
        if sha256_of(path) != card.graphs.get(name):
            raise BrokenModelError(f"{path} is not the file that its card describes. Export the model again.")


def sha256_of(path: Path) -> str:
    """Checksum of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
