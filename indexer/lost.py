"""Files that are not there: deleted, or on a disk that is away, which only their owner can say."""

from collections.abc import Sequence
from pathlib import Path

from indexer.plan import Failure
from library.records import StemEntry


def is_lost(path: Path) -> bool:
    """Whether there is no such file, as far as anybody can say."""
    try:
        return not path.exists()
    except OSError:
        return False


def name_way_out(path: Path) -> str:
    """What can be done about the file `path` that is not there."""
    return (
        f"When it is back, run: counterpart index {path.parent} – or, if it was deleted: "
        f"counterpart index remove {path}"
    )


def set_lost_aside(work: Sequence[StemEntry]) -> tuple[list[StemEntry], list[Failure]]:
    """`work` without what is not there, and a failure for each file of that: trying again is of no use."""
    lost = {path for path in {entry.path for entry in work} if is_lost(path)}
    failures = [Failure(path, f"The file is not there. {name_way_out(path)}") for path in sorted(lost)]
    return [entry for entry in work if entry.path not in lost], failures
