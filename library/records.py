"""What the catalogue answers with: plain, frozen data that knows nothing of the database."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from audio.stems import StemType

StemStatus = Literal["new", "embedded", "failed", "gone"]


@dataclass(frozen=True, slots=True)
class StemRecord:
    """One stem: an audio file of one type that belongs to a song."""

    id: str
    """Public name, see `stem_id`."""
    number: int
    """Primary key; the upper part of its vectors' ids."""
    type: StemType
    song: str
    path: Path
    """Absolute."""
    relative_path: str
    """Relative to the folder that was indexed, with forward slashes."""
    seconds: float
    sample_rate: int
    channels: int
    content_hash: str
    licence: str | None
    tags: tuple[str, ...]
    bpm: float | None
    key: str | None
    type_source: str
    """Who said the type: manifest, layout, name or option."""
    status: StemStatus
    error: str | None


@dataclass(frozen=True, slots=True)
class StemEntry:
    """A stem as the indexer found it, to be written into the catalogue."""

    path: Path
    root: Path
    song: str
    song_folder: Path
    type: StemType
    type_source: str
    licence: str | None = None
    tags: tuple[str, ...] = ()
    bpm: float | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class FileState:
    """What of a file tells whether it has changed."""

    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """What decoding a file told about its sound."""

    seconds: float
    sample_rate: int
    channels: int


@dataclass(frozen=True, slots=True)
class KnownStem:
    """What the catalogue remembers of a file: enough to see whether it has to be read again."""

    number: int
    entry: StemEntry
    state: FileState | None
    """None if the file could not be read at all, so that the next run tries again."""
    content_hash: str
    status: StemStatus
    error: str | None


@dataclass(frozen=True, slots=True)
class EmbeddedStem:
    """What a build needs to know of a stem that has vectors."""

    number: int
    type: StemType
    content_hash: str


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """One published build."""

    id: str
    model_id: str
    created: datetime
    stems: int
    vectors: int


def stem_id(content_hash: str, path: Path) -> str:
    """Public id of the sound `content_hash` at the absolute `path`: 16 hexadecimal digits."""
    return hashlib.sha256(f"{content_hash}\n{path}".encode()).hexdigest()[:16]
