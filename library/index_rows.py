"""Which rows of an index belong to which stems. Rows are in the order of ids, so a stem's lie together."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from library.index import RowMask, Rows
from library.vector_ids import MAX_WINDOW, WINDOW_BITS, Ids

StemNumbers = NDArray[np.int64]
"""Numbers of stems in the catalogue."""


@dataclass(frozen=True, slots=True)
class RowRanges:
    """Stretches of rows [C]: the first of each, and the one after its last. Empty where a stem has none."""

    first: Rows
    end: Rows

    @property
    def counts(self) -> NDArray[np.int64]:
        """Rows of each stretch [C]."""
        return np.asarray(self.end - self.first, np.int64)

    def rows(self) -> Rows:
        """All rows, stretch after stretch."""
        counts = self.counts
        before = np.cumsum(counts) - counts
        rows = np.arange(int(counts.sum()), dtype=np.int64) + np.repeat(self.first - before, counts)
        return np.asarray(rows, np.int64)

    def mask(self, count: int) -> RowMask:
        """The rows as one truth value for each of an index of `count` rows."""
        edges = np.zeros(count + 1, np.int32)
        np.add.at(edges, self.first, 1)
        np.add.at(edges, self.end, -1)
        return np.asarray(np.cumsum(edges[:-1]) > 0, np.bool_)

    def nearest(self, centres: Rows, most: int) -> "RowRanges":
        """At most `most` rows of each stretch, those around its row in `centres` [C]."""
        first = np.clip(centres - most // 2, self.first, np.maximum(self.end - most, self.first))
        return RowRanges(first, np.minimum(first + most, self.end))


def find_rows(ids: Ids, numbers: StemNumbers) -> RowRanges:
    """Where the windows of each of the stems `numbers` [C] lie among the ascending `ids`."""
    first_ids = numbers << WINDOW_BITS
    return RowRanges(
        np.searchsorted(ids, first_ids), np.searchsorted(ids, first_ids | MAX_WINDOW, side="right")
    )


def count_stems(ids: Ids) -> int:
    """How many stems the ascending `ids` belong to."""
    return int(np.count_nonzero(np.diff(ids >> WINDOW_BITS))) + 1 if len(ids) else 0
