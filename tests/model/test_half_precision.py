"""Half precision: what is stored smaller is the same to the last bit."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from model.card import GRAPHS, Calibration
from model.export import Release, export
from model.half_precision import FEWEST, SUFFIX, rounded, store_halves
from model.jepa import Jepa
from model.parity import check_parity

HALVES = np.random.default_rng(0).standard_normal((64, 32)).astype(np.float16).astype(np.float32)


def graph_with(weights: np.ndarray) -> onnx.ModelProto:
    """A product: x [B, 64] @ weights [64, 32]."""
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "weights"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, weights.shape[0]])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, weights.shape[1]])],
        [numpy_helper.from_array(weights, "weights")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def run(proto: onnx.ModelProto, x: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    (y,) = session.run(None, {"x": x})
    return np.asarray(y)


def test_stored_halves_compute_the_same_bits() -> None:
    graph, x = graph_with(HALVES), np.random.default_rng(1).standard_normal((5, 64)).astype(np.float32)
    smaller = store_halves(graph)
    onnx.checker.check_model(smaller, full_check=True)
    assert np.array_equal(run(smaller, x), run(graph, x))


def test_they_take_half_of_the_room() -> None:
    graph = graph_with(np.tile(HALVES, (1, 8)))
    assert store_halves(graph).ByteSize() < 0.55 * graph.ByteSize()


@pytest.mark.parametrize(
    "weights",
    [
        HALVES + np.float32(1e-4),  # would lose digits
        HALVES * np.float32(1e6),  # would overflow
        HALVES[:, : FEWEST // 64 - 1],  # not worth it
    ],
)
def test_what_would_lose_or_not_gain_stays(weights: np.ndarray) -> None:
    graph = graph_with(np.ascontiguousarray(weights))
    assert store_halves(graph) == graph


def test_the_graph_that_is_given_is_left_as_it_was() -> None:
    graph = graph_with(HALVES)
    before = graph.SerializeToString()
    store_halves(graph)
    assert graph.SerializeToString() == before


def test_a_rounded_network_is_near_the_one_it_was_made_of(jepa: Jepa) -> None:
    near = rounded(jepa)
    for (name, mine), theirs in zip(near.named_parameters(), jepa.parameters(), strict=True):
        assert torch.equal(mine, mine.half().float()), name
        assert torch.allclose(mine, theirs, rtol=1e-3, atol=1e-6), name
    assert any(
        not torch.equal(mine, theirs)
        for mine, theirs in zip(near.parameters(), jepa.parameters(), strict=True)
    )


def test_a_rounded_network_is_exported_smaller_and_in_agreement(
    jepa: Jepa, release: Path, tmp_path: Path
) -> None:
    near = rounded(jepa)
    export(near, tmp_path / "half", Release("1", Calibration(slope=8.0, intercept=-4.0, pairs=10)))
    assert check_parity(near, tmp_path / "half") < 1e-4
    for name in GRAPHS:
        stored = onnx.load(tmp_path / "half" / name)
        assert any(tensor.name.endswith(SUFFIX) for tensor in stored.graph.initializer), name
        assert (tmp_path / "half" / name).stat().st_size < (release / name).stat().st_size
