"""Files that are either whole or not there: written under another name, flushed to disk, renamed."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

TEMPORARY_SUFFIX = ".unfinished"
_BLOCK_BYTES = 1 << 20


def write_durably(path: Path, write: Callable[[Path], None]) -> None:
    """Have `write` fill a temporary file, then give it the name `path`; whoever sees it sees all of it."""
    temporary = path.with_name(path.name + TEMPORARY_SUFFIX)
    write(temporary)
    flush_file(temporary)
    temporary.replace(path)
    flush_folder(path.parent)


def replace_link(link: Path, target: Path) -> None:
    """Point the symbolic link `link` at `target` (relative to the link) in one step."""
    temporary = link.with_name(link.name + TEMPORARY_SUFFIX)
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)
    flush_folder(link.parent)


def flush_file(path: Path) -> None:
    """Have the file's bytes on the disk before this returns."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Have the folder's names on the disk before this returns."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_sha256(path: Path, between: Callable[[], None] = lambda: None) -> str:
    """Checksum of the file's bytes; `between` is called before each block of them, and may give up.

    Raises:
        OSError: the file cannot be read.
    """
    digest = hashlib.sha256()
    block = memoryview(bytearray(_BLOCK_BYTES))
    with path.open("rb", buffering=0) as file:
        between()
        while count := file.readinto(block):
            digest.update(block[:count])
            between()
    return digest.hexdigest()
