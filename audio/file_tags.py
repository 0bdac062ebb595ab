"""What the tags inside a file say of its tempo and key: ID3, Vorbis comments, MP4's, and WAV's acid chunk."""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av

from audio.containers import WAV, recognise_container

_BPM_TAGS = ("tbpm", "bpm", "tempo", "tmpo")
_KEY_TAGS = ("tkey", "initialkey", "initial_key", "key")
_SLOWEST, _FASTEST = 20.0, 400.0
_ACID_BYTES = 24
_ONE_SHOT = 1


@dataclass(frozen=True, slots=True)
class FileTags:
    """What the file says of itself; None where it says nothing."""

    bpm: float | None = None
    key: str | None = None
    """As it is written there."""
    is_one_shot: bool | None = None


def read_file_tags(path: Path) -> FileTags:
    """The tags of `path`; none if they cannot be read, for tags are no reason to refuse a sound.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        container = recognise_container(file)
        if container is None:
            return FileTags()
        acid = _read_acid(file) if container is WAV else None
        file.seek(0)
        said = _read_metadata(file, container.demuxer)
    bpm = _read_bpm(next((said[name] for name in _BPM_TAGS if name in said), ""))
    key = next((said[name] for name in _KEY_TAGS if said.get(name)), None)
    if acid is None:
        return FileTags(bpm, key)
    is_one_shot, acid_bpm = acid
    return FileTags(bpm or (None if is_one_shot else acid_bpm), key, is_one_shot)


def _read_metadata(file: BinaryIO, demuxer: str) -> Mapping[str, str]:
    try:
        options = {"protocol_whitelist": ""}
        with av.open(file, format=demuxer, options=options, metadata_errors="replace") as container:
            streams = [stream.metadata for stream in container.streams.audio[:1]]
            return {
                name.lower(): value.strip()
                for metadata in (*streams, container.metadata)
                for name, value in metadata.items()
            }
    except (av.FFmpegError, ValueError):
        return {}


def _read_bpm(text: str) -> float | None:
    try:
        bpm = float(text.replace(",", "."))
    except ValueError:
        return None
    return bpm if math.isfinite(bpm) and _SLOWEST <= bpm <= _FASTEST else None


def _read_acid(file: BinaryIO) -> tuple[bool, float | None] | None:
    """Whether it is a one-shot, and its tempo, by the chunk that loop libraries write; None without one."""
    file.seek(12)
    while len(header := file.read(8)) == 8:  # noqa: PLR2004 - name and size
        name, size = struct.unpack("<4sI", header)
        if name == b"acid" and size >= _ACID_BYTES:
            content = file.read(_ACID_BYTES)
            if len(content) < _ACID_BYTES:
                return None
            (flags,) = struct.unpack_from("<I", content)
            (tempo,) = struct.unpack_from("<f", content, 20)
            return bool(flags & _ONE_SHOT), _read_bpm(str(tempo))
        file.seek(size + size % 2, 1)
    return None
