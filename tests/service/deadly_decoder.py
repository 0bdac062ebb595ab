"""A decoder on which files act as hostile files do: by their name they say what happens."""

import json
import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from audio.confinement import limit_process, limit_processor_time
from audio.decode import DecodeLimits, Recording
from service.decoder import send_answer


def serve(descriptor: int, memory_bytes: int, cpu_seconds: int) -> None:
    """As `service.decoder.serve`."""
    limit_process(memory_bytes)
    connection = Connection(descriptor)
    while True:
        try:
            job = json.loads(connection.recv_bytes())
        except EOFError:
            return
        limit_processor_time(cpu_seconds)
        if Path(job["path"]).name == "lies":
            connection.send_bytes(b'{"samples": 1e15, "seconds": 1, "sample_rate": 1, "channels": 1}')
            continue
        if Path(job["path"]).name == "floods":
            connection.send_bytes(b'{"samples": 1, "seconds": 1, "sample_rate": 1, "channels": 1}')
            connection.send_bytes(bytes(1_000))
            continue
        if Path(job["path"]).name == "babbles":
            connection.send_bytes(b"\x80\x04 no JSON")
            continue
        send_answer(connection, job, act)


def act(path: Path, _: DecodeLimits) -> Recording:
    """Do what the file's name says; a file that is called otherwise is one second of silence."""
    if path.name == "crashes":
        os.abort()
    if path.name == "hangs":
        time.sleep(600)
    if path.name == "spins":
        while True:
            pass
    if path.name == "grows":
        np.ones(1_000_000_000)
    if path.name == "writes":
        Path(f"{path}.out").write_bytes(b"x" * 1_000)
    if path.name == "is killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if path.name == "is killed once" and not path.exists():
        path.symlink_to("/")  # takes no bytes, which are forbidden here
        os.kill(os.getpid(), signal.SIGKILL)
    return Recording(np.zeros(16_000, np.float32), 1.0, 16_000, 1)
