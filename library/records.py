"""What the catalogue answers with: plain, frozen data that knows nothing of the database."""

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Self

from audio.stems import StemType

StemStatus = Literal["embedded", "failed", "gone"]
Kind = Literal["loop", "one-shot", "song"]
KINDS: tuple[Kind, ...] = ("loop", "one-shot", "song")

TO_BE_GUESSED = "unknown"
"""`type_source` of an entry of which nothing says the type: whoever has its vectors replaces both."""


@dataclass(frozen=True, slots=True)
class StemRecord:
    """One stem: a sound of one type, found in one or several audio files."""

    id: str
    """Public name, see `stem_id`."""
    number: int
    """Primary key; the upper part of its vectors' ids."""
    type: StemType
    song: str
    path: Path
    """Absolute; of the first of its files."""
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
    """Who said the type: manifest, layout, name, option or model."""
    status: StemStatus
    type_confidence: float = 1.0
    bpm_source: str | None = None
    """Who said the tempo: manifest, tags (of the file), name or estimate."""
    bpm_confidence: float | None = None
    key_source: str | None = None
    key_confidence: float | None = None
    kind: str | None = None
    kind_confidence: float | None = None
    loudness: float | None = None
    """LUFS of the sound's mono mixdown."""
    part: int = 0
    """Which part of its file it is, from 1; 0 is the whole file."""
    songs: frozenset[str] = frozenset()
    """All songs in which it has a file."""
    paths: tuple[Path, ...] = ()
    """All of its files, the first one first."""
    roots: tuple[Path, ...] = ()
    """The folder that was indexed when each of them was found."""


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
    type_confidence: float = 1.0
    bpm_source: str = "manifest"
    """Who said the tempo, if there is one: manifest or name."""
    key_source: str = "manifest"
    kind: str | None = None
    part: int = 0


@dataclass(frozen=True, slots=True)
class FileState:
    """What of a file tells whether it has changed."""

    size: int
    mtime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Self:
        """By what the file system says of it."""
        return cls(status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """What decoding a file told about its sound."""

    seconds: float
    sample_rate: int
    channels: int


@dataclass(frozen=True, slots=True)
class Heard:
    """What listening to a sound told, and the tags inside its file; None where neither tells anything."""

    bpm: float | None = None
    bpm_confidence: float = 0.0
    key: str | None = None
    key_confidence: float = 0.0
    kind: str | None = None
    kind_confidence: float = 0.0
    tagged_bpm: float | None = None
    tagged_key: str | None = None
    loudness: float | None = None
    peaks: bytes | None = None
    """Lowest and highest sample of each stretch, int8 pairs."""
    fingerprint: bytes | None = None
    sketch: bytes | None = None
    """See `audio.sketch`."""
    version: int = 0
    """Which version of the estimators listened; 0 is none."""


@dataclass(frozen=True, slots=True)
class KnownStem:
    """What the catalogue remembers of a file: enough to see whether it has to be read again."""

    number: int
    """Of the file (or its part), not of the stem: a stem may have several."""
    entry: StemEntry
    state: FileState | None
    """None if the file could not be read at all, so that the next run tries again."""
    content_hash: str
    status: StemStatus
    error: str | None
    heard_version: int = 0


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file that could not be indexed."""

    path: Path
    error: str


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


def stem_id(content_hash: str) -> str:
    """Public id of the sound `content_hash`, wherever its files lie: 16 hexadecimal digits."""
    return hashlib.sha256(f"stem {content_hash}".encode()).hexdigest()[:16]


def part_hash(content_hash: str, part: int) -> str:
    """What stands for the sound of one part of the file `content_hash`; part 0 is the file itself."""
    return hashlib.sha256(f"{content_hash} part {part}".encode()).hexdigest() if part else content_hash
