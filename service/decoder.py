"""The process that decodes what strangers send: held in bounds by the kernel, and sends nothing but data."""

import json
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from audio.confinement import limit_process, limit_processor_time
from audio.decode import DecodeLimits, Recording, UnreadableAudioError, decode

Reader = Callable[[Path, DecodeLimits], Recording]


def serve(descriptor: int, memory_bytes: int, cpu_seconds: int) -> None:
    """Answer jobs on the socket `descriptor` until whoever asks is gone."""
    limit_process(memory_bytes)
    connection = Connection(descriptor)
    while True:
        try:
            job = json.loads(connection.recv_bytes())
            limit_processor_time(cpu_seconds)
            send_answer(connection, job)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return


def send_answer(connection: Connection, job: Mapping[str, Any], read: Reader = decode) -> None:
    """Decode one file: a line of JSON goes back, and after it the samples, if there are any.

    Never pickled: a file that takes this process over must not be able to send objects to the service.
    """
    limits = DecodeLimits(max_seconds=job["max_seconds"])
    try:
        recording = read(Path(job["path"]), limits)
    except UnreadableAudioError as error:
        connection.send_bytes(json.dumps({"reason": error.reason, "message": str(error)}).encode())
        return
    samples = np.ascontiguousarray(recording.waveform, np.float32)
    header = {
        "samples": len(samples),
        "seconds": recording.seconds,
        "sample_rate": recording.sample_rate,
        "channels": recording.channels,
        "announced_seconds": recording.announced_seconds,
    }
    connection.send_bytes(json.dumps(header).encode())
    connection.send_bytes(samples.data.cast("B"))
