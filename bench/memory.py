"""How much memory indexing takes at most, by the length of the longest file.

    python -m bench.memory --minutes 60

The file is noise, mono at 8 kHz, so that reading it is quick; what is kept of a file does not depend on its
rate. The first line, for half a minute, is what the programs themselves take.
"""

import argparse
import resource
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from rich.console import Console

from indexer.run import index_library
from library.settings import Settings
from model.embedder import Embedder
from model.weights import shipped_weights

RATE = 8_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="an hour is the longest that is accepted")
    parser.add_argument("--files", type=int, default=1, help="of that length")
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    embedder = Embedder.open(shipped_weights(), threads=1)
    lengths = [0.5, *[arguments.minutes] * arguments.files]
    console = Console(quiet=True)
    with tempfile.TemporaryDirectory() as folder:
        songs = Path(folder) / "songs"
        settings = Settings(data=Path(folder) / "data", database_url=None)
        for number, minutes in enumerate(lengths):
            write_noise(songs / f"song-{number}" / "bass.flac", minutes, seed=number)
            if number in {0, len(lengths) - 1}:
                report = index_library([songs], settings, embedder, console, workers=arguments.workers)
                print(f"{report.embedded} x {minutes:g} min: {describe_memory()}", flush=True)


def write_noise(path: Path, minutes: float, seed: int) -> None:
    """A minute at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(seed)
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as file:
        for start in np.arange(0.0, minutes, 1.0):
            length = round(min(minutes - start, 1.0) * 60 * RATE)
            file.write(generator.integers(-3000, 3000, length).astype(np.int16))


def describe_memory() -> str:
    """The most that this process and the largest of those that it started have had."""
    own, largest = (
        resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return f"indexer {own:.0f} MiB, a process that reads {largest:.0f} MiB"


if __name__ == "__main__":
    main()
