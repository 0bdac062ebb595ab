"""What the owner of a library says of its files, in `manifest.csv` or `manifest.jsonl` at its top."""

import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from indexer.manifest_csv import MANIFEST_CSV, read_csv_lines
from indexer.manifest_jsonl import MANIFEST_JSONL, read_jsonl_lines
from indexer.manifest_row import (
    ManifestCsvError,
    ManifestLine,
    ManifestRow,
    NoFilesNamedError,
    read_row,
)

Manifest = Mapping[Path, Sequence[ManifestRow]]
"""Rows by the file's absolute path, composed (NFC): one, or several where each names channels of its own."""


@dataclass(frozen=True, slots=True)
class Library:
    """A folder from which paths and songs are counted, and what its manifest says."""

    root: Path
    manifest: Manifest

    def rows(self, path: Path) -> Sequence[ManifestRow]:
        """What is said of the file `path`; nothing, mostly."""
        return self.manifest.get(_composed(path), ())


@dataclass(slots=True)
class Libraries:
    """The library that each file below `place` belongs to.

    That of the nearest folder with a manifest that names the file, so that packs of a collection may each
    have their own; for a file that none names, that of `place` as a whole (see `find_library`).

    Raises:
        ManifestCsvError: a manifest cannot be followed.
    """

    place: Path
    whole: Library = field(init=False)
    _nested: dict[Path, Library | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.whole = find_library(self.place)

    def of(self, path: Path) -> Library:
        """The library of the file `path` below the place."""
        for folder in path.parents:
            if folder == self.place or not folder.is_relative_to(self.place):
                break
            library = self._read(folder)
            if library is not None and library.rows(path):
                return library
        return self.whole

    def files_not_there(self) -> Iterator[tuple[Path, Path]]:
        """Each file below the place that a manifest names and that is not there, after its library's root."""
        for library in [self.whole, *filter(None, self._nested.values())]:
            for path in library.manifest:
                if path.is_relative_to(_composed(self.place)) and not _is_there(path):
                    yield library.root, path

    def not_understood(self) -> Iterator[tuple[Path, Sequence[str]]]:
        """Names of columns that are none of ours, after the root of the library whose manifest has them."""
        for library in [self.whole, *filter(None, self._nested.values())]:
            rows = (row for held in library.manifest.values() for row in held)
            columns = dict.fromkeys(column for row in rows for column in row.not_understood)
            if columns:
                yield library.root, tuple(columns)

    def _read(self, folder: Path) -> Library | None:
        if folder not in self._nested:
            try:
                manifest = read_manifest(folder)
            except NoFilesNamedError:
                manifest = {}  # somebody else's: it says nothing of the files beside it
            self._nested[folder] = Library(folder, manifest) if manifest else None
        return self._nested[folder]


def find_library(place: Path) -> Library:
    """The library that `place` (a folder, or a single file) belongs to.

    That is the nearest folder, from the place upwards, whose manifest names something in the place: a part of
    a library that is indexed alone stays what the library says it is. Where there is none, a folder is a
    library itself, and a single file belongs to the folder above its song's.

    Raises:
        ManifestCsvError: a manifest cannot be followed.
    """
    if not place.is_dir():
        return _find_above(place) or Library(place.parent.parent, {})
    own = read_manifest(place)
    return (None if own else _find_above(place)) or Library(place, own)


def _find_above(place: Path) -> Library | None:
    for folder in place.parents:
        try:
            manifest = read_manifest(folder)
        except ManifestCsvError:
            if _is_about(folder, place):
                raise
            continue  # far above the place, what is called so may be about something else
        if any(path.is_relative_to(_composed(place)) for path in manifest):
            return Library(folder, manifest)
    return None


def _is_about(root: Path, place: Path) -> bool:
    """Whether what can be read of a manifest in `root` that cannot be followed names something in `place`."""
    try:
        files = [line.file for path in _manifests_in(root) for line in _read_lines(path, strict=False)]
        return any(_find_file(root, file).is_relative_to(_composed(place)) for file in files)
    except (OSError, ValueError):
        return False


class ClosedManifestError(ManifestCsvError):
    """A manifest, or the folder that it may be in, that must not be read."""


def read_manifest(root: Path) -> Manifest:
    """The manifest of the library `root`; empty if it has none.

    Raises:
        NoFilesNamedError: it names no files.
        ClosedManifestError: it cannot be read.
        ManifestCsvError: it cannot be followed, there are two, or it says two things of one sound.
    """
    try:
        rows = list(_read_rows(root))
    except OSError as error:
        raise ClosedManifestError(
            f"{error.filename or root} cannot be read ({error.strerror}). Let whoever indexes read it."
        ) from error
    manifest: dict[Path, list[ManifestRow]] = defaultdict(list)
    for file, row in rows:
        held = manifest[_find_file(root, file)]
        # The last word counts, as if the line had been corrected.
        held[:] = [each for each in held if each.channels and row.channels and each.channels != row.channels]
        held.append(row)
    return manifest


def _read_rows(root: Path) -> Iterator[tuple[str, ManifestRow]]:
    paths = _manifests_in(root)
    if len(paths) > 1:
        raise ManifestCsvError(f"There are both {paths[0]} and {paths[1]}. Keep one of them.")
    for path in paths:
        for line in _read_lines(path):
            yield line.file, read_row(line.cells, line.place)


def _manifests_in(root: Path) -> list[Path]:
    return [path for name in (MANIFEST_CSV, MANIFEST_JSONL) if (path := root / name).is_file()]


def _read_lines(path: Path, *, strict: bool = True) -> Iterator[ManifestLine]:
    read = read_csv_lines if path.name == MANIFEST_CSV else read_jsonl_lines
    return read(path, strict=strict)


def _find_file(root: Path, file: str) -> Path:
    """The file that a row is about. Windows writes paths with backslashes; here one may be part of a name."""
    path = root / file
    if "\\" in file and not _is_there(path):
        path = root / file.replace("\\", "/")
    if Path(file).is_absolute():
        # Places have their links resolved, so a path that is to lie below one must have, too.
        path = Path(os.path.realpath(path.parent), path.name)
    return _composed(path)


def _composed(path: Path) -> Path:
    """`path` as most write it (NFC): a Mac spells an é in the names of files as an e and an accent."""
    text = str(path)
    return path if text.isascii() else Path(unicodedata.normalize("NFC", text))


def _is_there(path: Path) -> bool:
    """Whether there is a file of this name, however its letters are composed."""
    try:
        return path.exists() or Path(unicodedata.normalize("NFD", str(path))).exists()
    except (OSError, ValueError):
        return True  # nobody can say that it is not
