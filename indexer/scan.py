"""Walk the given folders and say of every audio file what it is, without opening it."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from audio.layouts import AUDIO_SUFFIXES, describe_place
from audio.stems import StemType
from indexer.manifest_csv import ManifestRow, read_manifest_csv
from library.records import FileState, StemEntry

NO_TYPE = "no type: nothing says what it plays; name its type with --type or in manifest.csv"

FallbackType = Callable[[Path], StemType | None]
"""The type of a file of which nothing says it."""


class PathNotFoundError(FileNotFoundError):
    """A path to index that is not there."""


class NoAudioError(ValueError):
    """A path to index that holds no audio file."""


@dataclass(frozen=True, slots=True)
class FoundStem:
    """An audio file of a known type."""

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
    closed_folders: list[Path] = field(default_factory=list)
    """Folders that could not be opened: what is in them is unknown, not gone."""


def scan_places(places: Iterable[Path], fallback_type: FallbackType) -> Scan:
    """Everything below `places` (folders or single files), each file once, by path.

    Raises:
        PathNotFoundError, NoAudioError: a place does not exist, or has no audio file in it.
        ManifestCsvError: a manifest cannot be followed.
    """
    scan = Scan()
    seen: set[Path] = set()
    for place in places:
        root = find_root(place)
        manifest = read_manifest_csv(root)
        files = [place] if place.is_file() else _walk(place, scan.closed_folders)
        for path in files:
            if path.suffix.lower() in AUDIO_SUFFIXES:
                if path not in seen:
                    _look_at(path, root, manifest, fallback_type, scan)
                seen.add(path)
        if not any(each.is_relative_to(place) for each in seen):
            raise _no_audio(place)
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


def find_root(place: Path) -> Path:
    """The library that `place` belongs to: itself, or for a single file the folder above its song's."""
    return place if place.is_dir() else place.parent.parent


def _walk(folder: Path, closed_folders: list[Path]) -> Iterator[Path]:
    def note(error: OSError) -> None:
        closed_folders.append(Path(error.filename))

    for parent, folders, files in os.walk(folder, onerror=note):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        yield from (Path(parent, name) for name in sorted(files) if not _is_hidden(name))


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _look_at(
    path: Path, root: Path, manifest: Mapping[Path, ManifestRow], fallback_type: FallbackType, scan: Scan
) -> None:
    reason = _why_not(path, manifest.get(path))
    entry = None if reason else _describe(path, root, manifest.get(path), fallback_type)
    if entry is None:
        scan.skipped.append(SkippedFile(path, reason or NO_TYPE))
        return
    try:
        status = path.stat()
    except OSError as error:  # a dangling link, or deleted since
        scan.skipped.append(SkippedFile(path, f"it cannot be opened: {error.strerror}"))
        return
    scan.stems.append(FoundStem(entry, FileState(status.st_size, status.st_mtime_ns)))


def _why_not(path: Path, row: ManifestRow | None) -> str | None:
    if row is not None and row.not_a_stem is not None:
        return f"the manifest calls it {row.not_a_stem}, which is no stem type"
    if path.name.lower().endswith(".stem.mp4"):
        return "Native Instruments stem files cannot be read yet; export its parts as single files"
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return "its name is not valid UTF-8; rename it"
    return None


def _describe(
    path: Path, root: Path, row: ManifestRow | None, fallback_type: FallbackType
) -> StemEntry | None:
    place = describe_place(path, root)
    stem_type, source = _choose_type(row, place.type, place.source, partial(fallback_type, path))
    if stem_type is None:
        return None
    song_folder = root / row.song if row and row.song else place.song_folder
    return StemEntry(
        path=path,
        root=root,
        song=row.song if row and row.song else song_folder.name,
        song_folder=song_folder,
        type=stem_type,
        type_source=source,
        licence=row.licence if row else None,
        tags=row.tags if row else (),
        bpm=row.bpm if row else None,
        key=row.key if row else None,
    )


def _choose_type(
    row: ManifestRow | None, from_place: StemType | None, source: str, fallback: Callable[[], StemType | None]
) -> tuple[StemType | None, str]:
    if row is not None and row.type is not None:
        return row.type, "manifest"
    if from_place is not None:
        return from_place, source
    return fallback(), "option"


def _no_audio(place: Path) -> NoAudioError:
    return NoAudioError(
        f"There is no audio file in {place}. Name a folder of stems; "
        f"if its stems were deleted, run: counterpart index remove {place}"
    )
