"""A process that decodes and listens for the indexer: whatever a file does to it, the indexer lives on."""

from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from audio.unreadable import Reason, UnreadableAudioError
from indexer.listen import Listened, listen


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


def serve(descriptor: int) -> None:
    """Answer requests on the socket `descriptor` until whoever asks is gone."""
    connection = Connection(descriptor)
    while True:
        try:
            path, part = connection.recv()
            connection.send(answer(path, part))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return
