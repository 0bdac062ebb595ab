"""What the owner of a library says of its files, in `manifest.csv` or `manifest.jsonl` at its top."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from indexer.manifest_csv import MANIFEST_CSV, read_csv_rows
from indexer.manifest_jsonl import MANIFEST_JSONL, read_jsonl_rows
from indexer.manifest_row import ManifestCsvError, ManifestRow

Manifest = Mapping[Path, Sequence[ManifestRow]]
"""Rows by the file's absolute path: one, or several where each names channels of its own."""


def read_manifest(root: Path) -> Manifest:
    """The manifest of the library `root`; empty if it has none.

    Raises:
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
