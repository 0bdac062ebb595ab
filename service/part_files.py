"""Stems that are a part of a file, as files of their own, so that they can be heard alone."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from audio.parts import extract_part
from library.records import StemRecord

PARTS = "parts"


def find_part_file(stem: StemRecord, data: Path) -> Path:
    """The file below the data folder that holds only `stem`; made at the first call, whole or not at all.

    Raises:
        UnreadableAudioError: the file has no such part any more.
        OSError: a file cannot be read or written.
    """
    folder = data / PARTS
    made = next(folder.glob(f"{stem.id}.*"), None)
    if made is not None:
        return made
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as temporary:
        part = extract_part(stem.path, stem.part, Path(temporary))
        target = folder / f"{stem.id}{part.suffix}"
        os.replace(part, target)  # noqa: PTH105 - two that make it at once both win
    return target
