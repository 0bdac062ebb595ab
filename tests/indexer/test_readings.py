"""Reading ahead: in order, a few at a time, and stoppable."""

import threading
from pathlib import Path

import numpy as np
import pytest

from audio.stems import StemType
from indexer.read import DecodedStem, FailedStem
from indexer.readings import READINGS_A_WORKER, SHELF_BYTES, default_workers, read_ahead, read_one_by_one
from indexer.stopping import IndexingStoppedError, Stop
from library.records import FileState, Heard, SoundFacts, StemEntry


def make_work(count: int) -> list[StemEntry]:
    folder = Path("/music/a")
    return [
        StemEntry(folder / f"{number}.wav", folder.parent, "a", folder, StemType.BASS, "name")
        for number in range(count)
    ]


def read(entry: StemEntry) -> FailedStem:
    return FailedStem(entry, None, "", "")


@pytest.mark.parametrize("workers", [1, 3])
def test_everything_comes_in_order(workers: int) -> None:
    work = make_work(20)
    assert [each.entry for each in read_ahead(work, read, Stop(), workers)] == work


def test_a_slow_file_does_not_change_the_order() -> None:
    first_may_end = threading.Event()

    def read_slowly(entry: StemEntry) -> FailedStem:
        if entry.path.stem == "0":
            assert first_may_end.wait(30)
        else:
            first_may_end.set()
        return read(entry)

    work = make_work(4)
    assert [each.entry for each in read_ahead(work, read_slowly, Stop(), 2)] == work


def test_no_more_is_read_than_is_waited_for() -> None:
    asked: list[StemEntry] = []

    def count(entry: StemEntry) -> FailedStem:
        asked.append(entry)
        return read(entry)

    readings = read_ahead(make_work(1000), count, Stop(), 2)
    for _ in range(3):
        next(readings)
    readings.close()  # type: ignore[attr-defined] # a generator
    assert len(asked) <= 3 + READINGS_A_WORKER * 2


def test_while_much_sound_waits_no_further_file_is_begun() -> None:
    begun: list[str] = []
    hour = np.broadcast_to(np.float32(0), (SHELF_BYTES // 4,))  # as long as an hour, without its memory

    def read_an_hour(entry: StemEntry) -> DecodedStem:
        begun.append(entry.path.stem)
        return DecodedStem(entry, FileState(1, 1), "", SoundFacts(3600.0, 16_000, 1), Heard(), hour)

    readings = read_ahead(make_work(6), read_an_hour, Stop(), 1)
    next(readings)
    begun_with_one_waiting = list(begun)
    others = [each.entry.path.stem for each in readings]
    assert begun_with_one_waiting == ["0"]
    assert others == ["1", "2", "3", "4", "5"]


def test_a_reader_that_waits_for_room_is_let_go_with_the_rest() -> None:
    hour = np.broadcast_to(np.float32(0), (SHELF_BYTES // 4,))

    def read_an_hour(entry: StemEntry) -> DecodedStem:
        return DecodedStem(entry, FileState(1, 1), "", SoundFacts(3600.0, 16_000, 1), Heard(), hour)

    before = set(threading.enumerate())
    readings = read_ahead(make_work(6), read_an_hour, Stop(), 1)
    next(readings)
    begun = set(threading.enumerate()) - before
    assert begun
    readings.close()  # type: ignore[attr-defined] # a generator
    for thread in begun:
        thread.join(30)
    assert not any(thread.is_alive() for thread in begun)


def test_a_stop_ends_it_even_while_a_file_is_read() -> None:
    asked, never = threading.Event(), threading.Event()

    def read_forever(entry: StemEntry) -> FailedStem:
        asked.set()
        never.wait(30)
        return read(entry)

    with pytest.raises(IndexingStoppedError):
        list(read_ahead(make_work(3), read_forever, Stop(asked.is_set), 1))
    never.set()


def test_a_stop_ends_reading_one_by_one() -> None:
    asked = threading.Event()
    readings = read_one_by_one(make_work(3), read, Stop(asked.is_set))
    next(readings)
    asked.set()
    with pytest.raises(IndexingStoppedError):
        next(readings)


@pytest.mark.parametrize(("cores", "workers"), [(1, 1), (2, 1), (4, 3), (64, 8)])
def test_a_core_is_left_for_the_network(cores: int, workers: int) -> None:
    assert default_workers(cores) == workers
