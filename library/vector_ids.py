"""The id of a vector: the stem's number and, in the low 20 bits, the window's number."""

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]

WINDOW_BITS = 20
MAX_WINDOW = (1 << WINDOW_BITS) - 1
MAX_STEM = (1 << (63 - WINDOW_BITS)) - 1


class VectorIdError(ValueError):
    """A stem or window number that no vector id can hold."""


def pack_ids(stem_number: int, windows: Ids) -> Ids:
    """Ids [B] of the windows numbered `windows` [B] of one stem.

    Raises:
        VectorIdError: a number is negative or too large.
    """
    if not 0 <= stem_number <= MAX_STEM:
        raise VectorIdError(f"A stem number must lie between 0 and {MAX_STEM}, this is {stem_number}.")
    if len(windows) and (windows.min() < 0 or windows.max() > MAX_WINDOW):
        raise VectorIdError(f"A stem can have windows 0 to {MAX_WINDOW}; index shorter files.")
    return (np.int64(stem_number) << WINDOW_BITS) | windows.astype(np.int64)


def unpack_ids(ids: Ids) -> tuple[Ids, Ids]:
    """Stem numbers and window numbers of `ids`, in the same shape."""
    return ids >> WINDOW_BITS, ids & MAX_WINDOW
