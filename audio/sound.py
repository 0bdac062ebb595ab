"""What every reader hands to the decoder: a file's facts and its samples, block by block."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK_FRAMES = 131_072


@dataclass(frozen=True)
class Sound:
    """An opened file; `blocks` yields [N, channels] float32, each valid until the next is asked for."""

    sample_rate: int
    channels: int
    announced_frames: int | None  # what the header says: a hint, never to be trusted or allocated
    blocks: Iterator[NDArray[np.float32]]
    promised_frames: int | None = None  # by the header, where `announced_frames` are only those there
