"""The manifest of what was sent: each line is there whole or not at all, for a torn one stops the indexer."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Any, Final

_BLOCK_BYTES: Final = 1 << 16


def append_line(path: Path, said: Mapping[str, Any]) -> None:
    """Have one more line on the disk; where that fails, the manifest is as it was.

    Raises:
        OSError: there is no room, or it may not be written to.
    """
    line = (json.dumps(said, ensure_ascii=False) + "\n").encode()
    with _open_alone(path, os.O_CREAT) as manifest:
        _mend(manifest)
        _append(manifest, line)


def mend(path: Path) -> None:
    """Cut off what a power failure left of a line. Does nothing where it may not or need not."""
    with suppress(OSError), _open_alone(path) as manifest:
        _mend(manifest)


@contextmanager
def _open_alone(path: Path, flags: int = 0) -> Iterator[FileIO]:
    """The file without a buffer, which would write later what could not be written now.

    Other replicas write there as well: what looks torn may be the line that one of them is writing.
    """
    with FileIO(os.open(path, os.O_RDWR | flags, 0o666), "r+") as manifest:
        fcntl.flock(manifest, fcntl.LOCK_EX)
        yield manifest


def _append(manifest: FileIO, line: bytes) -> None:
    size = manifest.seek(0, os.SEEK_END)
    try:
        left = line
        while left:  # a disk that fills up takes part of it, and refuses only the next
            left = left[manifest.write(left) :]
        os.fsync(manifest.fileno())
    except OSError:
        manifest.truncate(size)
        raise


def _mend(manifest: FileIO) -> None:
    """End the last line, or cut it off if it is only part of one."""
    tail = _read_unended_line(manifest)
    if _is_object(tail):  # from an editor
        _append(manifest, b"\n")
    elif tail:
        manifest.truncate(manifest.seek(0, os.SEEK_END) - len(tail))


def _read_unended_line(manifest: FileIO) -> bytes:
    """What comes after the last end of a line."""
    tail, place = b"", manifest.seek(0, os.SEEK_END)
    while place > 0 and b"\n" not in tail:
        start = max(place - _BLOCK_BYTES, 0)
        manifest.seek(start)
        tail, place = manifest.read(place - start) + tail, start
    return tail.rpartition(b"\n")[2]


def _is_object(text: bytes) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
