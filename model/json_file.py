"""JSON files that are there whole or not at all, whenever the machine stops."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class BrokenJsonError(ValueError):
    """A file that holds no JSON object."""


def read_json_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file.

    Raises:
        BrokenJsonError: it holds something else, or is damaged.
        OSError: it cannot be read.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BrokenJsonError(f"{path} is not JSON ({error}). Mend it, or remove it.") from error
    if not isinstance(values, dict):
        raise BrokenJsonError(f"{path} holds no JSON object. Mend it, or remove it.")
    return values


def write_json_file(path: Path, values: Mapping[str, Any]) -> None:
    """Replace the file at `path` once all of `values` is written beside it."""
    unfinished = path.with_name(f"{path.name}.partial")
    unfinished.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(path)
