"""How much memory indexing takes at most, by the length of the longest file.

    python -m bench.memory --minutes 60

The file is noise, mono at 8 kHz, so that reading it is quick; what is kept of a file does not depend on its
rate. The first line, for half a minute, is what the programs themselves take.
"""

import argparse
import os
import resource
import tempfile
import threading
from pathlib import Path
from typing import Self

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
                with ReaderWatch() as watch:
                    report = index_library([songs], settings, embedder, console, workers=arguments.workers)
                own, reader = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, watch.most_kilobytes
                said = f"indexer {own / 1024:.0f} MiB, the largest process that reads {reader / 1024:.0f} MiB"
                print(f"{report.embedded} x {minutes:g} min: {said}", flush=True)


def write_noise(path: Path, minutes: float, seed: int) -> None:
    """A minute at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(seed)
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as file:
        for start in np.arange(0.0, minutes, 1.0):
            length = round(min(minutes - start, 1.0) * 60 * RATE)
            file.write(generator.integers(-3000, 3000, length).astype(np.int16))


class ReaderWatch:
    """Looks at the processes that this one started, until it is left, for the most that one of them has had.

    As the system counts what finished processes have had, it begins with what their parent had.
    """

    def __init__(self) -> None:
        self.most_kilobytes = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.1):
            for path in Path("/proc").glob("[0-9]*/status"):
                try:
                    facts = dict(line.split(":", 1) for line in path.read_text().splitlines() if ":" in line)
                except OSError:  # it has ended
                    continue
                if facts["PPid"].strip() == str(os.getpid()) and "VmHWM" in facts:
                    self.most_kilobytes = max(self.most_kilobytes, int(facts["VmHWM"].split()[0]))


if __name__ == "__main__":
    main()
