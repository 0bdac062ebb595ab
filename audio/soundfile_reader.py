"""Read lossless files (WAV, AIFF, FLAC, CAF, AU) with libsndfile, block by block."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np
import soundfile
from numpy.typing import NDArray

from audio.sound import BLOCK_FRAMES, Sound
from audio.unreadable import UnreadableAudioError


@contextmanager
def open_with_soundfile(file: BinaryIO) -> Iterator[Sound]:
    """Open `file` with libsndfile.

    Raises:
        soundfile.LibsndfileError: libsndfile does not know this file.
    """
    file.seek(0)
    # By descriptor: with a path, the suffix would have a say (.raw), and so would the name "-".
    with soundfile.SoundFile(file.fileno(), closefd=False) as opened:
        yield Sound(opened.samplerate, opened.channels, opened.frames, _read_blocks(opened))


def _read_blocks(opened: soundfile.SoundFile) -> Iterator[NDArray[np.float32]]:
    buffer = np.empty((BLOCK_FRAMES, opened.channels), dtype=np.float32)
    try:
        while len(block := opened.read(out=buffer)):
            yield block
    except soundfile.LibsndfileError as error:
        raise UnreadableAudioError(
            "damaged", "The audio is damaged and cannot be read to its end. Export it again."
        ) from error
