"""The places that somebody names: that they are there, and what they are called in the catalogue."""

import os
from collections.abc import Iterable
from pathlib import Path

from audio.layouts import AUDIO_SUFFIXES
from indexer.found import Scan
from indexer.walk import walk


class PathNotFoundError(FileNotFoundError):
    """A path to index that is not there."""


class PathNameError(ValueError):
    """A path that the catalogue cannot hold."""


def find_places(paths: Iterable[Path]) -> list[Path]:
    """`paths`, absolute, with links resolved.

    Raises:
        PathNotFoundError: one does not exist.
        PathNameError: see `resolve_places`.
    """
    paths = list(paths)
    for path in paths:
        if not path.exists():
            raise PathNotFoundError(f"There is no file or folder {path}. Check the path.")
    return resolve_places(paths)


def resolve_places(paths: Iterable[Path]) -> list[Path]:
    """`paths`, absolute, with links resolved, whether they are there or not.

    Raises:
        PathNameError: the name of one is not valid UTF-8.
    """
    found = [_resolve(path) for path in paths]
    for path in found:
        if not is_storable(path):
            raise PathNameError(f"The name of {path} is not valid UTF-8. Rename it.")
    return found


def leave_out_empty(paths: Iterable[Path], inbox: Path) -> list[Path]:
    """`paths` without the folder `inbox`, if no audio is in it or it is not there (yet).

    Of a folder that its owner names either is a mistake; the service's inbox is as it happens to be.
    """
    found = _resolve(inbox)
    return [path for path in paths if _resolve(path) != found or _holds_audio(found)]


def is_storable(path: Path) -> bool:
    """Whether its name is text: a database takes nothing else."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _resolve(path: Path) -> Path:
    """`Path.resolve` without its error for a link that leads back to itself, which is a path not found."""
    return Path(os.path.realpath(path))


def _holds_audio(folder: Path) -> bool:
    return any(path.suffix.lower() in AUDIO_SUFFIXES for path in walk(folder, Scan()))
