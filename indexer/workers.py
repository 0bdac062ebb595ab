"""Processes that decode: one for each thread that asks, replaced when a file kills it."""

import json
import os
import signal
import subprocess
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from socket import socketpair
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from audio.confinement import bare_environment
from audio.unreadable import UnreadableAudioError
from indexer.answers import Refused, receive_answer
from indexer.listen import Listened
from indexer.read import ListenerDiedError

# The longest file that is accepted lasts an hour and takes a minute; this is for one that never ends.
PATIENCE_SECONDS = 900.0


class WorkerPool:
    """Listens to files in processes of its own; call it from as many threads as there should be processes.

    A process that a file kills (out of memory, a fault in a decoder) costs that file alone. They inherit no
    settings, and cannot write files; those for parts of files, which your own library alone has, can, and
    what they leave in their folder goes with them.
    """

    def __init__(
        self,
        module: str = "indexer.worker",
        patience_seconds: float = PATIENCE_SECONDS,
        temporary: Path | None = None,
    ) -> None:
        """Parts of files lie below `temporary`, or where temporary files do."""
        self._module = module
        self._temporary = temporary
        self._patience_seconds = patience_seconds
        self._of_thread = _OfThread()
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
            UnreadableAudioError, OSError: as it does; the former also where it took too much processor time.
            ListenerDiedError: the process ended, or did not come to an end.
        """
        may_write = part > 0
        worker = self._worker(may_write)
        try:
            answer = worker.ask(path, part, self._patience_seconds)
        except (ListenerDiedError, UnreadableAudioError):
            self._forget(may_write)
            raise
        if isinstance(answer, Refused):
            raise answer.as_error()
        return answer

    def _worker(self, may_write: bool) -> "_Worker":
        workers = self._of_thread.workers
        if may_write in workers and workers[may_write].has_ended():  # the next file is not to blame
            workers[may_write].kill()
            self._forget(may_write)
        if may_write not in workers:
            with self._lock:
                if self._closed:
                    raise ListenerDiedError("The run was stopped. The next run tries again.")
                workers[may_write] = _Worker(self._module, self._make_folder() if may_write else None)
                self._all.add(workers[may_write])
        return workers[may_write]

    def _make_folder(self) -> "TemporaryDirectory[str]":
        return TemporaryDirectory(prefix="counterpart-", dir=self._temporary, ignore_cleanup_errors=True)

    def _forget(self, may_write: bool) -> None:
        with self._lock:
            self._all.discard(self._of_thread.workers.pop(may_write))


class _OfThread(threading.local):
    """The processes of a thread, by whether they may write."""

    def __init__(self) -> None:
        self.workers: dict[bool, _Worker] = {}


class _Worker:
    """One process, the socket to it, and the folder where it may write, if it may."""

    def __init__(self, module: str, folder: "TemporaryDirectory[str] | None") -> None:
        self._folder = folder
        ours, theirs = socketpair()
        with theirs:
            call = f"serve({theirs.fileno()}, {None if folder is None else folder.name!r})"
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-c", f"from {module} import serve; {call}"],
                pass_fds=[theirs.fileno()],
                env=bare_environment(sys.path, os.environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # the service's log is not for files to write in
                process_group=0,  # Ctrl-C is the indexer's to answer
            )
        self._connection = Connection(ours.detach())

    def has_ended(self) -> bool:
        """Whether it ended while nobody asked it: then, and only then, there is something to read."""
        return self._connection.poll()

    def ask(self, path: Path, part: int, patience_seconds: float) -> Listened | Refused:
        try:
            self._connection.send_bytes(json.dumps([str(path), part]).encode())
            if not self._connection.poll(patience_seconds):
                self.kill()
                raise ListenerDiedError(
                    f"Reading the file took more than {patience_seconds:g} s. The next run tries again."
                )
            return receive_answer(self._connection)
        except (EOFError, OSError) as error:
            raise _explain_end(self.kill()) from error

    def kill(self) -> int:
        """End it, with what it left behind; its exit code."""
        self._process.kill()
        code = self._process.wait()
        if self._folder is not None:
            self._folder.cleanup()
        return code


def _explain_end(code: int) -> ListenerDiedError | UnreadableAudioError:
    if code == -signal.SIGXCPU:  # it would take as long the next time
        return UnreadableAudioError(
            "unsupported",
            "Reading the file takes too much processor time. Export it again, in another format.",
        )
    return ListenerDiedError(
        f"The process that read the file died ({_describe_end(code)}). The next run tries again."
    )


def _describe_end(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
