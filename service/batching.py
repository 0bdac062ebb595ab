"""Calls that come at the same time go through a network together; one that comes alone waits for nobody."""

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(eq=False, slots=True)
class _Call(Generic[Item, Answer]):
    """One item that waits for its answer."""

    item: Item
    shape: Hashable
    answer: Answer | None = None
    error: Exception | None = None
    done: bool = False


@dataclass(slots=True)
class BatchSizes:
    """How many batches of each size there were."""

    _counts: Counter[int] = field(default_factory=Counter)

    def note(self, size: int) -> None:
        """One more batch of `size` calls."""
        self._counts[size] += 1

    def read(self) -> Mapping[int, int]:
        """Number of batches by size, up to now."""
        return dict(self._counts)


class Batcher(Generic[Item, Answer]):
    """Runs `run` on up to `most` items of one shape at a time. Safe to call from many threads.

    There is no waiting for company: while a batch runs, others gather, and the next batch takes them. So an
    idle service answers as fast as without, and a busy one runs full batches.
    """

    def __init__(
        self, run: Callable[[Sequence[Item]], Sequence[Answer]], most: int, sizes: BatchSizes | None = None
    ) -> None:
        self._run = run
        self._most = most
        self._sizes = sizes or BatchSizes()
        self._gathered: list[_Call[Item, Answer]] = []
        self._gathering = threading.Lock()
        self._running = threading.Lock()

    def __call__(self, item: Item, shape: Hashable) -> Answer:
        """The answer for `item`, which may be computed together with others of the same `shape`.

        Raises:
            Exception: what `run` raised for the batch.
        """
        call: _Call[Item, Answer] = _Call(item, shape)
        with self._gathering:
            self._gathered.append(call)
        while not call.done:
            with self._running:
                if not call.done:
                    self._answer(self._take())
        if call.error is not None:
            raise call.error
        return call.answer  # type: ignore[return-value]  # done without an error: there is one

    def _take(self) -> list[_Call[Item, Answer]]:
        """The calls that waited longest, as many as fit together."""
        with self._gathering:
            shape = self._gathered[0].shape
            taken = [each for each in self._gathered if each.shape == shape][: self._most]
            self._gathered = [each for each in self._gathered if each not in taken]
        return taken

    def _answer(self, batch: list[_Call[Item, Answer]]) -> None:
        self._sizes.note(len(batch))
        try:
            answers = self._run([each.item for each in batch])
            for call, answer in zip(batch, answers, strict=True):
                call.answer = answer
        except Exception as error:  # noqa: BLE001 - raised again by each of the calls
            for call in batch:
                call.error = error
        for call in batch:
            call.done = True
