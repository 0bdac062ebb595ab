"""Weights in half precision: a release takes half of the room, and computes in single precision as before.

A network is rounded first, and calibrated, checked and measured as rounded; storing it then loses nothing.
"""

import copy
from typing import TypeVar

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

AnyNetwork = TypeVar("AnyNetwork", bound=torch.nn.Module)

FEWEST = 1024  # numbers of a tensor that is worth a conversion when a graph is opened
SUFFIX = "_half"


@torch.no_grad()
def rounded(jepa: AnyNetwork) -> AnyNetwork:
    """A copy of a network whose parameters are numbers of half precision, stored in single precision."""
    copied = copy.deepcopy(jepa)
    for parameter in copied.parameters():
        parameter.copy_(parameter.half().float())
    return copied


def store_halves(proto: onnx.ModelProto) -> onnx.ModelProto:
    """A graph in which every large tensor that loses nothing by it is stored in half precision.

    Whoever opens the graph widens it once: ONNX Runtime folds conversions of constants.
    """
    smaller = onnx.ModelProto()
    smaller.CopyFrom(proto)
    kept, widened = [], []
    for tensor in smaller.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < FEWEST or not _is_half(values):
            kept.append(tensor)
            continue
        kept.append(numpy_helper.from_array(values.astype(np.float16), tensor.name + SUFFIX))
        widened.append(helper.make_node("Cast", [tensor.name + SUFFIX], [tensor.name], to=TensorProto.FLOAT))
    nodes = [*widened, *smaller.graph.node]
    del smaller.graph.initializer[:], smaller.graph.node[:]
    smaller.graph.initializer.extend(kept)
    smaller.graph.node.extend(nodes)
    return smaller


def _is_half(values: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> bool:
    with np.errstate(over="ignore"):
        return bool(np.array_equal(values.astype(np.float16).astype(np.float32), values))
