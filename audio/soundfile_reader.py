"""Read lossless files (WAV, AIFF, FLAC, CAF, AU) with libsndfile, block by block."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from audio.sound import BLOCK_FRAMES, Sound
from audio.unreadable import UnreadableAudioError
from audio.wav_length import announced_bytes

NO_LENGTH: Final = 2**63 - 1  # what libsndfile counts in a FLAC that was written to a pipe
SAMPLE_BYTES: Final = {"PCM_U8": 1, "PCM_16": 2, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4, "DOUBLE": 8}


class UnknownLengthError(ValueError):
    """A file that does not say how long it is, which libsndfile cannot read to its end."""


@contextmanager
def open_with_soundfile(file: BinaryIO) -> Iterator[Sound]:
    """Open `file` with libsndfile.

    Raises:
        soundfile.LibsndfileError: libsndfile does not know this file.
        UnknownLengthError: it does, and yet cannot read it.
    """
    announced = announced_bytes(file)
    file.seek(0)
    # By descriptor: with a path, the suffix would have a say (.raw), and so would the name "-".
    with soundfile.SoundFile(file.fileno(), closefd=False) as opened:
        if opened.frames == NO_LENGTH:
            raise UnknownLengthError("The file does not say how long it is.")
        promised = _promised_frames(opened, announced)
        yield Sound(opened.samplerate, opened.channels, opened.frames, _read_blocks(opened), promised)


def _promised_frames(opened: soundfile.SoundFile, announced: int | None) -> int | None:
    """Frames that the header tells of; None where nobody knows, or samples are coded."""
    width = SAMPLE_BYTES.get(opened.subtype)
    return None if announced is None or width is None else announced // (width * int(opened.channels))


def _read_blocks(opened: soundfile.SoundFile) -> Iterator[NDArray[np.float32]]:
    buffer = np.empty((BLOCK_FRAMES, opened.channels), dtype=np.float32)
    try:
        while len(block := opened.read(out=buffer)):
            yield block
    except soundfile.LibsndfileError as error:
        raise UnreadableAudioError(
            "damaged", "The audio is damaged and cannot be read to its end. Export it again."
        ) from error
