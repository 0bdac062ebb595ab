"""How much sound a WAV's header announces: libsndfile tells only how much of it is there."""

import os
import struct
from typing import BinaryIO, Final

UNKNOWN_BYTES: Final = 0xFFFFFFFF
"""What programs write that do not know the length yet, and RF64 in place of its own."""
MOST_CHUNKS: Final = 64


def announced_bytes(file: BinaryIO) -> int | None:
    """Length of the sound in bytes by the header of a RIFF WAV; None if it says nothing, or is none.

    Source: Multimedia Programming Interface and Data Specifications 1.0 (IBM and Microsoft, 1991), chapter 2.
    """
    file.seek(0)
    start = file.read(12)
    if len(start) < 12 or start[:4] != b"RIFF" or start[8:] != b"WAVE":  # noqa: PLR2004 - size of a RIFF header
        return None
    for _ in range(MOST_CHUNKS):
        header = file.read(8)
        if len(header) < 8:  # noqa: PLR2004 - name and size of a chunk
            return None
        name, size = struct.unpack("<4sI", header)
        if name == b"data":
            return None if size == UNKNOWN_BYTES else int(size)
        file.seek(size + size % 2, os.SEEK_CUR)
    return None
