"""A process that decodes and listens for the indexer: whatever a file does to it, the indexer lives on."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from audio.unreadable import Reason, UnreadableAudioError
from indexer.listen import Listened, listen

BLOCK_SAMPLES = 1 << 18  # a megabyte


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a file was not decoded, in a form that survives the way between processes."""

    message: str
    reason: Reason | None = None
    """Of an `UnreadableAudioError`; None of an `OSError`."""
    number: int | None = None
    """Of an `OSError`."""

    def as_error(self) -> UnreadableAudioError | OSError:
        """The error that it was."""
        if self.reason is not None:
            return UnreadableAudioError(self.reason, self.message)
        return OSError(self.number or 0, self.message)


def answer(path: str, part: int, listener: Callable[[Path, int], Listened] = listen) -> Listened | Refused:
    """What listening came to."""
    try:
        return listener(Path(path), part)
    except UnreadableAudioError as error:
        return Refused(str(error), reason=error.reason)
    except OSError as error:
        return Refused(error.strerror or str(error), number=error.errno)


def send_answer(connection: Connection, said: Listened | Refused) -> None:
    """Send what was heard, then the waveform in blocks: in one piece it would be there three times."""
    if isinstance(said, Refused):
        connection.send((said, 0))
        return
    connection.send((replace(said, waveform=said.waveform[:0]), len(said.waveform)))
    for start in range(0, len(said.waveform), BLOCK_SAMPLES):
        connection.send_bytes(said.waveform[start : start + BLOCK_SAMPLES].data)


def receive_answer(connection: Connection) -> Listened | Refused:
    """What `send_answer` sent.

    Raises:
        EOFError, OSError: the other end is gone.
    """
    said: Listened | Refused
    said, length = connection.recv()
    if isinstance(said, Refused):
        return said
    waveform = np.empty(length, np.float32)
    for start in range(0, length, BLOCK_SAMPLES):
        connection.recv_bytes_into(waveform[start : start + BLOCK_SAMPLES])
    return replace(said, waveform=waveform)


def serve(descriptor: int) -> None:
    """Answer requests on the socket `descriptor` until whoever asks is gone."""
    connection = Connection(descriptor)
    while True:
        try:
            path, part = connection.recv()
            send_answer(connection, answer(path, part))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return
