"""Render songs in worker processes, and tell what became of each."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread
from typing import Protocol, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

CHUNK = 8


@dataclass(frozen=True)
class Outcome:
    """What became of a job; `problem` is a sentence if nothing was written."""

    folder: Path
    problem: str | None = None


class Job(Protocol):
    """What is to be written to a folder of its own."""

    @property
    def folder(self) -> Path: ...


AnyJob = TypeVar("AnyJob", bound=Job)


def run_jobs(
    jobs: Sequence[AnyJob], run_chunk: Callable[[Sequence[AnyJob]], list[Outcome]], workers: int
) -> Iterator[Outcome]:
    """Run the jobs whose folder is not there yet; yields an outcome for each job as it is done."""
    missing = [job for job in jobs if not job.folder.exists()]
    yield from (Outcome(job.folder) for job in jobs if job.folder.exists())
    chunks = [missing[i : i + CHUNK] for i in range(0, len(missing), CHUNK)]
    if workers <= 1:
        for chunk in chunks:
            yield from run_chunk(chunk)
        return
    # Forking would copy the progress bar's thread in an unknown state.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=obey_parent)
    try:
        futures = [pool.submit(run_chunk, chunk) for chunk in chunks]
        for future in as_completed(futures):
            yield from future.result()
    except BaseException:
        # What waits is not begun, and what is begun is ended: a song is there whole or not at all.
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in active_children():
            worker.terminate()
        raise
    pool.shutdown()


def obey_parent() -> None:
    """Leave Ctrl-C, which reaches workers as well, to the process that started this one; end with it.

    An interrupted worker would go on with the next songs, and a killed parent tells its workers nothing.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None  # noqa: S101 - called in workers alone
    Thread(target=_wait_and_end, args=(parent.sentinel,), daemon=True).start()


def _wait_and_end(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def follow(outcomes: Iterable[Outcome], total: int, console: Console) -> int:
    """Show a progress bar and each problem as it comes up; returns how many songs are there."""
    columns = (TextColumn("rendering"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    rendered = 0
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("rendering", total=total)
        for outcome in outcomes:
            if outcome.problem is None:
                rendered += 1
            else:
                progress.console.print(f"skipped: {outcome.problem}", style="yellow", markup=False)
            progress.advance(task)
    return rendered
