"""What was said of a file, by a manifest, its name, an option, and how that is weighed against the ear."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from audio.stems import StemType
from library.records import TO_BE_GUESSED, Heard, StemEntry

# The rest of an entry is its place, which has columns of its own.
_PLACE = ("path", "root", "song", "song_folder", "part")
_BYTES = ("peaks", "fingerprint", "sketch", "version")
# Who is believed before whom, of a type, a tempo or a key; "tags" are those in the file.
_SOURCES = ("manifest", "tags", "layout", "name", "option", "model", TO_BE_GUESSED)


@dataclass(frozen=True, slots=True)
class Settled:
    """One fact that was chosen among several: its value, who said it and how sure that is."""

    value: Any
    source: str | None
    confidence: float | None


NOTHING = Settled(None, None, None)


def write_said(entry: StemEntry) -> str:
    """What was said of `entry` as text; its place is not in it."""
    said = {name: value for name, value in asdict(entry).items() if name not in _PLACE and value is not None}
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def read_said(text: str, *, path: Path, root: Path, song: str, song_folder: Path, part: int) -> StemEntry:
    """The entry that `text` was written of, at its place."""
    said = json.loads(text)
    said["type"] = StemType(said["type"])
    said["tags"] = tuple(said.get("tags", ()))
    return StemEntry(path=path, root=root, song=song, song_folder=song_folder, part=part, **said)


def write_heard(heard: Heard) -> str:
    """The small part of `heard` as text; outline, fingerprint and sketch have columns of their own."""
    return json.dumps({name: value for name, value in asdict(heard).items() if name not in _BYTES})


def read_heard(text: str | None, version: int) -> Heard:
    """What `write_heard` wrote; nothing if nobody has listened yet."""
    known = {each.name for each in fields(Heard)}
    heard = json.loads(text) if text else {}
    return Heard(version=version, **{name: value for name, value in heard.items() if name in known})


def settle_type(entries: Sequence[StemEntry]) -> Settled:
    """The type by manifest, else layout, else name, else an option, else the model; of at least one entry."""
    said = min(entries, key=lambda each: _SOURCES.index(each.type_source))
    return Settled(said.type, said.type_source, said.type_confidence)


def settle_bpm(entries: Sequence[StemEntry], heard: Heard) -> Settled:
    """The tempo by manifest, else the file's tags, else a name, else the ear."""
    said = [(each.bpm, each.bpm_source) for each in entries]
    return _settle(said, heard.tagged_bpm, (heard.bpm, heard.bpm_confidence))


def settle_key(entries: Sequence[StemEntry], heard: Heard) -> Settled:
    """The key by manifest, else the file's tags, else a name, else the ear."""
    said = [(each.key, each.key_source) for each in entries]
    return _settle(said, heard.tagged_key, (heard.key, heard.key_confidence))


def settle_kind(entries: Sequence[StemEntry], heard: Heard) -> Settled:
    """Loop, one-shot or song by a file's name, else the ear."""
    return _settle([(each.kind, "name") for each in entries], None, (heard.kind, heard.kind_confidence))


def _settle(said: Iterable[tuple[Any, str]], tagged: Any, estimated: tuple[Any, float]) -> Settled:
    """Of several who are believed alike, the first file's word holds."""
    spoken = [(value, source) for value, source in (*said, (tagged, "tags")) if value is not None]
    if spoken:
        value, source = min(spoken, key=lambda each: _SOURCES.index(each[1]))
        return Settled(value, source, 1.0)
    heard, confidence = estimated
    return NOTHING if heard is None else Settled(heard, "estimate", confidence)
