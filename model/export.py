"""Export: a checkpoint becomes three ONNX graphs and a card, each graph compared with PyTorch."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor, nn

from audio.stems import STEM_TYPES
from audio.windows import WINDOW_SAMPLES
from model.card import CARD, GRAPHS, Calibration, ModelCard, sha256_of, write_card
from model.exporter_remarks import without_remarks
from model.front_end import Spectrum
from model.graphs import ContextGraph, PredictorGraph, TargetGraph
from model.half_precision import store_halves
from model.parity import check_parity
from model.shortening import Network
from model.type_guess import TypeGuess

OPSET = 20


class OccupiedFolderError(ValueError):
    """A folder that a release would replace, and that holds something else."""


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
