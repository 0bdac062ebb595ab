"""Processes that decode: one for each thread that asks, replaced when a file kills it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from socket import socketpair
from types import TracebackType
from typing import Self

from indexer.listen import Listened
from indexer.read import ListenerDiedError
from indexer.worker import Refused, receive_answer

# The longest file that is accepted lasts an hour and takes a minute; this is for one that never ends.
PATIENCE_SECONDS = 900.0


class WorkerPool:
    """Listens to files in processes of its own; call it from as many threads as there should be processes.

    A process that a file kills (out of memory, a fault in a decoder) costs that file alone.
    """

    def __init__(self, module: str = "indexer.worker", patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._module = module
        self._patience_seconds = patience_seconds
        self._of_thread = threading.local()
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._closed = True
            workers = list(self._all)
        for worker in workers:
            worker.kill()

    def __call__(self, path: Path, part: int) -> Listened:
        """What `indexer.listen.listen` returns.

        Raises:
            UnreadableAudioError, OSError: as it does.
            ListenerDiedError: the process ended, or did not come to an end.
        """
        worker = self._worker()
        try:
            answer = worker.ask(path, part, self._patience_seconds)
        except ListenerDiedError:
            with self._lock:
                self._all.discard(worker)
            self._of_thread.worker = None
            raise
        if isinstance(answer, Refused):
            raise answer.as_error()
        return answer

    def _worker(self) -> "_Worker":
        worker: _Worker | None = getattr(self._of_thread, "worker", None)
        if worker is None:
            with self._lock:
                if self._closed:
                    raise ListenerDiedError("The run was stopped. The next run tries again.")
                worker = _Worker(self._module)
                self._all.add(worker)
            self._of_thread.worker = worker
        return worker


class _Worker:
    """One process and the socket to it."""

    def __init__(self, module: str) -> None:
        ours, theirs = socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                # Imported by its name, not run as a script: what it sends is then of classes that we know.
                [sys.executable, "-c", f"from {module} import serve; serve({theirs.fileno()})"],
                pass_fds=[theirs.fileno()],
                env=_environment(sys.path, os.environ),
                process_group=0,  # Ctrl-C is the indexer's to answer
            )
        self._connection = Connection(ours.detach())

    def ask(self, path: Path, part: int, patience_seconds: float) -> Listened | Refused:
        try:
            self._connection.send((str(path), part))
            if not self._connection.poll(patience_seconds):
                self.kill()
                raise ListenerDiedError(
                    f"Reading the file took more than {patience_seconds:g} s. The next run tries again."
                )
            return receive_answer(self._connection)
        except (EOFError, OSError) as error:
            self.kill()
            raise ListenerDiedError(
                f"The process that read the file died ({_describe_end(self._process.wait())}). "
                "The next run tries again."
            ) from error

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def _environment(folders: Sequence[str], environment: "os._Environ[str]") -> dict[str, str]:
    """What the process needs to find the same packages, with one core for itself."""
    found = os.pathsep.join(folder or os.getcwd() for folder in folders)  # noqa: PTH109 - a text is wanted
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**environment, **one, "PYTHONPATH": found}


def _describe_end(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
