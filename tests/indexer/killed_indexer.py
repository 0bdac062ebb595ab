"""A real indexer that kills itself: `python -m tests.indexer.killed_indexer SONGS DATA [EVENT TEXT N]`.

Python announces every file it opens, renames or links (sys.audit). At the N-th announcement of EVENT that
mentions TEXT the process gets SIGKILL, which nothing can catch: just before the step is done.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from indexer.run import index_library
from library.settings import Settings
from tests.fakes import FakeEmbedder

EMBED = "tests.embed"


class AnnouncingEmbedder(FakeEmbedder):
    def embed_stems(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        sys.audit(EMBED, "")
        return super().embed_stems(windows)


def kill_at(wanted: str, text: str, number: int) -> None:
    """Arm the trap."""
    seen = 0

    def watch(event: str, args: tuple[Any, ...]) -> None:
        nonlocal seen
        if event == wanted and text in " ".join(map(str, args)):
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def main(songs: str, data: str, *trap: str) -> None:
    """Index, or die trying."""
    if trap:
        event, text, number = trap
        kill_at(event, text, int(number))
    settings = Settings(data=Path(data), database_url=None)
    index_library([Path(songs)], settings, AnnouncingEmbedder(), Console(quiet=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
