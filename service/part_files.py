"""Stems that are a part of a file, as files of their own, so that they can be heard alone."""

import os
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from audio.parts import extract_part
from library.parts import find_part, keep_part
from library.records import StemRecord


def find_part_file(stem: StemRecord, file: Path, data: Path, until_sent: ExitStack) -> Path:
    """The file that holds only `stem`, a part of `file`; made at the first call, whole or not at all.

    It is kept below the data folder, or, where nothing can be written there, until `until_sent` is closed.

    Raises:
        UnreadableAudioError: the file has no such part any more.
        OSError: a file cannot be read, or not even a temporary one be written.
    """
    kept = find_part(data, stem.id)
    if kept is not None:
        return kept

    def make(folder: Path) -> Path:
        return _make_part(stem, file, folder)

    with suppress(OSError):
        return keep_part(data, stem.id, make)
    return make(Path(until_sent.enter_context(TemporaryDirectory(prefix="counterpart-"))))


def _make_part(stem: StemRecord, file: Path, folder: Path) -> Path:
    made = extract_part(file, stem.part, folder)
    part = made.rename(made.with_name(f"{stem.id}{made.suffix}"))
    # A player that asks for one range after the other sees the same file, however often it is made.
    changed = file.stat().st_mtime_ns
    os.utime(part, ns=(changed, changed))
    return part
