"""A `manifest.csv` at the top of a library: what its owner says of the files, which wins over names."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from indexer.manifest_row import (
    FILE_NAMES,
    ManifestCsvError,
    ManifestLine,
    ManifestRow,
    NoFilesNamedError,
    column_name,
    read_row,
)

__all__ = ["ManifestCsvError", "ManifestRow", "read_csv_lines", "read_manifest_csv"]

MANIFEST_CSV = "manifest.csv"


def read_manifest_csv(root: Path) -> Mapping[Path, ManifestRow]:
    """Rows of `root`'s manifest by the file's absolute path, the last of each file; empty without a manifest.

    Raises:
        ManifestCsvError: see `read_csv_lines`, or a number in it is none.
    """
    path = root / MANIFEST_CSV
    lines = read_csv_lines(path) if path.is_file() else ()
    return {root / line.file: read_row(line.cells, line.place) for line in lines}


def read_csv_lines(path: Path, *, strict: bool = True) -> Iterator[ManifestLine]:
    """Each line of the manifest `path` that names a file; none of one that groups songs.

    The column `file` (or `path`; relative to the manifest) is needed; type, song, licence, tags (apart by
    ";"), bpm (or tempo), key and channels are read if they are there. Unless `strict`, bytes that are no
    text stand for any.

    Raises:
        NoFilesNamedError: it has no column `file`.
        ManifestCsvError: it is not a table.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="strict" if strict else "replace", newline="") as file:
            yield from _read_lines(csv.DictReader(file, delimiter=_find_separator(file)), path)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ManifestCsvError(f"{path} is not a CSV table in UTF-8. Save it again as one.") from error


def _find_separator(file: TextIO) -> str:
    """What stands between the names of columns: a semicolon where numbers have a decimal comma."""
    header = file.readline()
    file.seek(0)
    return ";" if header.count(";") > header.count(",") else ","


def _read_lines(reader: "csv.DictReader[str]", path: Path) -> Iterator[ManifestLine]:
    columns = [column_name(name) for name in reader.fieldnames or ()]
    reader.fieldnames = columns
    column = next((name for name in FILE_NAMES if name in columns), None)
    if column is None and {"song", "group"} <= set(columns):
        return  # which songs are of one source: for `model train` and `model evaluate`
    if column is None:
        raise NoFilesNamedError(f'{path} has no column "file". Add one with the path of each stem.')
    for row in reader:
        cells = {name: (value or "").strip() for name, value in row.items() if isinstance(value, str | None)}
        if cells[column]:
            yield ManifestLine(cells[column], cells, f"{path}, line {reader.line_num}")
