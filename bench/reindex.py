"""How long a library that hardly changed takes: nothing new, and ten files more.

    python -m bench.reindex --files 10000

Bars: 10,000 unchanged files within 5 s; ten more of them searchable within 10 s. The embedder has no network;
its share is that of ten files, a fraction of a second each.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console

from audio.decode import SAMPLE_RATE
from indexer.readings import default_workers
from indexer.run import index_library
from library.settings import Settings
from tests.fakes import FakeEmbedder
from tests.songs import write_stem

TYPES = ("drums", "bass", "keys", "guitar", "vocals")
SECONDS = 2.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=default_workers())
    parser.add_argument("--database-url", default=None, help="default: a SQLite file")
    arguments = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        songs = Path(folder) / "songs"
        settings = Settings(data=Path(folder) / "data", database_url=arguments.database_url)
        embedder = FakeEmbedder()

        def index() -> str:
            report = index_library(
                [songs], settings, embedder, Console(quiet=True), workers=arguments.workers
            )
            return (
                f"{report.embedded} embedded, {report.unchanged} unchanged, new build: {report.build.is_new}"
            )

        write_files(songs, 0, arguments.files)
        for what in ("all files new", "nothing changed", "nothing changed, again"):
            console.print(timed(what, index))
        write_files(songs, arguments.files, arguments.files + 10)
        console.print(timed("ten files more", index))


def write_files(songs: Path, first: int, last: int) -> None:
    """Tiny stems, each another noise."""
    for number in range(first, last):
        noise = np.random.default_rng(number).normal(0, 0.1, round(SECONDS * SAMPLE_RATE)).astype(np.float32)
        write_stem(songs / f"song-{number // len(TYPES):05}" / f"{TYPES[number % len(TYPES)]}.wav", noise)


def timed(what: str, run: Callable[[], str]) -> str:
    """One line: how long `run` took, and what it says."""
    wall, cpu = time.perf_counter(), time.process_time()
    said = run()
    return (
        f"{what}: {time.perf_counter() - wall:.2f} s ({time.process_time() - cpu:.2f} s of processor): {said}"
    )


if __name__ == "__main__":
    main()
