"""Releases unpacked: the networks of exported graphs become runs again, to train on from or to export beside.

A release holds all that is needed to answer. What only training needs is made up: the online encoder's head
starts as the target's, and the temperature as the calibration's slope.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from audio.windows import WINDOW_SAMPLES
from model.card import GRAPHS, ModelCard, check_graphs, read_card
from model.checkpoint import Progress, save_checkpoint
from model.config import Config
from model.ensemble import Ensemble
from model.graphs import ContextGraph, PredictorGraph, TargetGraph
from model.half_precision import SUFFIX
from model.jepa import Jepa
from model.optimiser import Optimiser
from model.parity import ParityError, check_parity

PRODUCTS = {"MatMul", "Gemm"}
PREFIX = "network."  # of every name in a graph: the graph's module holds the network under this name

Weights = NDArray[np.float32]


class NotUnpackableError(ValueError):
    """A release whose networks cannot be taken from its graphs."""


def unpack_release(release: Path, out: Path, data_card: str) -> list[Path]:
    """Write each network of a release to a run folder `out/1`, `out/2`, …; returns the folders.

    `data_card` is the name of the file that says what a run was trained on.

    Raises:
        NotUnpackableError: the graphs do not determine the networks, or a folder is there already.
        BrokenModelError: the release is incomplete or damaged.
    """
    card = read_card(release)
    check_graphs(release, card)
    networks = read_networks(release, card)
    told = [card.training, *card.training.get("beside", [])]
    histories = [*told, *[{}] * (len(networks) - len(told))]
    runs = [out / str(number) for number in range(1, len(networks) + 1)]
    if there := [run for run in runs if run.exists()]:
        raise NotUnpackableError(f"{there[0]} is there already. Choose another --out, or remove it.")
    for run, jepa, history in zip(runs, networks, histories, strict=True):
        progress = Progress(step=int(history.get("step", 0)), best_score=-math.inf, best_step=0)
        save_checkpoint(run / "best", jepa, Optimiser(jepa, jepa.config.train), progress)
        (run / data_card).write_text(json.dumps(_data_of(history), indent=2) + "\n")
    return runs


def read_networks(release: Path, card: ModelCard) -> list[Jepa]:
    """The networks of a release, as the graphs compute them.

    Raises:
        NotUnpackableError: the graphs do not determine them.
    """
    described = card.config.get("members", [card.config])
    networks = [Jepa(Config.from_dict(each)) for each in described]
    whole: Jepa | Ensemble = Ensemble(networks) if "members" in card.config else networks[0]
    if whole.dimension != card.dimension:
        raise NotUnpackableError(f"{release} has shortened vectors: its networks cannot be told from them.")
    asked = _examples(whole)
    found: dict[str, Weights] = {}
    for name, (graph, arguments) in zip(GRAPHS, asked, strict=True):
        found |= _weights(onnx.load(release / name), graph, arguments)
    _fill(whole, found, release)
    for jepa in networks:
        jepa.online.head.load_state_dict(jepa.target.head.state_dict())
        with torch.no_grad():
            jepa.log_scale.fill_(math.log(max(card.calibration.slope, 1.0)))
    try:
        check_parity(whole.eval(), release)
    except ParityError as error:
        raise NotUnpackableError(f"{release} is of another architecture: {error}") from error
    return networks


def _examples(network: Jepa | Ensemble) -> list[tuple[nn.Module, tuple[Tensor, ...]]]:
    """The module of each graph, with arguments that lead through all of it."""
    network.eval()
    window = torch.zeros(1, WINDOW_SAMPLES)
    with torch.no_grad():
        latents = network.embed_context(network.front_end(window))
    predictor = (latents, torch.zeros(1, dtype=torch.int64))
    return [
        (ContextGraph(network), (window,)),
        (PredictorGraph(network), predictor),
        (TargetGraph(network), (window,)),
    ]


def _weights(proto: onnx.ModelProto, graph: nn.Module, arguments: tuple[Tensor, ...]) -> dict[str, Weights]:
    """Weights of a graph by the names that PyTorch knows them by.

    The exporter keeps the names of all but the matrices of linear layers, which it turns: those are told by
    their order.
    """
    constants = {
        tensor.name.removesuffix(SUFFIX): numpy_helper.to_array(tensor).astype(np.float32)
        for tensor in proto.graph.initializer
    }
    turned = [
        constants[node.input[1]].T
        for node in proto.graph.node
        if node.op_type in PRODUCTS and node.input[1] in constants and not node.input[1].startswith(PREFIX)
    ]
    names = list(_linear_layers_in_order(graph, arguments))
    named = {name: values for name, values in constants.items() if name.startswith(PREFIX)}
    # Where the numbers differ, a layer is left without weights, and that is told there.
    matrices = {f"{name}.weight": values for name, values in zip(names, turned, strict=False)}
    return {name.removeprefix(PREFIX): values for name, values in (named | matrices).items()}


@torch.no_grad()
def _linear_layers_in_order(graph: nn.Module, arguments: tuple[Tensor, ...]) -> Iterator[str]:
    """Names of the linear layers that `graph` calls."""
    called: list[str] = []
    hooks = [
        layer.register_forward_hook(lambda *_, name=name: called.append(name))
        for name, layer in graph.named_modules()
        if isinstance(layer, nn.Linear)
    ]
    graph(*arguments)
    for hook in hooks:
        hook.remove()
    yield from called


@torch.no_grad()
def _fill(network: nn.Module, found: dict[str, Weights], release: Path) -> None:
    """Copy what was found into the network; what only training needs may be missing."""
    for name, there in [*network.named_parameters(), *network.named_buffers()]:
        if name.endswith("log_scale") or (".head." in f".{name}" and "online" in name) or "front_end" in name:
            continue
        values = found.get(name)
        if values is None and ".norm." in f".{name}":
            # One that has not learned is like any other, and the exporter keeps one of those that are alike.
            values = there.numpy()
        if values is None or values.shape != tuple(there.shape):
            raise NotUnpackableError(f"{release} does not hold the weights {name} of its networks.")
        there.copy_(torch.from_numpy(np.ascontiguousarray(values)))


def _data_of(history: dict[str, Any]) -> dict[str, Any]:
    """What a run's data card says, from what a release says of the run."""
    own: dict[str, Any] = dict(history.get("data", history))
    return {name: own[name] for name in ("training", "validation", "started_from") if name in own}
