"""Read many files at once, and hand them on in order: memory holds a few of them, whatever their number."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from itertools import islice

from indexer.read import DecodedStem, StemReading
from indexer.stopping import IndexingStoppedError, Stop
from library.records import StemEntry

READINGS_A_WORKER = 2
"""One being handed on or waiting, one being read."""

SHELF_BYTES = 256 << 20
"""Over an hour of sound: while so much waits to be embedded, no further file is begun."""

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

    Memory holds `SHELF_BYTES` of sound, and a file more for each worker.

    Raises:
        IndexingStoppedError: a stop was requested; what is being read is dropped.
    """
    entries = iter(work)
    shelf = _Shelf(SHELF_BYTES)
    executor = ThreadPoolExecutor(workers, thread_name_prefix="read")

    def read_when_there_is_room(entry: StemEntry) -> StemReading:
        shelf.wait_for_room()
        reading = read(entry)
        shelf.put(_count_bytes(reading))
        return reading

    try:
        first = islice(entries, READINGS_A_WORKER * workers)
        ahead = deque(executor.submit(read_when_there_is_room, entry) for entry in first)
        while ahead:
            reading = _wait(ahead.popleft(), stop)
            ahead.extend(executor.submit(read_when_there_is_room, entry) for entry in islice(entries, 1))
            yield reading
            shelf.take(_count_bytes(reading))
    finally:
        shelf.close()
        executor.shutdown(wait=False, cancel_futures=True)


class _Shelf:
    """Counts the sound that waits to be handed on.

    Files are begun in order, so whoever waits for room waits for files that were begun before: these come to
    their end and are taken, in whatever order they do, and there is room again.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._held = 0
        self._closed = False
        self._changed = threading.Condition()

    def wait_for_room(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._held < self._most_bytes)
            if self._closed:
                raise IndexingStoppedError("Nobody waits for this file any more.")

    def put(self, count: int) -> None:
        with self._changed:
            self._held += count

    def take(self, count: int) -> None:
        with self._changed:
            self._held -= count
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def _count_bytes(reading: StemReading) -> int:
    return reading.waveform.nbytes if isinstance(reading, DecodedStem) else 0


def _wait(reading: "Future[StemReading]", stop: Stop) -> StemReading:
    while True:
        stop.check()
        try:
            return reading.result(_LOOK_AROUND_SECONDS)
        except NotYetError:
            continue
