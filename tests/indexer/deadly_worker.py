"""A worker for tests: what it does with a file is said by the file's name. No such file has to exist."""

import json
import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from audio.confinement import limit_process, limit_processor_time
from indexer.answers import Refused, send_answer
from indexer.listen import Listened
from indexer.worker import MEMORY_BYTES, answer
from library.records import Heard, SoundFacts


def serve(descriptor: int, folder: str | None) -> None:
    limit_process(MEMORY_BYTES, may_write=folder is not None)
    connection = Connection(descriptor)
    while True:
        try:
            path, _part = json.loads(connection.recv_bytes())
        except EOFError:
            return
        name = os.path.basename(path)  # noqa: PTH119 - only a name
        if folder is not None:
            Path(folder, "part.wav").write_bytes(b"left behind")
        end(name)
        if name == "grows.wav":
            send_answer(connection, answer(path, 0, grow))
            continue
        if name == "writes.wav":
            send_answer(connection, answer(path, 0, write))
            continue
        if name == "pickles.wav":
            connection.send(Refused("I am an object."))
            continue
        # Its own number stands where the sample rate should.
        facts = SoundFacts(1.0, os.getpid(), 1)
        send_answer(connection, Listened(np.zeros(4, np.float32), facts, Heard()))


def end(name: str) -> None:
    """Die, or never come to an end, if the file is called so."""
    if name == "segfault.wav":
        os.kill(os.getpid(), signal.SIGSEGV)
    if name == "exit.wav":
        os._exit(3)
    if name == "forever.wav":
        time.sleep(600)
    if name == "spins.wav":
        limit_processor_time(1)
        while True:
            pass


def grow(_path: Path, _part: int) -> Listened:
    np.ones(MEMORY_BYTES // 4, np.float32)
    raise AssertionError


def write(path: Path, _part: int) -> Listened:
    path.write_bytes(b"mine")
    raise OSError("It was written.")
