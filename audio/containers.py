"""Which container a file is, by its first bytes: names lie, and FFmpeg takes random bytes for MP3."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

HEAD_BYTES = 24
# Streams that were cut out of something larger begin with padding, which FFmpeg passes over as players do.
MOST_LEADING_ZEROS = 4096
ID3_HEADER_BYTES = 10


@dataclass(frozen=True)
class Container:
    """A kind of file, and who reads it."""

    name: str
    demuxer: (
        str  # FFmpeg's name: naming it keeps FFmpeg from guessing, and from playlists that open other files
    )
    suffix: str  # what its files' names end in; one of `audio.layouts.AUDIO_SUFFIXES`
    lossless: bool = False  # libsndfile reads these first; lossy ones are FFmpeg's (see `decode.open_sound`)


WAV = Container("WAV", "wav", ".wav", lossless=True)
W64 = Container("Wave64", "w64", ".w64", lossless=True)
AIFF = Container("AIFF", "aiff", ".aiff", lossless=True)
FLAC = Container("FLAC", "flac", ".flac", lossless=True)
CAF = Container("CAF", "caf", ".caf", lossless=True)
AU = Container("AU", "au", ".au", lossless=True)
MPEG_WAV = Container("MP3 in WAV", "wav", ".wav")
OGG = Container("Ogg", "ogg", ".ogg")
MP3 = Container("MP3", "mp3", ".mp3")
AAC = Container("AAC", "aac", ".aac")
MP4 = Container("MP4", "mov", ".m4a")
WEBM = Container("WebM", "matroska", ".webm")
WMA = Container("WMA", "asf", ".wma")


def _is_mpeg_frame(head: bytes) -> bool:
    """Whether `head` begins with an MPEG audio frame whose every field has a legal value."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:  # noqa: PLR2004 - the frame header is 4 bytes
        return False
    version, layer, bit_rate, rate = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer != 0 and bit_rate != 15 and rate != 3  # noqa: PLR2004 - the reserved values


_MATCHERS: tuple[tuple[Container, Callable[[bytes], bool]], ...] = (
    (MPEG_WAV, lambda head: head[8:16] == b"WAVEfmt " and head[20:22] in {b"\x50\x00", b"\x55\x00"}),
    (WAV, lambda head: head[:4] in {b"RIFF", b"RIFX", b"RF64"} and head[8:12] == b"WAVE"),
    (W64, lambda head: head.startswith(b"riff\x2e\x91\xcf\x11")),
    (AIFF, lambda head: head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"}),
    (FLAC, lambda head: head.startswith(b"fLaC")),
    (CAF, lambda head: head.startswith(b"caff")),
    (AU, lambda head: head.startswith(b".snd")),
    (OGG, lambda head: head.startswith(b"OggS")),
    (MP4, lambda head: head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}),
    (WEBM, lambda head: head.startswith(b"\x1a\x45\xdf\xa3")),
    (WMA, lambda head: head.startswith(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")),
    (AAC, lambda head: head[:2] in {b"\xff\xf0", b"\xff\xf1", b"\xff\xf8", b"\xff\xf9"}),
    (MP3, _is_mpeg_frame),
)


def recognise_container(file: BinaryIO) -> Container | None:
    """Container of `file`, or None; the file is left at its start."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    tagged = head.startswith(b"ID3")
    if tagged and len(head) >= ID3_HEADER_BYTES:
        file.seek(_id3_bytes(head))
        head = file.read(HEAD_BYTES)
    found = next((container for container, matches in _MATCHERS if matches(head)), None)
    padded = found is None and not tagged and _is_mpeg_frame(_pass_over_zeros(file))
    file.seek(0)
    return MP3 if padded or (tagged and found is None) else found


def _pass_over_zeros(file: BinaryIO) -> bytes:
    """The first bytes of `file` that are not zero, if it begins with zeros; else none."""
    file.seek(0)
    head = file.read(MOST_LEADING_ZEROS + HEAD_BYTES)
    return head.lstrip(b"\0") if head.startswith(b"\0") else b""


def _id3_bytes(head: bytes) -> int:
    """Length of an ID3v2 tag with its header: four bytes of seven bits each."""
    length = 0
    for byte in head[6:ID3_HEADER_BYTES]:
        length = length << 7 | byte & 0x7F
    return ID3_HEADER_BYTES + length
