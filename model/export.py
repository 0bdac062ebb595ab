"""Export: a checkpoint becomes three ONNX graphs and a card, each graph compared with PyTorch."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from audio.stems import STEM_TYPES
from audio.windows import WINDOW_SAMPLES
from model.card import GRAPHS, Calibration, ModelCard, sha256_of, write_card
from model.config import Config
from model.embedder import Embedder
from model.front_end import Spectrum
from model.half_precision import store_halves
from model.jepa import Jepa
from model.type_guess import TypeGuess

TOLERANCE = 1e-4  # largest difference of any number between a graph and PyTorch
OPSET = 20


class ParityError(RuntimeError):
    """An exported graph that does not compute what the network computes."""


class ContextGraph(nn.Module):
    """waveform [B, T] → latents [B, P, D]."""

    def __init__(self, jepa: Jepa) -> None:
        super().__init__()
        self.front_end, self.encoder = jepa.front_end, jepa.online.encoder

    def forward(self, waveform: Tensor) -> Tensor:
        latents: Tensor = self.encoder(self.front_end(waveform))
        return latents


class PredictorGraph(nn.Module):
    """latents [B, P, D], stem_type [B] → queries [B, K, D]."""

    def __init__(self, jepa: Jepa) -> None:
        super().__init__()
        self.predictor, self.head = jepa.predictor, jepa.query_head

    def forward(self, latents: Tensor, stem_type: Tensor) -> Tensor:
        queries: Tensor = self.head(self.predictor(latents, stem_type))
        return queries


class TargetGraph(nn.Module):
    """waveform [B, T] → candidates [B, D]."""

    def __init__(self, jepa: Jepa) -> None:
        super().__init__()
        self.front_end, self.target = jepa.front_end, jepa.target

    def forward(self, waveform: Tensor) -> Tensor:
        candidates: Tensor = self.target(self.front_end(waveform)).candidates
        return candidates


@dataclass(frozen=True)
class Release:
    """What a card says besides the shape of the network."""

    version: str
    calibration: Calibration
    training: Mapping[str, Any] | None = None
    evaluation: Mapping[str, Any] | None = None
    guess_type: TypeGuess | None = None


def export(jepa: Jepa, folder: Path, release: Release) -> ModelCard:
    """Write graphs and card to `folder`, replacing what was there only once the new ones have passed.

    Raises:
        ParityError: a graph differs from PyTorch by more than `TOLERANCE`.
    """
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    jepa = jepa.eval().cpu()
    _write_graphs(jepa, partial)
    card = _card(jepa.config, partial, release)
    write_card(partial, card)
    check_parity(jepa, partial)
    if release.guess_type:
        release.guess_type.save(partial)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return card


def check_parity(jepa: Jepa, folder: Path, seed: int = 0) -> float:
    """Largest difference between the graphs, as the embedder runs them, and the network.

    Raises:
        ParityError: it is more than `TOLERANCE`.
    """
    generator = np.random.default_rng(seed)
    embedder = Embedder.open(folder)
    dense = jepa.config.query_hop_samples < WINDOW_SAMPLES
    mix = (0.1 * generator.standard_normal(WINDOW_SAMPLES * 5 // 4 if dense else WINDOW_SAMPLES)).astype(
        np.float32
    )
    stems = (0.1 * generator.standard_normal((3, WINDOW_SAMPLES))).astype(np.float32)
    latents = embedder.embed_context(mix)
    differences = [
        _difference(embedder.embed_stems(stems), TargetGraph(jepa), torch.from_numpy(stems)),
        _difference(latents.values, ContextGraph(jepa), torch.from_numpy(mix)[None]),
    ]
    for stem_type in STEM_TYPES:
        queries = embedder.predict(latents, stem_type).vectors
        arguments = torch.from_numpy(latents.values), torch.tensor([stem_type.number])
        differences.append(_difference(queries[None], PredictorGraph(jepa), *arguments))
    worst = float(np.max(differences))
    if not worst <= TOLERANCE:  # a difference that is not a number is none that is allowed
        raise ParityError(
            f"The exported graphs differ from PyTorch by {worst:.1e}; at most {TOLERANCE:.0e} is allowed."
        )
    return worst


@torch.no_grad()
def _difference(exported: NDArray[np.float32], network: nn.Module, *arguments: Tensor) -> float:
    return float(np.abs(exported - network(*arguments).numpy()).max())


def _write_graphs(jepa: Jepa, folder: Path) -> None:
    config = jepa.config
    dense = config.query_hop_samples < WINDOW_SAMPLES
    batch, hops = torch.export.Dim("batch", min=1, max=1024), torch.export.Dim("hops", min=260, max=100_000)
    hop = config.front_end.hop_samples
    mix = torch.zeros(2, hop * 320 if dense else WINDOW_SAMPLES)
    latents = torch.zeros(2, 320 if dense else config.bands * config.moments, config.encoder.width)
    length = {1: hop * hops} if dense else {}
    steps = {1: torch.export.Dim("moments", min=260, max=100_000)} if dense else {}
    _set_exportable(jepa, exportable=True)
    _write(ContextGraph(jepa), (mix,), folder / GRAPHS[0], ["waveform"], ({0: batch, **length},))
    types = torch.zeros(2, dtype=torch.int64)
    shapes = ({0: batch, **steps}, {0: batch})
    _write(PredictorGraph(jepa), (latents, types), folder / GRAPHS[1], ["latents", "stem_type"], shapes)
    _write(
        TargetGraph(jepa), (torch.zeros(2, WINDOW_SAMPLES),), folder / GRAPHS[2], ["waveform"], ({0: batch},)
    )
    _set_exportable(jepa, exportable=False)


def _write(
    graph: nn.Module,
    arguments: tuple[Tensor, ...],
    path: Path,
    inputs: list[str],
    shapes: tuple[dict[int, Any], ...],
) -> None:
    program = torch.onnx.export(
        graph.eval(),
        arguments,
        input_names=inputs,
        dynamic_shapes=shapes,
        opset_version=OPSET,
        dynamo=True,
        verbose=False,
    )
    assert program is not None  # noqa: S101 - only None where it was asked to write a file
    onnx.save(store_halves(without_notes(program.model_proto)), path)


def without_notes(proto: onnx.ModelProto) -> onnx.ModelProto:
    """`proto` without what the exporter noted beside it: stack traces with paths of the machine it ran on."""
    stripped = onnx.ModelProto()
    stripped.CopyFrom(proto)
    for holder in (stripped, stripped.graph, *_parts(stripped.graph), *stripped.functions):
        holder.ClearField("metadata_props")
        holder.ClearField("doc_string")
    for function in stripped.functions:
        for node in function.node:
            node.ClearField("metadata_props")
            node.ClearField("doc_string")
    return stripped


def _parts(graph: onnx.GraphProto) -> list[Any]:
    return [*graph.node, *graph.initializer, *graph.input, *graph.output, *graph.value_info]


def _set_exportable(jepa: Jepa, *, exportable: bool) -> None:
    for module in jepa.modules():
        if isinstance(module, Spectrum):
            module.make_exportable(exportable=exportable)


def _card(config: Config, folder: Path, release: Release) -> ModelCard:
    return ModelCard(
        name=config.name,
        version=release.version,
        dimension=config.dimension,
        stem_types=tuple(STEM_TYPES),
        sample_rate=config.sample_rate,
        window_samples=WINDOW_SAMPLES,
        query_hop_samples=config.query_hop_samples,
        calibration=release.calibration,
        graphs={name: sha256_of(folder / name) for name in GRAPHS},
        config=config.to_dict(),
        training=release.training or {},
        evaluation=release.evaluation or {},
    )
