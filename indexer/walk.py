"""The files below a folder, but for hidden ones and the service's own."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from indexer.found import Scan, SkippedFile
from library.settings import UPLOADS

_NOT_OURS = {"__MACOSX", "lost+found"}
_BESIDE_A_FILE = "._"
"""What a Mac keeps of a file on a foreign disk: never a stem, and as many as there are files."""


def walk(folder: Path, scan: Scan, data: Path | None = None) -> Iterator[Path]:
    """Each file below `folder`, by path; notes in `scan` what is not looked at.

    Of the data folder `data`, in which parts of stems lie as files of their own, only uploads are looked at.
    """

    def note(error: OSError) -> None:
        # Nothing below a path that is too long has ever been known, nor will be.
        passed = scan.skipped if error.errno == errno.ENAMETOOLONG else scan.closed
        passed.append(SkippedFile(Path(error.filename), cannot_be_opened(error)))

    for name, folders, files in os.walk(folder, onerror=note):
        parent = Path(name)
        if parent == data:
            folders[:] = [UPLOADS] if UPLOADS in folders else []
            files.clear()
        scan.hidden.update(str(parent / each) for each in (*folders, *files) if _may_hide_stems(each))
        folders[:] = sorted(each for each in folders if not _is_hidden(each))
        links = [path for each in folders if (path := parent / each).is_symlink()]
        scan.skipped += [
            SkippedFile(path, "links to folders are not followed; name the folder") for path in links
        ]
        yield from (parent / each for each in sorted(files) if not _is_hidden(each))


def cannot_be_opened(error: OSError) -> str:
    """Why nothing is known of a file or folder."""
    return f"it cannot be opened: {error.strerror}"


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name in _NOT_OURS


def _may_hide_stems(name: str) -> bool:
    return _is_hidden(name) and not name.startswith(_BESIDE_A_FILE)
