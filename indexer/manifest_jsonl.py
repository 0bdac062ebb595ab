"""A `manifest.jsonl`: the same as a `manifest.csv`, one JSON object a line."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from indexer.manifest_row import (
    FILE_NAMES,
    TAG_SEPARATOR,
    ManifestCsvError,
    ManifestLine,
    NoFilesNamedError,
    column_name,
)

MANIFEST_JSONL = "manifest.jsonl"


def read_jsonl_lines(path: Path, *, strict: bool = True) -> Iterator[ManifestLine]:
    """Each line of the manifest `path`; names as in a `manifest.csv`.

    `tags` may be a list. Unless `strict`, lines that cannot be read are passed over.

    Raises:
        NoFilesNamedError: a line names no file.
        ManifestCsvError: a line is no JSON object.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="strict" if strict else "replace") as file:
            for number, text in enumerate(file, start=1):
                line = _try_line(text, f"{path}, line {number}", strict) if text.strip() else None
                if line is not None:
                    yield line
    except UnicodeDecodeError as error:
        raise ManifestCsvError(f"{path} is not text in UTF-8. Save it again as such.") from error


def _try_line(text: str, place: str, strict: bool) -> ManifestLine | None:
    try:
        return _read_line(text, place)
    except ManifestCsvError:
        if strict:
            raise
        return None


def _read_line(text: str, place: str) -> ManifestLine:
    try:
        said = json.loads(text)
        named = said.items() if isinstance(said, Mapping) else None
        cells = None if named is None else {column_name(name): _read_value(value) for name, value in named}
    except (ValueError, RecursionError) as error:
        raise ManifestCsvError(f"{place}: this is not JSON. Write one object a line.") from error
    if cells is None:
        raise ManifestCsvError(f"{place}: this is not a JSON object. Write one object a line.")
    file = next((cells[name] for name in FILE_NAMES if cells.get(name)), None)
    if file is None:
        raise NoFilesNamedError(f'{place}: there is no "file". Add one with the path of the stem.')
    return ManifestLine(file, cells, place)


def _read_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return TAG_SEPARATOR.join(str(each) for each in value)
    return str(value).strip()
