"""Runs the indexer, in a process of its own, for stems that were sent: one run at a time, for all of them."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from library.settings import Settings

logger = logging.getLogger(__name__)

# Another indexer may hold the lock, for hours: each try waits twice as long, up to the longest pause.
FIRST_PAUSE_SECONDS: Final = 5.0
LONGEST_PAUSE_SECONDS: Final = 160.0
# Less than what whoever stops the service waits before killing it, with what the requests under way may take.
PATIENCE_SECONDS: Final = 10.0


def index_command(folder: Path, settings: Settings) -> list[str]:
    """`counterpart index FOLDER` with this interpreter, for the library and the model of `settings`.

    The service may have been told of them on its command line, so they are said again; only the database's
    address stays in the environment, where it is no secret that a list of processes shows.
    """
    said = {"--data": settings.data, "--device": settings.device, "--model": settings.model}
    options = [text for name, value in said.items() if value is not None for text in (name, str(value))]
    return [sys.executable, "-c", "from counterpart import cli; cli()", "index", "add", str(folder), *options]


def can_index(settings: Settings, may: Callable[[Path, int], bool] = os.access) -> bool:
    """Whether this service may write to its library; a replica on a read-only volume leaves it to others."""
    return not settings.data.exists() or may(settings.data, os.W_OK)


@dataclass(frozen=True)
class _Failure:
    """Why a run is to be tried again."""

    why: str
    of_all: bool = True  # else all but some files were indexed, and what is sent next need not wait for these


class IndexRunner:
    """Call `ask` after each change; runs go on in the background, until one succeeds or `close` ends them."""

    def __init__(
        self,
        command: Sequence[str] | None,
        pause: Callable[[float, threading.Event], None] | None = None,
        patience_seconds: float = PATIENCE_SECONDS,
        first_pause_seconds: float = FIRST_PAUSE_SECONDS,
    ) -> None:
        self._command = command
        self._patience_seconds = patience_seconds
        self._first_pause_seconds = first_pause_seconds
        self._wanted = threading.Event()
        self._closed = threading.Event()
        self._pause = pause or self._wait
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._said: frozenset[str] = frozenset()
        self.asked = 0
        self.runs = 0

    def ask(self) -> None:
        """Index soon; what comes during a run is done by one more. Without a command, somebody else does."""
        if self._command is None:
            return
        self.asked += 1
        self._wanted.set()
        with self._lock:
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._work, name="index-runner", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End the run that is under way; the next one, whoever starts it, does what is left."""
        self._closed.set()
        self._wanted.set()
        with self._lock:
            process, thread = self._process, self._thread
        if process is not None:
            process.terminate()
        if thread is not None:
            thread.join(self._patience_seconds)
        if process is not None and process.poll() is None:
            # It builds, which may take minutes and is not interrupted. A kill loses no more than a stop.
            process.kill()
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        while not self._closed.is_set():
            self._wanted.wait()
            self._run_until_done()

    def _run_until_done(self) -> None:
        seconds = self._first_pause_seconds
        while (failure := self._run()) is not None and not self._closed.is_set():
            if seconds < LONGEST_PAUSE_SECONDS:
                logger.warning("Indexing what was uploaded failed (%s); it is tried again.", failure.why)
            else:
                logger.error(
                    "What was uploaded is still not indexed (%s); it is tried again every %d s. "
                    "Run counterpart index with the folder of uploads, and see what it says.",
                    failure.why,
                    seconds,
                )
            self._pause(seconds, self._closed if failure.of_all else self._wanted)
            seconds = min(2 * seconds, LONGEST_PAUSE_SECONDS)

    def _run(self) -> _Failure | None:
        """How a run failed; None if it did not, or if there must be none any more."""
        self._wanted.clear()
        with self._lock:
            if self._closed.is_set():
                return None
            self.runs += 1
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own command
                    list(self._command or ()),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    process_group=0,
                )
            except OSError as error:  # no memory or process to spare just now
                return _Failure(str(error))
        with self._process as process:
            if process.stderr is not None:
                self._relay(process.stderr)
        return None if process.returncode == 0 else _failure_of(process.returncode)

    def _relay(self, lines: Iterable[bytes]) -> None:
        """Log what the indexer says is wrong; what it said the last time as well is no news."""
        said = set()
        for line in lines:
            text = line.decode(errors="replace").rstrip()
            if text and text not in self._said and text not in said:
                logger.warning("The indexer says: %s", text)
            said.add(text)
        self._said = frozenset(said)

    def _wait(self, seconds: float, until: threading.Event) -> None:
        """Wait for `seconds`, or less: until it is closed, and after the shortest pause `until` something."""
        if not self._closed.wait(self._first_pause_seconds):
            until.wait(seconds - self._first_pause_seconds)


def _failure_of(code: int) -> _Failure:
    if code == os.EX_TEMPFAIL:
        return _Failure("a file could not be read this time", of_all=False)
    return _Failure(f"exit code {code}")
