"""Kill indexing runs at random moments, and compare what they end with to a run that was left alone.

    python -m bench.kill_indexer --kills 50

A run is killed, then the next one on the same library goes on, and so on until one comes to its end before
its moment: then that library is compared and another one is begun, until so many runs were killed. Moments
are seconds after the start, as a power cut would choose them. Stems are tones and the embedder has no
network, so that the moments fall on reading, writing and publishing.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

from audio.windows import HOP_SECONDS
from indexer.check import check_library
from indexer.opening import open_for_reading
from library.builds import NoBuildError, current_folder
from library.catalogue import Catalogue
from library.settings import Settings
from library.shards import ShardStore, StemVectors, read_shard
from tests.fakes import FakeCard
from tests.indexer.killed_indexer import WORKERS
from tests.songs import write_songs

REPOSITORY = Path(__file__).resolve().parents[1]
SECONDS = 2.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--songs", type=int, default=40, help="songs of three stems")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_songs(root / "songs", songs=arguments.songs, seconds=SECONDS)
        pace = Pace()
        with pace.measuring():
            finish(start(root, "alone", arguments.workers))
        moments = random.Random(arguments.seed)  # noqa: S311 - moments, not secrets
        totals: Counter[str] = Counter()
        while totals["killed"] < arguments.kills:
            left = arguments.kills - totals["killed"]
            library = Torment(root, f"killed-{totals['libraries']}", arguments.workers)
            found = library.suffer(moments, pace, left) + compare(root / "alone", library.data)
            console.print(f"A run takes {pace.seconds:.1f} s. {describe(found)}")
            totals += found
        console.print(f"All: {describe(totals)}")


@dataclass
class Pace:
    """How long a whole run took last: others may keep the machine busy."""

    seconds: float = 0.0

    @contextmanager
    def measuring(self) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds = time.monotonic() - began


@dataclass(frozen=True)
class Torment:
    """A library whose indexer is killed again and again."""

    root: Path
    name: str
    workers: int

    @property
    def data(self) -> Path:
        return self.root / self.name

    def suffer(self, moments: random.Random, pace: Pace, most: int) -> Counter[str]:
        """Kill at most `most` runs, until one is quicker; then let one come to its end."""
        found: Counter[str] = Counter()
        while found["killed"] < most:
            began = time.monotonic()
            process = start(self.root, self.name, self.workers)
            try:
                process.wait(moments.uniform(0, pace.seconds))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                found["killed"] += 1
                found[f"killed {describe_state(self.data)}"] += 1
            else:
                if not found["killed"]:
                    pace.seconds = time.monotonic() - began
                break
        finish(start(self.root, self.name, self.workers))
        return found


def start(root: Path, name: str, workers: int) -> "subprocess.Popen[bytes]":
    """An indexer at work on the library `name`."""
    command = [sys.executable, "-m", "tests.indexer.killed_indexer", str(root / "songs"), str(root / name)]
    environment = {**os.environ, WORKERS: str(workers)}
    return subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603


def finish(process: "subprocess.Popen[bytes]") -> None:
    """Wait for a run that has to succeed."""
    if process.wait():
        raise RuntimeError(f"An indexing run ended with {process.returncode}; see its message above.")


def describe_state(data: Path) -> str:
    """How far the library was when its indexer was killed."""
    try:
        current_folder(data)
    except NoBuildError:
        written = any((data / "vectors").glob("*/*/*.npz"))
        return "after its first batch" if written else "before its first batch was written"
    return "after it had published"


def compare(alone: Path, killed: Path) -> Counter[str]:
    """What of `killed` is not as in `alone`."""
    wanted, there = read_vectors(alone), read_vectors(killed)
    same = [path for path in wanted.keys() & there.keys() if is_same(wanted[path], there[path])]
    copies = Counter(stem.content_hash for path in open_shards(killed).files() for stem in read_shard(path))
    return Counter(
        {
            "libraries": 1,
            "stems": len(wanted),
            "lost": len(wanted.keys() - there.keys()),
            "too many": len(there.keys() - wanted.keys()),
            "embedded twice": sum(count > 1 for count in copies.values()),
            "with other vectors": len(wanted.keys() & there.keys()) - len(same),
            "problems by index check": len(check_library(Settings(data=killed, database_url=None))),
        }
    )


def describe(found: Counter[str]) -> str:
    """Every count, zeros too."""
    names = [
        *("killed", "libraries", "stems", "lost", "too many", "embedded twice", "with other vectors"),
        "problems by index check",
        *sorted(name for name in found if name.startswith("killed ")),
    ]
    return ", ".join(f"{name}: {found[name]}" for name in names)


def read_vectors(data: Path) -> dict[str, StemVectors]:
    """What is stored of every stem that can be found, by path."""
    shards = open_shards(data)
    with open_for_reading(Settings(data=data, database_url=None)) as sessions, sessions() as session:
        catalogue = Catalogue(session)
        stems = list(catalogue.embedded_stems())
        records = catalogue.stems_by_number([stem.number for stem in stems])
    return {records[stem.number].relative_path: shards.read(stem.content_hash) for stem in stems}


def open_shards(data: Path) -> ShardStore:
    """The vectors of the embedder without a network."""
    return ShardStore.open(data, FakeCard().id, HOP_SECONDS)


def is_same(first: StemVectors, second: StemVectors) -> bool:
    """Whether two stems have the same windows and vectors, to the last digit."""
    return np.array_equal(first.windows, second.windows) and np.array_equal(first.vectors, second.vectors)


if __name__ == "__main__":
    main()
