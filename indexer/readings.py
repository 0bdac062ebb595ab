"""Read many files at once, and hand them on in order: memory holds a few of them, whatever their number."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from itertools import islice

from indexer.read import StemReading
from indexer.stopping import Stop
from library.records import StemEntry

READINGS_A_WORKER = 2
"""One being handed on or waiting, one being read."""

_MOST_WORKERS = 8
_LOOK_AROUND_SECONDS = 0.2

ReadStem = Callable[[StemEntry], StemReading]


def default_workers(cores: int | None = None) -> int:
    """Processes that decode on this machine: one core is left for the network."""
    return max(1, min(_MOST_WORKERS, (cores or os.cpu_count() or 1) - 1))


def read_one_by_one(work: Iterable[StemEntry], read: ReadStem, stop: Stop) -> Iterator[StemReading]:
    """Each of `work` in order.

    Raises:
        IndexingStoppedError: a stop was requested.
    """
    for entry in work:
        stop.check()
        yield read(entry)


def read_ahead(work: Iterable[StemEntry], read: ReadStem, stop: Stop, workers: int) -> Iterator[StemReading]:
    """Each of `work` in order, with `workers` threads reading what comes next meanwhile.

    Raises:
        IndexingStoppedError: a stop was requested; what is being read is dropped.
    """
    entries = iter(work)
    executor = ThreadPoolExecutor(workers, thread_name_prefix="read")
    try:
        ahead = deque(executor.submit(read, entry) for entry in islice(entries, READINGS_A_WORKER * workers))
        while ahead:
            reading = _wait(ahead.popleft(), stop)
            ahead.extend(executor.submit(read, entry) for entry in islice(entries, 1))
            yield reading
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def _wait(reading: "Future[StemReading]", stop: Stop) -> StemReading:
    while True:
        stop.check()
        try:
            return reading.result(_LOOK_AROUND_SECONDS)
        except NotYetError:
            continue
