"""Which files of a folder are songs, where they come from and under which licence."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from model.csv_table import BrokenTableError, read_rows

INDEX = "index.csv"


def list_songs(folder: Path, suffixes: AbstractSet[str], columns: Sequence[str]) -> list[dict[str, str]]:
    """Rows of songs: those of the folder's `index.csv`, else `file`, `source` and `licence` of all its files.

    Raises:
        BrokenTableError: the index cannot be read, or lacks one of the columns.
    """
    if (folder / INDEX).exists():
        return _read_index(folder / INDEX, columns)
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in suffixes)
    return [{"file": str(path.relative_to(folder)), "source": folder.name, "licence": ""} for path in files]


def _read_index(index: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    rows = read_rows(index)
    # A line that ends early lacks what comes last.
    if missing := [name for name in columns if any(row.get(name) is None for row in rows)]:
        raise BrokenTableError(
            f"{index} lacks {missing[0]} of a song. Give each song {', '.join(columns)}, or remove the file."
        )
    return rows
