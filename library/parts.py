"""Stems that are a part of a file, kept as files of their own once somebody asked for them alone."""

import os
from collections.abc import Callable, Collection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

PARTS: Final = "parts"


def find_part(data: Path, public_id: str) -> Path | None:
    """The file that holds only the stem with this id; None if nobody has made it yet."""
    return next((data / PARTS).glob(f"{public_id}.*"), None)


def keep_part(data: Path, public_id: str, make: Callable[[Path], Path]) -> Path:
    """Keep the file that `make` writes into the folder it is given; whole or not at all. Returns where it is.

    Raises:
        OSError: the data folder cannot be written to, or whatever `make` raises.
    """
    folder = data / PARTS
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as temporary:
        made = make(Path(temporary))
        target = folder / f"{public_id}{made.suffix}"
        os.replace(made, target)  # noqa: PTH105 - two that make it at once both win
    return target


def find_dead_parts(data: Path, live: Collection[str]) -> list[Path]:
    """Files of parts whose stem has none of the `live` public ids."""
    files = (path for path in (data / PARTS).glob("*") if path.is_file())
    return [path for path in files if path.name.partition(".")[0] not in live]
