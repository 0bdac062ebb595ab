import io
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console

from model.render.outcomes import CHUNK, Outcome, follow, run_jobs

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Folder:
    folder: Path


class Counting:
    """Remembers the chunks that it was given."""

    def __init__(self) -> None:
        self.chunks: list[int] = []

    def __call__(self, chunk: Sequence[Folder]) -> list[Outcome]:
        self.chunks.append(len(chunk))
        return [Outcome(job.folder, "odd") for job in chunk]


def fail(chunk: Sequence[Folder]) -> list[Outcome]:
    return [Outcome(job.folder, job.folder.name) for job in chunk]


def test_jobs_whose_folder_is_there_are_done(tmp_path: Path) -> None:
    run = Counting()
    jobs = [Folder(tmp_path), Folder(tmp_path / "missing")]
    assert list(run_jobs(jobs, run, 1)) == [Outcome(tmp_path), Outcome(tmp_path / "missing", "odd")]
    assert run.chunks == [1]


def test_jobs_are_run_in_chunks(tmp_path: Path) -> None:
    run = Counting()
    list(run_jobs([Folder(tmp_path / str(number)) for number in range(2 * CHUNK + 1)], run, 1))
    assert run.chunks == [CHUNK, CHUNK, 1]


def test_worker_processes_run_every_job_once(tmp_path: Path) -> None:
    jobs = [Folder(tmp_path / str(number)) for number in range(CHUNK + 3)]
    told = [outcome.problem for outcome in run_jobs(jobs, fail, 2)]
    assert sorted(told, key=str) == sorted(job.folder.name for job in jobs)


def sleep_and_tell(chunk: Sequence[Folder]) -> list[Outcome]:
    """A worker that works for longer than anybody waits, and says who it is."""
    chunk[0].folder.with_suffix(".pid").write_text(str(os.getpid()))
    time.sleep(PATIENCE_SECONDS)
    return [Outcome(job.folder) for job in chunk]


def start_sleepers(folder: Path) -> None:
    list(run_jobs([Folder(folder / str(number)) for number in range(CHUNK + 1)], sleep_and_tell, 2))


def read_numbers(folder: Path) -> list[int]:
    return [int(text) for path in folder.glob("*.pid") if (text := path.read_text())]


def await_that(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    assert holds()


def is_running(number: int) -> bool:
    status = Path(f"/proc/{number}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_workers_end_with_a_run_that_is_killed(tmp_path: Path) -> None:
    run = get_context("spawn").Process(target=start_sleepers, args=(tmp_path,))
    run.start()
    await_that(lambda: len(read_numbers(tmp_path)) == 2)
    workers = read_numbers(tmp_path)
    assert all(is_running(number) for number in workers)
    run.kill()
    run.join()
    await_that(lambda: not any(is_running(number) for number in workers))


def test_a_run_that_is_interrupted_ends_its_workers_and_begins_nothing_more(tmp_path: Path) -> None:
    """Ctrl-C in a terminal reaches the workers, too; they leave it to the run."""
    run = get_context("spawn").Process(target=lead_sleepers, args=(tmp_path,))
    run.start()
    await_that(lambda: len(read_numbers(tmp_path)) == 2)
    workers = read_numbers(tmp_path)
    assert run.pid is not None
    os.killpg(run.pid, signal.SIGINT)
    run.join(PATIENCE_SECONDS / 2)
    assert run.exitcode not in {None, 0}
    await_that(lambda: not any(is_running(number) for number in workers))
    assert read_numbers(tmp_path) == workers


def lead_sleepers(folder: Path) -> None:
    """`start_sleepers` as the first of a process group, as a shell starts a command."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may have it ignored
    list(run_jobs([Folder(folder / str(number)) for number in range(9 * CHUNK)], sleep_and_tell, 2))


def test_problems_are_printed_as_they_are_and_the_rest_is_counted() -> None:
    console = Console(file=io.StringIO(), width=200)
    outcomes = [Outcome(Path("a")), Outcome(Path("b"), "[b] odd.mod failed."), Outcome(Path("c"))]
    assert follow(outcomes, 3, console) == 2
    assert isinstance(console.file, io.StringIO)
    assert "skipped: [b] odd.mod failed." in console.file.getvalue()
