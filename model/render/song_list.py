"""Which files of a folder are songs, where they come from and under which licence."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from model.csv_table import BrokenTableError, read_rows

INDEX = "index.csv"


def list_files(folder: Path, suffixes: AbstractSet[str]) -> list[dict[str, str]]:
    """Rows `file`, `source`, `licence` of a folder without an index: all files with one of the suffixes."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in suffixes)
    return [{"file": str(path.relative_to(folder)), "source": folder.name, "licence": ""} for path in files]


def read_index(folder: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a folder's `index.csv`, each with all of the columns.

    Raises:
        BrokenTableError: the index cannot be read, or lacks a column.
    """
    index = folder / INDEX
    rows = read_rows(index)
    # A line that ends early lacks what comes last.
    if missing := [name for name in columns if any(row.get(name) is None for row in rows)]:
        raise BrokenTableError(
            f"{index} lacks {missing[0]} of a song. Give each song {', '.join(columns)}, or remove the file."
        )
    return rows
