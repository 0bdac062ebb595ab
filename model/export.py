"""Export: a checkpoint becomes three ONNX graphs and a card, each graph compared with PyTorch."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from audio.decode import SAMPLE_RATE
from audio.stems import STEM_TYPES
from audio.windows import WINDOW_SAMPLES
from model.card import CARD, GRAPHS, Calibration, ModelCard, sha256_of, write_card
from model.embedder import Embedder
from model.exporter_remarks import without_remarks
from model.front_end import Spectrum
from model.half_precision import store_halves
from model.overhang import Overhang, of_length_one, played_until_the_end
from model.shortening import Network
from model.type_guess import TypeGuess

TOLERANCE = 1e-4  # largest difference of any number between a graph and PyTorch
OPSET = 20


class ParityError(RuntimeError):
    """An exported graph that does not compute what the network computes."""


class OccupiedFolderError(ValueError):
    """A folder that a release would replace, and that holds something else."""


class ContextGraph(nn.Module):
    """waveform [B, T] → latents [B, P, D]."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, waveform: Tensor) -> Tensor:
        return self.network.embed_context(self.network.front_end(waveform))


class PredictorGraph(nn.Module):
    """latents [B, P, D], stem_type [B] → queries [B, K, D]; of dense ones, played [B, P] marks the mix."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, latents: Tensor, stem_type: Tensor, played: Tensor | None = None) -> Tensor:
        return self.network.predict(latents, stem_type, played).queries


class TargetGraph(nn.Module):
    """waveform [B, T] → candidates [B, D]; of dense ones, played [B, P] marks the stem."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, waveform: Tensor, played: Tensor | None = None) -> Tensor:
        return self.network.embed_target(self.network.front_end(waveform), played).candidates


class _Candidates(TargetGraph):
    """What the embedder makes of the target graph's answers."""

    def forward(self, waveform: Tensor, played: Tensor | None = None) -> Tensor:
        candidates = super().forward(waveform, played)
        return candidates if played is None else torch.from_numpy(of_length_one(candidates.numpy()))


@dataclass(frozen=True)
class Release:
    """What a card says besides the shape of the network."""

    version: str
    calibration: Calibration
    training: Mapping[str, Any] | None = None
    guess_type: TypeGuess | None = None


def check_replaceable(folder: Path, needed: Sequence[Path] = ()) -> None:
    """Refuse a folder that would be deleted with more in it than a release.

    `needed` are folders that the release is made from.

    Raises:
        OccupiedFolderError: it holds no release and is not empty, or is or holds one of `needed`.
    """
    for each in needed:
        if each.resolve().is_relative_to(folder.resolve()):
            raise OccupiedFolderError(f"A release in {folder} would replace {each}. Choose another --out.")
    if folder.exists() and any(folder.iterdir()) and not (folder / CARD).exists():
        raise OccupiedFolderError(
            f"{folder} is not empty and holds no release that could be replaced. Choose another --out, "
            "or empty it."
        )


def export(jepa: Network, folder: Path, release: Release) -> ModelCard:
    """Write graphs and card to `folder`, replacing what was there only once the new ones have passed.

    Raises:
        OccupiedFolderError: `folder` holds something else than a release.
        ParityError: a graph differs from PyTorch by more than `TOLERANCE`.
    """
    folder = folder.resolve()  # the current one has no name of its own
    check_replaceable(folder)
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    jepa = jepa.eval().cpu()
    _write_graphs(jepa, partial)
    card = _card(jepa, partial, release)
    write_card(partial, card)
    check_parity(jepa, partial)
    if release.guess_type:
        release.guess_type.save(partial)
    previous = folder.with_name(f"{folder.name}.previous")
    shutil.rmtree(previous, ignore_errors=True)
    if folder.exists():
        folder.rename(previous)
    partial.rename(folder)
    shutil.rmtree(previous, ignore_errors=True)
    return card


def check_parity(jepa: Network, folder: Path, seed: int = 0) -> float:
    """Largest difference between the graphs, as the embedder runs them, and the network.

    Raises:
        ParityError: it is more than `TOLERANCE`.
    """
    generator = np.random.default_rng(seed)
    embedder, config = Embedder.open(folder), jepa.config
    dense = config.dense
    mix = (0.1 * generator.standard_normal(WINDOW_SAMPLES * 5 // 4 if dense else WINDOW_SAMPLES)).astype(
        np.float32
    )
    stems = (0.1 * generator.standard_normal((3, WINDOW_SAMPLES))).astype(np.float32)
    stems[1, WINDOW_SAMPLES // 3 :] = 0
    until = torch.from_numpy(played_until_the_end(stems, config.front_end.hop_samples)) if dense else None
    latents = embedder.embed_context(mix)
    differences = [
        _difference(embedder.embed_stems(stems), _Candidates(jepa), torch.from_numpy(stems), until),
        _difference(latents.values, ContextGraph(jepa), torch.from_numpy(mix)[None]),
    ]
    hang = Overhang.of(latents.values.shape[1], config.front_end.hop_samples / SAMPLE_RATE)
    moments = torch.from_numpy(hang.pad(latents.values) if dense else latents.values)
    played = torch.from_numpy(hang.played(1)) if dense else None
    for stem_type in STEM_TYPES:
        queries = embedder.predict(latents, stem_type).vectors
        asked = (moments, torch.tensor([stem_type.number]), played)
        differences.append(_difference(queries[None], PredictorGraph(jepa), *asked))
    worst = float(np.max(differences))
    if not worst <= TOLERANCE:  # a difference that is not a number is none that is allowed
        raise ParityError(
            f"The exported graphs differ from PyTorch by {worst:.1e}; at most {TOLERANCE:.0e} is allowed."
        )
    return worst


@torch.no_grad()
def _difference(exported: NDArray[np.float32], network: nn.Module, *arguments: Tensor | None) -> float:
    return float(np.abs(exported - network(*arguments).numpy()).max())


def _write_graphs(jepa: Network, folder: Path) -> None:
    config = jepa.config
    dense = config.dense
    batch, hops = torch.export.Dim("batch", min=1, max=1024), torch.export.Dim("hops", min=1, max=100_000)
    hop = config.front_end.hop_samples
    mix = torch.zeros(2, hop * 320 if dense else WINDOW_SAMPLES)
    with torch.no_grad():
        latents = jepa.embed_context(jepa.front_end(mix))
    length = {1: hop * hops} if dense else {}
    steps = {1: torch.export.Dim("moments", min=260, max=100_000)} if dense else {}
    _set_exportable(jepa, exportable=True)
    _write(ContextGraph(jepa), (mix,), folder / GRAPHS[0], ["waveform"], ({0: batch, **length},))
    asked = (latents, torch.zeros(2, dtype=torch.int64), *_played(latents, dense=dense))
    shapes = ({0: batch, **steps}, {0: batch}, {0: batch, **steps})[: len(asked)]
    names = ["latents", "stem_type", "played"][: len(asked)]
    _write(PredictorGraph(jepa), asked, folder / GRAPHS[1], names, shapes)
    window = torch.zeros(2, WINDOW_SAMPLES)
    stems = (window, *_played(torch.zeros(2, config.moments, 1), dense=dense))
    names = ["waveform", "played"][: len(stems)]
    _write(TargetGraph(jepa), stems, folder / GRAPHS[2], names, ({0: batch}, {0: batch})[: len(stems)])
    _set_exportable(jepa, exportable=False)


def _played(latents: Tensor, *, dense: bool) -> tuple[Tensor, ...]:
    """What a dense graph is told besides: that all latents [B, P, D] are of sound [B, P]."""
    return (torch.ones(latents.shape[:2]),) if dense else ()


def _write(
    graph: nn.Module,
    arguments: tuple[Tensor, ...],
    path: Path,
    inputs: list[str],
    shapes: tuple[dict[int, Any], ...],
) -> None:
    with without_remarks():
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


def _set_exportable(jepa: Network, *, exportable: bool) -> None:
    for module in jepa.modules():
        if isinstance(module, Spectrum):
            module.make_exportable(exportable=exportable)


def _card(network: Network, folder: Path, release: Release) -> ModelCard:
    config = network.config
    return ModelCard(
        name=config.name,
        version=release.version,
        dimension=network.dimension,
        stem_types=tuple(STEM_TYPES),
        sample_rate=config.sample_rate,
        window_samples=WINDOW_SAMPLES,
        query_hop_samples=config.query_hop_samples,
        calibration=release.calibration,
        graphs={name: sha256_of(folder / name) for name in GRAPHS},
        config=network.describe(),
        training=release.training or {},
    )
