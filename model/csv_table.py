"""Tables that people keep beside their songs."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path


class BrokenTableError(ValueError):
    """A table that is no CSV, or does not say what it has to."""


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV table in UTF-8, with or without the mark that Excel puts before it.

    Raises:
        BrokenTableError: it is no such table.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BrokenTableError(f"{path} is not a CSV table in UTF-8. Save it again as one.") from error


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write a CSV table whole or not at all: what a killed run leaves can be read."""
    unfinished = path.with_name(f"{path.name}.partial")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    unfinished.replace(path)
