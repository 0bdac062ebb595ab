"""JSON files that are there whole or not at all, whenever the machine stops."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_json_file(path: Path, values: Mapping[str, Any]) -> None:
    """Replace the file at `path` once all of `values` is written beside it."""
    unfinished = path.with_name(f"{path.name}.partial")
    unfinished.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(path)
