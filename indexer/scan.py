"""Walk the given folders and say of every audio file what it is, without opening it (but for stem files)."""

import errno
import os
import stat
from collections.abc import Collection, Sequence
from pathlib import Path

from audio.layouts import AUDIO_SUFFIXES
from indexer.describe import NO_TYPE, FallbackType, describe_file
from indexer.found import FoundStem, Scan, SkippedFile
from indexer.manifest import ClosedManifestError, Libraries
from indexer.places import is_storable
from indexer.walk import cannot_be_opened, walk
from library.records import FileState

__all__ = ["NO_TYPE", "FoundStem", "NoAudioError", "Scan", "SkippedFile", "scan_places"]

# A dangling link, or deleted since. Whatever else is wrong says nothing of whether the file is there.
_NOT_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
_MOST_PATH_BYTES = 2_500
"""PostgreSQL's indexes take 2,704."""
_TOO_LONG = f"its path, or that of its song, is longer than {_MOST_PATH_BYTES} bytes; shorten it"


class NoAudioError(ValueError):
    """A path to index that holds no audio file."""


def scan_places(
    places: Sequence[Path],
    fallback_type: FallbackType,
    *,
    data: Path | None = None,
    may_be_empty: Collection[Path] = (),
) -> Scan:
    """Everything below `places` (folders or single files), each file once, by path.

    `data` is the service's own folder. One of the places that `may_be_empty` has no stem to lose, and is let
    pass with a warning if it holds none, as long as another does.

    Raises:
        NoAudioError: a place has no audio file in it.
        ManifestCsvError: a manifest cannot be followed.
    """
    scan = Scan(places=frozenset(places))
    own = Path(os.path.realpath(data)) if data else None
    seen: set[str] = set()
    empty: list[Path] = []
    for place in places:
        libraries = Libraries(place)
        found_any = False
        for path in walk(place, scan, own) if place.is_dir() else [place]:
            if path.suffix.lower() in AUDIO_SUFFIXES:
                found_any = True
                if str(path) not in seen:
                    _look_at(path, libraries, fallback_type, scan)
                seen.add(str(path))
        if not found_any:
            empty.append(place)
        _note_manifests(libraries, scan)
    _judge_empty(empty, may_be_empty if len(empty) < len(places) else (), own, scan)
    return scan


def _look_at(path: Path, libraries: Libraries, fallback_type: FallbackType, scan: Scan) -> None:
    reason = _why_not_storable(path)
    if reason:
        scan.skipped.append(SkippedFile(path, reason))
        return
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # to open a pipe is to wait for whoever writes to it
            scan.skipped.append(SkippedFile(path, "it is no regular file"))
            return
        found_in = libraries.of(path)
        described = describe_file(path, found_in.root, found_in.rows(path), fallback_type)
    except ClosedManifestError as error:
        scan.closed.append(SkippedFile(path, str(error)))
        return
    except OSError as error:
        unknown = scan.skipped if error.errno in _NOT_THERE else scan.closed
        unknown.append(SkippedFile(path, cannot_be_opened(error)))
        return
    if any(_is_too_long(entry.song_folder) for entry in described.entries):
        scan.skipped.append(SkippedFile(path, _TOO_LONG))
        return
    scan.skipped += [SkippedFile(path, reason) for reason in described.reasons]
    state = FileState.of(status)
    scan.stems += [FoundStem(entry, state) for entry in described.entries]


def _why_not_storable(path: Path) -> str | None:
    if not is_storable(path):
        return "its name is not valid UTF-8; rename it"
    return _TOO_LONG if _is_too_long(path) else None


def _is_too_long(path: Path) -> bool:
    return len(os.fsencode(path)) > _MOST_PATH_BYTES


def _note_manifests(libraries: Libraries, scan: Scan) -> None:
    """What manifests say in vain."""
    for root, path in libraries.files_not_there():
        scan.not_there.setdefault(root, []).append(path)
    for root, columns in libraries.not_understood():
        warning = (
            f"The manifest in {root} has columns that are not understood: {', '.join(columns)}. "
            "Known are file, type, song, licence, tags, bpm, key and channels."
        )
        if warning not in scan.warnings:
            scan.warnings.append(warning)


def _judge_empty(
    empty: Sequence[Path], may_be_empty: Collection[Path], data: Path | None, scan: Scan
) -> None:
    for place in empty:
        closed = [each for each in scan.closed if each.path.is_relative_to(place)]
        if closed or place not in may_be_empty:
            raise _no_audio(place, closed, data)
        scan.warnings.append(f"There is no audio file in {place}.")


def _no_audio(place: Path, closed: Sequence[SkippedFile], data: Path | None) -> NoAudioError:
    if closed:
        return NoAudioError(f"{closed[0].path}: {closed[0].reason}. Let whoever indexes read it.")
    if place == data:
        return NoAudioError(
            f"{place} is the library's own folder, of which only uploads are indexed. Name a folder of stems."
        )
    return NoAudioError(
        f"There is no audio file in {place}. Name a folder of stems; "
        f"if its stems were deleted, run: counterpart index remove {place}"
    )
