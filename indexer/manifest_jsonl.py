"""A `manifest.jsonl`: the same as a `manifest.csv`, one JSON object a line."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from indexer.manifest_row import (
    FILE_NAMES,
    TAG_SEPARATOR,
    ManifestCsvError,
    ManifestRow,
    NoFilesNamedError,
    read_row,
)

MANIFEST_JSONL = "manifest.jsonl"


def read_jsonl_rows(path: Path) -> Iterator[tuple[str, ManifestRow]]:
    """Each row of the manifest `path` with the file that it is about; names as in a `manifest.csv`.

    `tags` may be a list. Other members are ignored.

    Raises:
        NoFilesNamedError: a line names no file.
        ManifestCsvError: a line is no JSON object, or a number in it is none.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _read_line(line, f"{path}, line {number}")
    except UnicodeDecodeError as error:
        raise ManifestCsvError(f"{path} is not text in UTF-8. Save it again as such.") from error


def _read_line(line: str, place: str) -> tuple[str, ManifestRow]:
    try:
        said = json.loads(line)
    except ValueError as error:
        raise ManifestCsvError(f"{place}: this is not JSON. Write one object a line.") from error
    if not isinstance(said, Mapping):
        raise ManifestCsvError(f"{place}: this is not a JSON object. Write one object a line.")
    cells = {name: _read_value(value) for name, value in said.items()}
    file = next((cells[name] for name in FILE_NAMES if cells.get(name)), None)
    if file is None:
        raise NoFilesNamedError(f'{place}: there is no "file". Add one with the path of the stem.')
    return file, read_row(cells, place)


def _read_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return TAG_SEPARATOR.join(str(each) for each in value)
    return str(value).strip()
