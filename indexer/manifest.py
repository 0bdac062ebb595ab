"""What the owner of a library says of its files, in `manifest.csv` or `manifest.jsonl` at its top."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.manifest_csv import MANIFEST_CSV, read_csv_rows
from indexer.manifest_jsonl import MANIFEST_JSONL, read_jsonl_rows
from indexer.manifest_row import ManifestCsvError, ManifestRow, NoFilesNamedError

Manifest = Mapping[Path, Sequence[ManifestRow]]
"""Rows by the file's absolute path: one, or several where each names channels of its own."""


@dataclass(frozen=True, slots=True)
class Library:
    """A folder from which paths and songs are counted, and what its manifest says."""

    root: Path
    manifest: Manifest


def find_library(place: Path) -> Library:
    """The library that `place` (a folder, or a single file) belongs to.

    That is the nearest folder, from the place upwards, whose manifest names something in the place: a part of
    a library that is indexed alone stays what the library says it is. Where there is none, a folder is a
    library itself, and a single file belongs to the folder above its song's.

    Raises:
        ManifestCsvError: a manifest cannot be followed.
    """
    if not place.is_dir():
        root = place.parent.parent
        return _find_above(place) or Library(root, read_manifest(root))
    own = read_manifest(place)
    return (None if own else _find_above(place)) or Library(place, own)


def _find_above(place: Path) -> Library | None:
    for folder in place.parents:
        try:
            manifest = read_manifest(folder)
        except (NoFilesNamedError, PermissionError):
            continue  # far above the place, what is called so may be about something else
        if any(path.is_relative_to(place) for path in manifest):
            return Library(folder, manifest)
    return None


def read_manifest(root: Path) -> Manifest:
    """The manifest of the library `root`; empty if it has none.

    Raises:
        NoFilesNamedError: it names no files.
        ManifestCsvError: it cannot be followed, there are two, or it says two things of one sound.
    """
    csv, jsonl = root / MANIFEST_CSV, root / MANIFEST_JSONL
    if csv.is_file() and jsonl.is_file():
        raise ManifestCsvError(f"There are both {csv} and {jsonl}. Keep one of them.")
    if csv.is_file():
        rows = read_csv_rows(csv)
    elif jsonl.is_file():
        rows = read_jsonl_rows(jsonl)
    else:
        return {}
    manifest: dict[Path, list[ManifestRow]] = defaultdict(list)
    for file, row in rows:
        held = manifest[root / file]
        # The last word counts, as if the line had been corrected.
        held[:] = [each for each in held if each.channels and row.channels and each.channels != row.channels]
        held.append(row)
    return manifest
