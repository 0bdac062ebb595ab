"""A real indexer that kills itself: `python -m tests.indexer.killed_indexer SONGS DATA [EVENT TEXT N]`.

Python announces every file it opens, renames or links, and much else (sys.audit). At the N-th announcement of
EVENT ("any": of whatever) that mentions TEXT the process gets SIGKILL, which nothing can catch: just before
the step is done. A run that is not killed prints how much was announced. COUNTERPART_TEST_WORKERS says how
many processes decode, COUNTERPART_DATABASE_URL which database it is.
"""

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from indexer.run import index_library
from library.settings import Settings
from tests.fakes import FakeEmbedder

EMBED = "tests.embed"
ANY = "any"
WORKERS = "COUNTERPART_TEST_WORKERS"


class AnnouncingEmbedder(FakeEmbedder):
    def embed_stems(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        sys.audit(EMBED, "")
        return super().embed_stems(windows)


@dataclass
class Trap:
    """Counts what is announced, and kills at the N-th; 0 never does."""

    wanted: str
    text: str
    number: int
    seen: int = 0

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if self.wanted not in {ANY, event}:
            return
        if self.text and self.text not in " ".join(map(str, args)):
            return
        self.seen += 1
        if self.seen == self.number:
            os.kill(os.getpid(), signal.SIGKILL)


def main(songs: str, data: str, *trap: str) -> None:
    """Index, or die trying."""
    event, text, number = trap or (ANY, "", "0")
    armed = Trap(event, text, int(number))
    sys.addaudithook(armed)
    settings = Settings(data=Path(data))
    workers = int(os.environ.get(WORKERS, "0"))
    index_library([Path(songs)], settings, AnnouncingEmbedder(), Console(quiet=True), workers=workers)
    print(armed.seen)  # noqa: T201 - for the test that started us


if __name__ == "__main__":
    main(*sys.argv[1:])
