"""Kill an indexing run at random moments, and compare what it ends with to a run that was left alone.

    python -m bench.kill_indexer --kills 50

Stems are tones and the embedder has no network, so that the moments fall on reading, writing and publishing.
Moments are seconds after the start, as a power cut would choose them.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console

from audio.windows import HOP_SECONDS
from indexer.check import check_library
from indexer.opening import open_for_reading
from library.catalogue import Catalogue
from library.settings import Settings
from library.shards import ShardStore, StemVectors
from tests.fakes import FakeCard
from tests.indexer.killed_indexer import WORKERS
from tests.songs import write_songs

REPOSITORY = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--songs", type=int, default=40, help="songs of three stems")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_songs(root / "songs", songs=arguments.songs, seconds=2.5)
        began = time.monotonic()
        start(root, "alone", arguments.workers).wait()
        whole = time.monotonic() - began
        moments = random.Random(arguments.seed)  # noqa: S311 - moments, not secrets
        ends = [
            run_and_kill(root, moments.uniform(0, whole), arguments.workers) for _ in range(arguments.kills)
        ]
        start(root, "killed", arguments.workers).wait()
        report(root, ends, whole)


def start(root: Path, name: str, workers: int) -> "subprocess.Popen[bytes]":
    """An indexer at work on the library `name`."""
    command = [sys.executable, "-m", "tests.indexer.killed_indexer", str(root / "songs"), str(root / name)]
    environment = {**os.environ, WORKERS: str(workers)}
    return subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603


def run_and_kill(root: Path, seconds: float, workers: int) -> bool:
    """Whether the run was still at work when it was killed after `seconds`."""
    process = start(root, "killed", workers)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def report(root: Path, ends: list[bool], whole: float) -> None:
    """Say how many were killed, and what differs."""
    alone, killed = read_vectors(root / "alone"), read_vectors(root / "killed")
    same = [path for path in alone.keys() & killed.keys() if is_same(alone[path], killed[path])]
    problems = check_library(Settings(data=root / "killed", database_url=None))
    Console().print(
        f"{sum(ends)} of {len(ends)} runs killed (one takes {whole:.1f} s when it is left alone).\n"
        f"Stems lost: {len(alone.keys() - killed.keys())}, too many: {len(killed.keys() - alone.keys())}, "
        f"with the same vectors: {len(same)} of {len(alone)}. Problems found by a check: {len(problems)}."
    )


def read_vectors(data: Path) -> dict[str, StemVectors]:
    """What is stored of every stem that can be found, by path."""
    shards = ShardStore.open(data, FakeCard().id, HOP_SECONDS)
    with open_for_reading(Settings(data=data, database_url=None)) as sessions, sessions() as session:
        catalogue = Catalogue(session)
        stems = list(catalogue.embedded_stems())
        records = catalogue.stems_by_number([stem.number for stem in stems])
    return {records[stem.number].relative_path: shards.read(stem.content_hash) for stem in stems}


def is_same(first: StemVectors, second: StemVectors) -> bool:
    """Whether two stems have the same windows and vectors, to the last digit."""
    return np.array_equal(first.windows, second.windows) and np.array_equal(first.vectors, second.vectors)


if __name__ == "__main__":
    main()
