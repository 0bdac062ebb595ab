"""Where the development data is: real songs, MIDI, odd files."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

VARIABLE = "COUNTERPART_DEVELOPMENT_DATA"
MISSING = f"There is no development data. Set {VARIABLE} to the folder that holds real/, midi/ and formats/."
BESIDE_THE_REPOSITORY = Path(__file__).resolve().parents[2] / "shared" / "data"


def find_development_data(
    environment: Mapping[str, str], beside: Path = BESIDE_THE_REPOSITORY
) -> Path | None:
    """Folder with real/, midi/ and formats/, if there is one."""
    folder = Path(environment.get(VARIABLE) or beside)
    return folder if (folder / "formats").is_dir() else None


def development_data() -> Path:
    """Folder with real/, midi/ and formats/; a test that asks for it is marked `development_data`."""
    folder = find_development_data(os.environ)
    if folder is None:
        raise pytest.UsageError(MISSING)
    return folder
