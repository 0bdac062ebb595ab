"""One decoding process and the socket to it."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from multiprocessing import ProcessError
from multiprocessing.connection import Connection
from pathlib import Path
from socket import socketpair
from typing import Final, get_args

import numpy as np
from pydantic import BaseModel, ConfigDict

from audio.confinement import bare_environment
from audio.decode import SAMPLE_RATE, DecodeLimits, Recording, UnreadableAudioError
from audio.unreadable import Reason
from service.patience import Patience

HEADER_BYTES: Final = 65_536
# The resampler may end a little later than the file.
SPARE_SECONDS: Final = 10.0
_MOMENT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """What one process may use up."""

    memory_bytes: int = 1_500_000_000
    """Of address space, code and libraries included."""
    cpu_seconds: int = 60
    """Of processor time for one file."""
    seconds: float = 30.0
    """Until one file's answer."""


class DecoderEndedError(RuntimeError):
    """The process ended, or did not come to an end; `code` is its exit code, None if it was too slow."""

    def __init__(self, code: int | None, message: str) -> None:
        super().__init__(message)
        self.code = code


class DecoderProcess:
    """A child of ours with an environment of its own: it inherits no socket, no lock and no secret."""

    def __init__(self, module: str, limits: ProcessLimits) -> None:
        self._limits = limits
        ours, theirs = socketpair()
        with theirs:
            call = f"serve({theirs.fileno()}, {limits.memory_bytes}, {limits.cpu_seconds})"
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-c", f"from {module} import serve; {call}"],
                pass_fds=[theirs.fileno()],
                env=bare_environment(sys.path, os.environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                process_group=0,  # Ctrl-C is the service's to answer: it finishes what runs
            )
        self._connection = Connection(ours.detach())

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether it can still be asked."""
        return self._process.poll() is None

    def ask(self, path: Path, limits: DecodeLimits, patience: Patience) -> Recording:
        """Have the file decoded; when `patience` is given up meanwhile, the process ends at once.

        Raises:
            UnreadableAudioError: the file was refused.
            DecoderEndedError: the process ended, and can be asked no more.
        """
        seconds = min(self._limits.seconds, patience.left())
        try:
            with patience.calling(self._process.kill):
                job = {"path": str(path), "max_seconds": limits.max_seconds}
                self._connection.send_bytes(json.dumps(job).encode())
                if not self._connection.poll(seconds):
                    self.kill()
                    raise DecoderEndedError(
                        None, f"Decoding the file takes more than {seconds:.3g} s. Send a shorter one."
                    )
                return self._receive(limits.max_seconds)
        except (EOFError, OSError, ProcessError) as error:  # the last: more samples than there is room for
            code = self._wait_for_end()
            raise DecoderEndedError(code, _describe_end(code)) from error

    def kill(self) -> int:
        """End it; its exit code."""
        self._process.kill()
        return self._process.wait()

    def _wait_for_end(self) -> int:
        """Its own exit code, if it ends by itself: its socket closes a moment before."""
        try:
            return self._process.wait(_MOMENT_SECONDS)
        except subprocess.TimeoutExpired:
            return self.kill()

    def _receive(self, max_seconds: float) -> Recording:
        header = read_header(self._connection.recv_bytes(HEADER_BYTES))
        if not 0 <= header.samples <= (max_seconds + SPARE_SECONDS) * SAMPLE_RATE:
            raise OSError(f"The decoder announced {header.samples} samples.")
        waveform = np.empty(header.samples, np.float32)
        if self._connection.recv_bytes_into(waveform.data.cast("B")) != waveform.nbytes:
            raise OSError("The decoder sent fewer samples than it announced.")
        return Recording(
            waveform, header.seconds, header.sample_rate, header.channels, header.announced_seconds
        )


class RecordingHeader(BaseModel):
    """The facts that come before the samples; a process that was taken over may send anything."""

    model_config = ConfigDict(allow_inf_nan=False)

    samples: int
    seconds: float
    sample_rate: int
    channels: int
    announced_seconds: float | None = None


def read_header(text: bytes) -> RecordingHeader:
    """The facts that come before the samples, whoever wrote them.

    Raises:
        UnreadableAudioError: the file was refused; reason and message are in there.
        OSError: this is not what a decoder writes.
    """
    try:
        said = json.loads(text)
        if "reason" not in said:
            return RecordingHeader.model_validate(said)
        reason, message = said["reason"], str(said["message"])
    except (ValueError, TypeError, KeyError) as error:
        raise OSError("The decoder sent something else than an answer.") from error
    if reason not in get_args(Reason):
        raise OSError(f"The decoder refused the file for an unknown reason, {reason!r}.")
    raise UnreadableAudioError(reason, message)


def _describe_end(code: int) -> str:
    how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return (
        f"The file cannot be decoded with the memory and time that there are for one ({how}). "
        "Export it again, shorter or in another format."
    )
