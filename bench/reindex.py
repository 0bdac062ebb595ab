"""How long a library that hardly changed takes: nothing new, and ten files more.

    python -m bench.reindex --files 10000

Each line is a whole run of `counterpart index` with the shipped release, from the start of the process to its
end. Bars: 10,000 unchanged files within 5 s; ten more of them searchable within 10 s.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console

from audio.decode import SAMPLE_RATE
from indexer.readings import default_workers
from tests.songs import write_stem

REPOSITORY = Path(__file__).resolve().parents[1]
TYPES = ("drums", "bass", "keys", "guitar", "vocals")
SECONDS = 2.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--more", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=default_workers())
    parser.add_argument("--database-url", default=None, help="default: a SQLite file")
    arguments = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        songs, data = Path(folder) / "songs", Path(folder) / "data"
        start = "from counterpart import cli; cli()"
        command = [sys.executable, "-c", start, "index", str(songs), "--data", str(data)]
        command += ["--workers", str(arguments.workers)]
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        if arguments.database_url:
            environment["COUNTERPART_DATABASE_URL"] = arguments.database_url
        files = arguments.files
        write_files(songs, 0, files)
        console.print(timed(f"{files} new files", command, environment))
        for _ in range(arguments.rounds):
            console.print(timed("nothing changed", command, environment))
        for _ in range(arguments.rounds):
            write_files(songs, files, files + arguments.more)
            files += arguments.more
            console.print(timed(f"{arguments.more} files more", command, environment))


def write_files(songs: Path, first: int, last: int) -> None:
    """Tiny stems, each another noise."""
    for number in range(first, last):
        noise = np.random.default_rng(number).normal(0, 0.1, round(SECONDS * SAMPLE_RATE)).astype(np.float32)
        write_stem(songs / f"song-{number // len(TYPES):05}" / f"{TYPES[number % len(TYPES)]}.wav", noise)


def timed(what: str, command: list[str], environment: dict[str, str]) -> str:
    """One line: how long the run took, with the processes that it started, and the counts that it prints."""
    wall, before = time.perf_counter(), _processor_time()
    run = subprocess.run(command, env=environment, cwd=REPOSITORY, check=True, capture_output=True, text=True)  # noqa: S603
    wall = time.perf_counter() - wall
    counts = next(line for line in run.stdout.splitlines() if "unchanged" in line)
    return f"{what}: {wall:.2f} s ({_processor_time() - before:.2f} s of processor): {counts}"


def _processor_time() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
