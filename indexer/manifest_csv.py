"""A `manifest.csv` at the top of a library: what its owner says of the files, which wins over names."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from audio.stems import STEM_TYPES, StemType

MANIFEST_CSV = "manifest.csv"
_TAG_SEPARATOR = ";"


class ManifestCsvError(ValueError):
    """A manifest that cannot be followed; guessing instead would give the wrong library."""


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """What the manifest says of one file; None or empty where it says nothing."""

    type: StemType | None
    not_a_stem: str | None
    """The type that the manifest gives, if it is none of ours (a mix, say)."""
    song: str | None
    licence: str | None
    tags: tuple[str, ...]
    bpm: float | None
    key: str | None


def read_manifest_csv(root: Path) -> Mapping[Path, ManifestRow]:
    """Rows of `root`'s manifest by the file's absolute path; empty if there is no manifest.

    The column `file` (relative to `root`) is needed; type, song, licence, tags (apart by ";"), bpm and key
    are read if they are there; other columns are ignored.

    Raises:
        ManifestCsvError: it is not a table with a column `file`, or a number in it is none.
    """
    path = root / MANIFEST_CSV
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read_rows(csv.DictReader(file), root, path)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ManifestCsvError(f"{path} is not a CSV table in UTF-8. Save it again as one.") from error


def _read_rows(reader: "csv.DictReader[str]", root: Path, path: Path) -> dict[Path, ManifestRow]:
    if "file" not in (reader.fieldnames or ()):
        raise ManifestCsvError(f'{path} has no column "file". Add one with the path of each stem.')
    rows: dict[Path, ManifestRow] = {}
    for row in reader:
        cells = {name: (value or "").strip() for name, value in row.items() if isinstance(value, str | None)}
        if cells["file"]:
            rows[root / cells["file"]] = _read_row(cells, f"{path}, line {reader.line_num}")
    return rows


def _read_row(cells: Mapping[str, str], place: str) -> ManifestRow:
    name = cells.get("type", "").lower()
    return ManifestRow(
        type=StemType(name) if name in STEM_TYPES else None,
        not_a_stem=name if name and name not in STEM_TYPES else None,
        song=cells.get("song") or None,
        licence=cells.get("licence") or None,
        tags=tuple(tag.strip() for tag in cells.get("tags", "").split(_TAG_SEPARATOR) if tag.strip()),
        bpm=_read_bpm(cells.get("bpm", ""), place),
        key=cells.get("key") or None,
    )


def _read_bpm(cell: str, place: str) -> float | None:
    if not cell:
        return None
    try:
        bpm = float(cell)
    except ValueError:
        bpm = 0.0
    if not 0 < bpm < float("inf"):
        raise ManifestCsvError(f"{place}: the bpm {cell!r} is not a tempo. Give a number or leave it empty.")
    return bpm
