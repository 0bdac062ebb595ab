"""Calls that come at the same time are answered together, each with its own answer."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from service.batching import Batcher, BatchSizes

PATIENCE = 30


class Oven:
    """Doubles numbers; the first batch stays inside until it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.entered = threading.Event()
        self.let_go = threading.Event()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        self.entered.set()
        assert self.let_go.wait(PATIENCE)
        if -1 in items:
            raise ZeroDivisionError("No oven doubles this.")
        return [2 * item for item in items]


def gather(
    oven: Oven, batcher: Batcher[int, int], items: Sequence[int], shape: Callable[[int], int]
) -> list["Future[int]"]:
    """Calls for 0 and then, while that runs, for `items` in their order; the first is let go at the end."""
    with ThreadPoolExecutor(len(items) + 1) as pool:
        calls = [pool.submit(batcher, 0, shape(0))]
        assert oven.entered.wait(PATIENCE)
        for number, item in enumerate(items, start=1):
            calls.append(pool.submit(batcher, item, shape(item)))
            while len(batcher._gathered) < number:
                threading.Event().wait(0.001)
        oven.let_go.set()
    return calls


def test_a_single_call_waits_for_nobody() -> None:
    sizes = BatchSizes()
    batcher: Batcher[int, int] = Batcher(lambda items: [2 * item for item in items], 8, sizes)
    assert [batcher(item, "any") for item in (1, 2, 3)] == [2, 4, 6]
    assert sizes.read() == {1: 3}


def test_what_gathers_while_a_batch_runs_is_the_next_batch() -> None:
    oven, sizes = Oven(), BatchSizes()
    calls = gather(oven, Batcher(oven, 8, sizes), [1, 2, 3], shape=lambda _: 0)
    assert [call.result() for call in calls] == [0, 2, 4, 6]
    assert oven.batches == [[0], [1, 2, 3]]
    assert sizes.read() == {1: 1, 3: 1}


def test_a_batch_has_no_more_than_its_most_and_takes_those_first_that_waited_longest() -> None:
    oven = Oven()
    calls = gather(oven, Batcher(oven, 2), [1, 2, 3, 4, 5], shape=lambda _: 0)
    assert [call.result() for call in calls] == [0, 2, 4, 6, 8, 10]
    assert oven.batches == [[0], [1, 2], [3, 4], [5]]


def test_only_items_of_one_shape_go_together() -> None:
    oven = Oven()
    calls = gather(oven, Batcher(oven, 8), [1, 2, 3, 4], shape=lambda item: item % 2)
    assert [call.result() for call in calls] == [0, 2, 4, 6, 8]
    assert oven.batches == [[0], [1, 3], [2, 4]]


def test_a_failure_reaches_every_call_of_its_batch_and_no_other() -> None:
    oven = Oven()
    calls = gather(oven, Batcher(oven, 2), [-1, 1, 2], shape=lambda _: 0)
    assert calls[0].result() == 0
    for failed in calls[1:3]:
        with pytest.raises(ZeroDivisionError, match="No oven"):
            failed.result()
    assert calls[3].result() == 4


def test_a_run_that_forgets_an_answer_fails_instead_of_giving_it_to_another() -> None:
    batcher: Batcher[int, int] = Batcher(lambda _: [], 8)
    with pytest.raises(ValueError, match="zip"):
        batcher(1, "any")


def test_many_threads_each_get_their_own_answer() -> None:
    sizes = BatchSizes()
    batcher: Batcher[int, int] = Batcher(lambda items: [2 * item for item in items], 4, sizes)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda item: batcher(item, item % 3), range(500)))
    assert answers == [2 * item for item in range(500)]
    assert sum(size * count for size, count in sizes.read().items()) == 500
    assert max(sizes.read()) <= 4
