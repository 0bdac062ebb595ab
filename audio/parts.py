"""Files that hold several stems: which parts they have, and how one becomes a file of its own.

Native Instruments' `.stem.mp4` has five audio streams, the mix and then four stems, whose names stand as
JSON in the box moov/udta/stem. In a WAV, AIFF or FLAC of many channels nothing says what they are: a
manifest has to, or they are one stem, mixed down.
"""

import json
import stat
import struct
from collections.abc import Iterable, Iterator
from io import FileIO
from pathlib import Path, PurePath
from typing import BinaryIO, Final

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

from audio.sound import BLOCK_FRAMES
from audio.unreadable import UnreadableAudioError

STEM_FILE_SUFFIX: Final = ".stem.mp4"
STEM_FILE_PARTS: Final = (1, 2, 3, 4)
"""Numbers of the streams that are stems; stream 0 is the mix."""

_NAMES_BOX: Final = (b"moov", b"udta", b"stem")
_HEADER_BYTES = 8
_LARGEST_NAMES = 1_000_000
_CHANNELS_BASE = 100


def is_stem_file(path: PurePath) -> bool:
    """Whether its name says that it holds four stems."""
    return path.name.lower().endswith(STEM_FILE_SUFFIX)


def channels_part(first: int, last: int) -> int:
    """Number of the part that is the channels `first` to `last`, counted from 1."""
    return _CHANNELS_BASE * first + last


def read_part_names(path: Path) -> tuple[str, ...]:
    """Names of the four parts of a stem file; empty where it has none or they cannot be read.

    Raises:
        OSError: the file cannot be read.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # to open a pipe is to wait for whoever writes to it
        return ()
    with path.open("rb") as file:
        text = _read_box(file, _NAMES_BOX, end=status.st_size)
    try:
        stems = json.loads(text or "{}").get("stems", [])
        return tuple(str(each.get("name", "")) for each in stems)
    except (ValueError, AttributeError, TypeError, RecursionError):
        return ()


def part_suffix(part: int) -> str:
    """What the name of the file that `extract_part` writes ends with."""
    return ".m4a" if part < _CHANNELS_BASE else ".wav"


def extract_part(path: Path, part: int, folder: Path) -> Path:
    """Write one part of `path` into `folder` as a file of its own, nothing encoded anew. Returns that file.

    Raises:
        UnreadableAudioError: it has no such part, or is damaged.
        OSError: a file cannot be read or written; nothing is wrong with `path` then.
    """
    path.stat()  # libsndfile and FFmpeg would call a missing file a damaged one
    target = folder / f"part{part_suffix(part)}"
    if part < _CHANNELS_BASE:
        return _extract_stream(path, part, target)
    return _extract_channels(path, *divmod(part, _CHANNELS_BASE), target)


def _read_box(file: BinaryIO, names: tuple[bytes, ...], end: int) -> bytes | None:
    """Contents of the box at the end of the path `names`, among the boxes from here to `end`."""
    for name, start, stop in _boxes(file, end):
        if name != names[0]:
            continue
        file.seek(start)
        if len(names) == 1:
            return file.read(min(stop - start, _LARGEST_NAMES))
        return _read_box(file, names[1:], stop)
    return None


def _boxes(file: BinaryIO, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of the contents of each box (ISO 14496-12, 4.2)."""
    place = file.tell()
    while place + _HEADER_BYTES <= end:
        file.seek(place)
        size, name = struct.unpack(">I4s", file.read(_HEADER_BYTES).ljust(_HEADER_BYTES, b"\0"))
        header = _HEADER_BYTES
        if size == 1:  # a size of 64 bits follows
            (size,) = struct.unpack(">Q", file.read(8).ljust(8, b"\0"))
            header += 8
        if size == 0:  # to the end of the file
            size = end - place
        if size < header:
            return
        yield name, place + header, min(place + size, end)
        place += size


def _extract_stream(path: Path, part: int, target: Path) -> Path:
    try:
        with av.open(path, format="mov", options={"protocol_whitelist": "file"}) as source:
            if part >= len(source.streams.audio):
                raise _no_part(f"stream {part}", f"{len(source.streams.audio)} audio streams")
            stream = source.streams.audio[part]
            # By an open file: what it raises is no FFmpegError, which would be taken for the source's.
            with target.open("wb") as file, av.open(file, "w", format="ipod") as sink:
                copy = sink.add_stream_from_template(stream)
                for packet in source.demux(stream):
                    if packet.dts is not None:
                        packet.stream = copy
                        sink.mux(packet)
    except av.FFmpegError as error:
        raise UnreadableAudioError(
            "damaged", "The stem file is damaged and cannot be taken apart. Export it again."
        ) from error
    return target


def _extract_channels(path: Path, first: int, last: int, target: Path) -> Path:
    try:
        with soundfile.SoundFile(path) as source:
            if last > source.channels:
                raise _no_part(f"channel {last}", f"{source.channels} channels")
            blocks = source.blocks(BLOCK_FRAMES, dtype="float32", always_2d=True)
            wanted = (block[:, first - 1 : last] for block in blocks)
            _write_wav(target, wanted, source.samplerate, last - first + 1, source.subtype)
    except soundfile.LibsndfileError as error:
        raise UnreadableAudioError(
            "damaged", "The audio is damaged and its channels cannot be read. Export it again."
        ) from error
    return target


class _Sink:
    """A file for libsndfile to write to, which keeps what goes wrong: libsndfile does not say what it was."""

    def __init__(self, file: FileIO) -> None:
        self.seek, self.tell = file.seek, file.tell
        self._write = file.write
        self._error: OSError | None = None

    def write(self, content: bytes) -> int:
        try:
            left = memoryview(content)
            while left:
                left = left[self._write(left) :]
        except OSError as error:
            self._error = error
        return len(content)

    def check(self) -> None:
        if self._error is not None:
            raise self._error


def _write_wav(
    target: Path, blocks: Iterable[NDArray[np.float32]], rate: int, channels: int, subtype: str
) -> None:
    if not soundfile.check_format("WAV", subtype):  # of a FLAC of 8 bits, say
        subtype = "FLOAT"
    with target.open("wb", buffering=0) as file:
        sink = _Sink(file)
        try:
            with soundfile.SoundFile(sink, "w", rate, channels, subtype, format="WAV") as wav:
                for block in blocks:
                    wav.write(block)
                    sink.check()
        finally:
            sink.check()


def _no_part(wanted: str, held: str) -> UnreadableAudioError:
    return UnreadableAudioError("unsupported", f"There is no {wanted} in the file, which has {held}.")
