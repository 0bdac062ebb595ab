"""A few processes that decode for the service, each replaced at once when a file kills it or it is killed."""

import logging
import queue
import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

from audio.decode import DecodeLimits, Recording, UnreadableAudioError, decode
from service.decoder_process import DecoderEndedError, DecoderProcess, ProcessLimits
from service.patience import Patience

logger = logging.getLogger(__name__)

# How whoever runs the machine ends processes; everything else is the file's doing.
FROM_OUTSIDE: Final = frozenset({-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP})
ATTEMPTS: Final = 2


class DecoderLostError(RuntimeError):
    """There is no process to decode with, or it was ended from outside: nothing is known about the file."""


class Decoder(Protocol):
    """Turns a file into samples while `patience` lasts."""

    def __call__(self, path: Path, limits: DecodeLimits, patience: Patience, /) -> Recording: ...


def decode_here(path: Path, limits: DecodeLimits, _patience: Patience) -> Recording:
    """Decode in this process: for files of one's own, and for tests."""
    return decode(path, limits)


@dataclass(slots=True)
class DecoderCounts:
    """What became of the processes."""

    started: int = 0
    died: int = 0


class Decoders:
    """At most `count` processes, started when they are first needed; call it from as many threads.

    A file that makes its process die, hang or ask for too much memory costs its own request alone.
    """

    def __init__(self, count: int, limits: ProcessLimits, module: str = "service.decoder") -> None:
        self._limits = limits
        self._module = module
        self.counts = DecoderCounts()
        self._idle: queue.LifoQueue[DecoderProcess | None] = queue.LifoQueue()
        for _ in range(count):
            self._idle.put(None)
        self._count = count
        self._lock = threading.Lock()
        self._running: set[DecoderProcess] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            running, self._running = list(self._running), set()
        for process in running:
            process.kill()

    def start(self) -> None:
        """Start every process now, so that the first requests need not wait for one."""
        held = [self._idle.get() for _ in range(self._count)]
        for process in held:
            self._idle.put(process or self._start())

    def check(self) -> None:
        """Make sure that a process can be had.

        Raises:
            DecoderLostError: none can be started.
        """
        try:
            process = self._idle.get_nowait()
        except queue.Empty:
            return  # all are at work
        try:
            process = process if process is not None and process.is_alive() else self._start()
        finally:
            self._idle.put(process)

    def __call__(self, path: Path, limits: DecodeLimits, patience: Patience) -> Recording:
        """What `audio.decode.decode` returns.

        Raises:
            UnreadableAudioError: as it does; also where the file ended its process or took too long.
            DecoderLostError: the process was ended by something else than the file.
            GivenUpError, TooLateError: whoever asked does not wait any more.
        """
        for _ in range(ATTEMPTS):
            process = self._idle.get()
            try:
                process = process if process is not None and process.is_alive() else self._start()
                return process.ask(path, limits, patience)
            except DecoderEndedError as error:
                process = self._replace(process, was_stopped=patience.is_given_up)
                patience.check()
                if error.code not in FROM_OUTSIDE:
                    raise UnreadableAudioError("damaged", str(error)) from error
            finally:
                self._idle.put(process)
        raise DecoderLostError("The process that decoded the file was ended from outside. Try again.")

    def _start(self) -> DecoderProcess:
        try:
            process = DecoderProcess(self._module, self._limits)
        except OSError as error:
            raise DecoderLostError(
                f"No process can be started to decode the file ({error.strerror}). Try again."
            ) from error
        with self._lock:
            self.counts.started += 1
            self._running.add(process)
        return process

    def _replace(self, process: DecoderProcess | None, *, was_stopped: bool) -> DecoderProcess:
        """A new one in the place of one that died, or was stopped because whoever asked went away."""
        if not was_stopped:
            logger.warning("A decoder died and is replaced.")
        with self._lock:
            self.counts.died += not was_stopped
            self._running.discard(process) if process else None
        return self._start()
