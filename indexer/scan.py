"""Walk the given folders and say of every audio file what it is, without opening it (but for stem files)."""

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from audio.layouts import AUDIO_SUFFIXES
from indexer.describe import NO_TYPE, FallbackType, describe_file
from indexer.manifest import ClosedManifestError, Libraries
from library.records import FileState, StemEntry

__all__ = ["NO_TYPE", "FoundStem", "NoAudioError", "PathNotFoundError", "Scan", "SkippedFile", "scan_places"]

# A dangling link, or deleted since. Whatever else is wrong says nothing of whether the file is there.
_NOT_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
_NOT_OURS = {"__MACOSX", "lost+found"}


class PathNotFoundError(FileNotFoundError):
    """A path to index that is not there."""


class NoAudioError(ValueError):
    """A path to index that holds no audio file."""


@dataclass(frozen=True, slots=True)
class FoundStem:
    """An audio file, or a part of one, that is a stem."""

    entry: StemEntry
    state: FileState


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """An audio file that is no stem."""

    path: Path
    reason: str


@dataclass(slots=True)
class Scan:
    """What is in the given folders."""

    stems: list[FoundStem] = field(default_factory=list)
    skipped: list[SkippedFile] = field(default_factory=list)
    closed: list[SkippedFile] = field(default_factory=list)
    """Folders and files that could not be looked at: what is there is unknown, not gone."""
    not_there: dict[Path, list[Path]] = field(default_factory=dict)
    """Files that a manifest names and that are not there, by the folder of the manifest."""


def scan_places(places: Iterable[Path], fallback_type: FallbackType) -> Scan:
    """Everything below `places` (folders or single files), each file once, by path.

    Raises:
        PathNotFoundError, NoAudioError: a place does not exist, or has no audio file in it.
        ManifestCsvError: a manifest cannot be followed.
    """
    scan = Scan()
    seen: set[str] = set()
    for place in places:
        libraries = Libraries(place)
        found_any = False
        for path in [place] if place.is_file() else _walk(place, scan):
            if path.suffix.lower() in AUDIO_SUFFIXES:
                found_any = True
                if str(path) not in seen:
                    _look_at(path, libraries, fallback_type, scan)
                seen.add(str(path))
        if not found_any:
            raise _no_audio(place, [each for each in scan.closed if each.path.is_relative_to(place)])
        for root, path in libraries.files_not_there():
            scan.not_there.setdefault(root, []).append(path)
    return scan


def find_places(paths: Iterable[Path]) -> list[Path]:
    """`paths`, absolute, with links resolved.

    Raises:
        PathNotFoundError: one does not exist.
    """
    paths = list(paths)
    for path in paths:
        if not path.exists():
            raise PathNotFoundError(f"There is no file or folder {path}. Check the path.")
    return [path.resolve() for path in paths]


def leave_out_empty(paths: Iterable[Path], inbox: Path) -> list[Path]:
    """`paths` without the folder `inbox`, if no audio is in it or it is not there (yet).

    Of a folder that its owner names either is a mistake; the service's inbox is as it happens to be.
    """
    found = inbox.resolve()
    return [path for path in paths if path.resolve() != found or _holds_audio(found)]


def _holds_audio(folder: Path) -> bool:
    return any(path.suffix.lower() in AUDIO_SUFFIXES for path in _walk(folder, Scan()))


def _walk(folder: Path, scan: Scan) -> Iterator[Path]:
    def note(error: OSError) -> None:
        scan.closed.append(SkippedFile(Path(error.filename), _cannot_be_opened(error)))

    for parent, folders, files in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        links = [path for name in folders if (path := Path(parent, name)).is_symlink()]
        scan.skipped += [
            SkippedFile(path, "links to folders are not followed; name the folder") for path in links
        ]
        yield from (Path(parent, name) for name in sorted(files) if not _is_hidden(name))


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name in _NOT_OURS


def _cannot_be_opened(error: OSError) -> str:
    return f"it cannot be opened: {error.strerror}"


def _look_at(path: Path, libraries: Libraries, fallback_type: FallbackType, scan: Scan) -> None:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        scan.skipped.append(SkippedFile(path, "its name is not valid UTF-8; rename it"))
        return
    try:
        found_in = libraries.of(path)
        described = describe_file(path, found_in.root, found_in.rows(path), fallback_type)
        status = path.stat() if described.entries else None
    except ClosedManifestError as error:
        scan.closed.append(SkippedFile(path, str(error)))
        return
    except OSError as error:
        unknown = scan.skipped if error.errno in _NOT_THERE else scan.closed
        unknown.append(SkippedFile(path, _cannot_be_opened(error)))
        return
    scan.skipped += [SkippedFile(path, reason) for reason in described.reasons]
    if status is not None:
        state = FileState(status.st_size, status.st_mtime_ns)
        scan.stems += [FoundStem(entry, state) for entry in described.entries]


def _no_audio(place: Path, closed: Sequence[SkippedFile]) -> NoAudioError:
    if closed:
        return NoAudioError(f"{closed[0].path}: {closed[0].reason}. Let whoever indexes read it.")
    return NoAudioError(
        f"There is no audio file in {place}. Name a folder of stems; "
        f"if its stems were deleted, run: counterpart index remove {place}"
    )
