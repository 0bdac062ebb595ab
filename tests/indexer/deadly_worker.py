"""A worker for tests: what it does with a file is said by the file's name. No such file has to exist."""

import os
import signal
import time
from multiprocessing.connection import Connection

import numpy as np

from indexer.listen import Listened
from indexer.worker import send_answer
from library.records import Heard, SoundFacts


def serve(descriptor: int) -> None:
    connection = Connection(descriptor)
    while True:
        try:
            path, _part = connection.recv()
        except EOFError:
            return
        name = os.path.basename(path)  # noqa: PTH119 - only a name
        if name == "segfault.wav":
            os.kill(os.getpid(), signal.SIGSEGV)
        if name == "exit.wav":
            os._exit(3)
        if name == "forever.wav":
            time.sleep(600)
        # Its own number stands where the sample rate should.
        facts = SoundFacts(1.0, os.getpid(), 1)
        send_answer(connection, Listened(np.zeros(4, np.float32), facts, Heard()))
