"""The reader: from a file to its windows, or to the sentence that says why not."""

from collections.abc import Callable
from dataclasses import dataclass

from audio.decode import UnreadableAudioError, decode
from audio.windows import Windows, cut_windows
from library.durable import file_sha256
from library.records import FileState, SoundFacts, StemEntry

SILENT = "The file is silent: nothing in it can be found. Export it again, or delete it."


@dataclass(frozen=True, slots=True)
class DecodedStem:
    """A sound that has to be embedded."""

    entry: StemEntry
    state: FileState
    content_hash: str
    facts: SoundFacts
    windows: Windows


@dataclass(frozen=True, slots=True)
class RecognisedStem:
    """A file whose very bytes have been embedded before, under this name or another."""

    entry: StemEntry
    state: FileState
    content_hash: str


@dataclass(frozen=True, slots=True)
class FailedStem:
    """A file that cannot be indexed."""

    entry: StemEntry
    state: FileState | None
    """None if trying again may help although the file stays as it is."""
    content_hash: str
    reason: str


StemReading = DecodedStem | RecognisedStem | FailedStem


def read_stem(entry: StemEntry, is_embedded: Callable[[str], bool], hop_seconds: float) -> StemReading:
    """Read one file. Raises nothing that the file is to blame for."""
    content_hash = ""
    try:
        status = entry.path.stat()
        state = FileState(status.st_size, status.st_mtime_ns)
        content_hash = file_sha256(entry.path)
        if is_embedded(content_hash):
            return RecognisedStem(entry, state, content_hash)
        return _decode(entry, state, content_hash, hop_seconds)
    except UnreadableAudioError as error:
        return FailedStem(entry, state, content_hash, str(error))
    except OSError as error:
        reason = f"The file cannot be read ({error.strerror or error}). The next run tries again."
        return FailedStem(entry, None, content_hash, reason)


def _decode(entry: StemEntry, state: FileState, content_hash: str, hop_seconds: float) -> StemReading:
    recording = decode(entry.path)
    windows = cut_windows(recording.waveform, hop_seconds)
    status = entry.path.stat()
    if FileState(status.st_size, status.st_mtime_ns) != state:
        reason = "The file was written to while it was read. The next run tries again."
        return FailedStem(entry, None, content_hash, reason)
    if not len(windows.numbers):
        return FailedStem(entry, state, content_hash, SILENT)
    facts = SoundFacts(recording.seconds, recording.sample_rate, recording.channels)
    return DecodedStem(entry, state, content_hash, facts, windows)
