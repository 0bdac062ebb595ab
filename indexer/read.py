"""The reader: from a file to its sound and facts, or to the sentence that says why not."""

import errno
import os
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from audio.decode import UnreadableAudioError, Waveform
from indexer.listen import Listened
from indexer.stopping import Stop
from library.durable import file_sha256
from library.records import FileState, Heard, SoundFacts, StemEntry, part_hash

# What is read takes no room: only taking a file apart does.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}

SILENT = "The file is silent: nothing in it can be found. Export it again, or delete it."

Listener = Callable[[Path, int], Listened]
"""Decodes a part of a file and listens to it; `indexer.listen.listen`, here or in another process."""


class ListenerDiedError(RuntimeError):
    """The process that decoded a file ended, or did not come to an end."""


class FileChangedError(RuntimeError):
    """A file that is not what it was when its checksum was made."""


class KnownSounds(Protocol):
    """What is known of a sound before its file is decoded."""

    def has_vectors(self, content_hash: str) -> bool: ...
    def is_heard(self, content_hash: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class DecodedStem:
    """A sound that has to be embedded."""

    entry: StemEntry
    state: FileState
    content_hash: str
    facts: SoundFacts
    heard: Heard
    waveform: Waveform
    note: str = ""
    """What is wrong with the file although it could be read."""


@dataclass(frozen=True, slots=True)
class RecognisedStem:
    """A file whose very bytes have been embedded before, under this name or another."""

    entry: StemEntry
    state: FileState
    content_hash: str
    facts: SoundFacts | None = None
    """With `heard`: what had to be found out again; None if the catalogue knows it."""
    heard: Heard | None = None


@dataclass(frozen=True, slots=True)
class FailedStem:
    """A file that cannot be indexed."""

    entry: StemEntry
    state: FileState | None
    """None if trying again may help although the file stays as it is."""
    content_hash: str
    reason: str


StemReading = DecodedStem | RecognisedStem | FailedStem


def read_stem(
    entry: StemEntry, known: KnownSounds, listen: Listener, stop: Stop | None = None
) -> StemReading:
    """Read one file. Raises nothing that the file is to blame for.

    Raises:
        IndexingStoppedError: `stop` was requested before its checksum was made.
    """
    content_hash = ""
    try:
        status = entry.path.stat()
        state = FileState.of(status)
        _refuse_special(status)
        content_hash = part_hash(file_sha256(entry.path, (stop or Stop()).check), entry.part)
        has_vectors = known.has_vectors(content_hash)
        if has_vectors and known.is_heard(content_hash):
            return RecognisedStem(entry, state, content_hash)
        listened = listen(entry.path, entry.part)
        _check_state(entry.path, state)
    except UnreadableAudioError as error:
        return FailedStem(entry, state, content_hash, str(error))
    except (ListenerDiedError, FileChangedError) as error:
        return FailedStem(entry, None, content_hash, str(error))
    except OSError as error:
        return FailedStem(entry, None, content_hash, f"{_explain(error)} The next run tries again.")
    if has_vectors:
        return RecognisedStem(entry, state, content_hash, listened.facts, listened.heard)
    return DecodedStem(
        entry, state, content_hash, listened.facts, listened.heard, listened.waveform, listened.note
    )


def _check_state(path: Path, state: FileState) -> None:
    if FileState.of(path.stat()) != state:
        raise FileChangedError("The file was written to while it was read. The next run tries again.")


def _explain(error: OSError) -> str:
    if error.errno in _NO_ROOM:
        return (
            f"The temporary folder ({tempfile.gettempdir()}) has no room to take the file apart. "
            "Make some, or set TMPDIR to another folder."
        )
    return f"The file cannot be read ({error.strerror or error})."


def _refuse_special(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):  # a pipe would keep us waiting, and a device may never end
        raise UnreadableAudioError("not_audio", "This is a pipe or a device, not a file.")
