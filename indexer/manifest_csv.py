"""A `manifest.csv` at the top of a library: what its owner says of the files, which wins over names."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from indexer.manifest_row import FILE_NAMES, ManifestCsvError, ManifestRow, NoFilesNamedError, read_row

__all__ = ["ManifestCsvError", "ManifestRow", "read_csv_rows", "read_manifest_csv"]

MANIFEST_CSV = "manifest.csv"


def read_manifest_csv(root: Path) -> Mapping[Path, ManifestRow]:
    """Rows of `root`'s manifest by the file's absolute path, the last of each file; empty without a manifest.

    Raises:
        ManifestCsvError: see `read_csv_rows`.
    """
    path = root / MANIFEST_CSV
    return {root / file: row for file, row in read_csv_rows(path)} if path.is_file() else {}


def read_csv_rows(path: Path) -> Iterator[tuple[str, ManifestRow]]:
    """Each row of the manifest `path` with the file that it is about; none of one that groups songs.

    The column `file` (or `path`; relative to the manifest) is needed; type, song, licence, tags (apart by
    ";"), bpm (or tempo), key and channels are read if they are there; other columns are ignored.

    Raises:
        NoFilesNamedError: it has no column `file`.
        ManifestCsvError: it is not a table, or a number in it is none.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _read_rows(csv.DictReader(file), path)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ManifestCsvError(f"{path} is not a CSV table in UTF-8. Save it again as one.") from error


def _read_rows(reader: "csv.DictReader[str]", path: Path) -> Iterator[tuple[str, ManifestRow]]:
    column = next((name for name in FILE_NAMES if name in (reader.fieldnames or ())), None)
    if column is None and {"song", "group"} <= set(reader.fieldnames or ()):
        return  # which songs are of one source: for `model train` and `model evaluate`
    if column is None:
        raise NoFilesNamedError(f'{path} has no column "file". Add one with the path of each stem.')
    for row in reader:
        cells = {name: (value or "").strip() for name, value in row.items() if isinstance(value, str | None)}
        if cells[column]:
            yield cells[column], read_row(cells, f"{path}, line {reader.line_num}")
