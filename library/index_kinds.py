"""Which kind of index a stem type gets: chosen by its size, from measurements in docs/performance.md."""

from dataclasses import dataclass
from typing import Literal

# One query of 50,000 vectors of 512 numbers takes an exact index some 4 ms. Half precision would not make
# hundreds of them faster, for FAISS has no matrix product of it: an index is exact in single precision, or
# quantised.
FLAT_UP_TO = 50_000
# Scanning the codes of two million vectors takes one thread some 2-4 ms a query.
ONE_LIST_UP_TO = 2_000_000

_VECTORS_A_LIST = 1_000
_TRAINING_A_LIST = 40
_TRAINING_OF_QUANTISER = 16_384  # FAISS looks at 256 a centroid, and there are 16


@dataclass(frozen=True, slots=True)
class IndexPlan:
    """How an index is going to be built."""

    kind: Literal["flat", "quantised"]
    dimension: int
    lists: int = 1
    """Inverted lists; one is a plain scan over all codes."""
    training: int = 0
    """Vectors to train with."""


def plan_index(count: int, dimension: int) -> IndexPlan:
    """The plan for about `count` vectors of length `dimension`."""
    if count <= FLAT_UP_TO:
        return IndexPlan("flat", dimension)
    return plan_quantised(dimension, 1 if count <= ONE_LIST_UP_TO else count // _VECTORS_A_LIST)


def plan_quantised(dimension: int, lists: int) -> IndexPlan:
    """A quantised index, whatever its size."""
    return IndexPlan(
        "quantised",
        dimension,
        lists=lists,
        training=max(_TRAINING_OF_QUANTISER, _TRAINING_A_LIST * lists if lists > 1 else 0),
    )
