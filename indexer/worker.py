"""A process that decodes and listens for the indexer: whatever a file does to it, the indexer lives on."""

import json
import shutil
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from audio.confinement import limit_process, limit_processor_time
from audio.unreadable import UnreadableAudioError
from indexer.answers import Refused, send_answer
from indexer.listen import Listened, listen

# An hour of sound, the longest that is accepted, takes 0.7 GB with code and libraries, and up to a minute.
MEMORY_BYTES = 3_000_000_000
CPU_SECONDS = 600


def answer(path: str, part: int, listener: Callable[[Path, int], Listened] = listen) -> Listened | Refused:
    """What listening came to."""
    try:
        return listener(Path(path), part)
    except UnreadableAudioError as error:
        return Refused(str(error), reason=error.reason)
    except OSError as error:
        return Refused(error.strerror or str(error), number=error.errno)
    except MemoryError:  # the bound, which holds the next time as well
        message = (
            "Reading the file takes more memory than there is for one. Export it again, in another format."
        )
        return Refused(message, reason="unsupported")


def serve(descriptor: int, folder: str | None) -> None:
    """Answer requests on the socket `descriptor` until whoever asks is gone.

    Where parts are asked for, each becomes a file in `folder` before it is decoded; without one, nothing can
    be written.
    """
    limit_process(MEMORY_BYTES, may_write=folder is not None)
    listener = partial(listen, folder=None if folder is None else Path(folder))
    connection = Connection(descriptor)
    while True:
        try:
            path, part = json.loads(connection.recv_bytes())
            limit_processor_time(CPU_SECONDS)
            send_answer(connection, answer(path, part, listener))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            break
    if folder is not None:  # nobody else is left to do it
        shutil.rmtree(folder, ignore_errors=True)
