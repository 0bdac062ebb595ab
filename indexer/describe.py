"""What a file is, by its manifest, its place and its name: one stem, or the several that are its parts."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from audio.key import parse_key
from audio.labels import type_from_name
from audio.layouts import Place, describe_place
from audio.parts import STEM_FILE_PARTS, channels_part, is_stem_file, read_part_names
from audio.sample_names import NameFacts, facts_from_name
from audio.stems import StemType
from audio.words import NOT_STEMS
from indexer.manifest_row import ManifestRow
from library.records import StemEntry

NO_TYPE = "no type: nothing says what it plays; name its type with --type or in manifest.csv"

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class TypeSaid:
    """A type, who said it, and how sure that is."""

    type: StemType
    source: str
    confidence: float = 1.0


FallbackType = Callable[[Path, int], TypeSaid | None]
"""The type of a file (and part of it) of which nothing says it."""


@dataclass(frozen=True, slots=True)
class Described:
    """The stems in one file, and why some of it is none."""

    entries: tuple[StemEntry, ...] = ()
    reasons: tuple[str, ...] = ()


def describe_file(
    path: Path, root: Path, rows: Sequence[ManifestRow], fallback_type: FallbackType
) -> Described:
    """The stems in the file `path` below `root`, of which the manifest says `rows`.

    Raises:
        OSError: a stem file, whose names stand inside it, cannot be opened.
    """
    place = describe_place(path, root)
    if is_stem_file(path):
        return _describe_stem_file(path, root, place, rows[0] if rows else None, fallback_type)
    if not rows or rows[0].channels is None:
        return _describe_part(path, root, place, rows[0] if rows else None, 0, fallback_type)
    parts = [
        _describe_part(path, root, place, row, channels_part(*row.channels), fallback_type)
        for row in rows
        if row.channels
    ]
    return _join(parts)


def _describe_stem_file(
    path: Path, root: Path, place: Place, row: ManifestRow | None, fallback_type: FallbackType
) -> Described:
    """The manifest speaks of all four parts, and so not of their types, but for leaving all of them out."""
    if row is not None and row.not_a_stem is not None:
        return _leave_out(row.not_a_stem)
    names = read_part_names(path)
    parts = []
    for part in STEM_FILE_PARTS:
        name = names[part - 1] if part <= len(names) else ""
        named = replace(place, type=type_from_name(PurePath(name)) if name else None, source="name")
        about_all = replace(row, type=None) if row else None
        parts.append(_describe_part(path, root, named, about_all, part, fallback_type))
    return _join(parts)


def _leave_out(called: str) -> Described:
    return Described(reasons=(f"the manifest calls it {called}, which is no stem type",))


def _join(parts: Sequence[Described]) -> Described:
    return Described(
        tuple(entry for each in parts for entry in each.entries),
        tuple(dict.fromkeys(reason for each in parts for reason in each.reasons)),
    )


def _describe_part(  # noqa: PLR0917 - all that is known of it
    path: Path, root: Path, place: Place, row: ManifestRow | None, part: int, fallback_type: FallbackType
) -> Described:
    if row is not None and row.not_a_stem is not None:
        return _leave_out(row.not_a_stem)
    facts = facts_from_name(path.relative_to(root))
    said = _choose_type(row, place) or fallback_type(path, part)
    if said is None:
        return Described(reasons=(NO_TYPE,))
    song_folder = root / row.song if row and row.song else place.song_folder
    entry = StemEntry(
        path=path,
        root=root,
        song=row.song if row and row.song else song_folder.name,
        song_folder=song_folder,
        type=said.type,
        type_source=said.source,
        licence=row.licence if row else None,
        tags=row.tags if row else (),
        type_confidence=said.confidence,
        part=part,
    )
    return Described((_add_tempo_and_key(entry, row, facts),))


def _choose_type(row: ManifestRow | None, place: Place) -> TypeSaid | None:
    if row is not None and row.type is not None:
        return TypeSaid(row.type, "manifest")
    if place.type is not None:
        return TypeSaid(place.type, place.source)
    return None


def _add_tempo_and_key(entry: StemEntry, row: ManifestRow | None, facts: NameFacts) -> StemEntry:
    if row is not None and row.bpm is not None:
        entry = replace(entry, bpm=row.bpm)
    elif facts.bpm is not None:
        entry = replace(entry, bpm=facts.bpm, bpm_source="name")
    if row is not None and row.key is not None:
        entry = replace(entry, key=key_name(row.key))
    elif facts.key is not None:
        entry = replace(entry, key=str(facts.key), key_source="name")
    return entry if facts.loop is None else replace(entry, kind="loop" if facts.loop else "one-shot")


def is_called_a_mix(path: Path) -> bool:
    """Whether the file's name says that it is a whole song, of which a type must not be guessed."""
    words = f" {' '.join(_WORD.findall(path.stem.lower()))} "
    return any(f" {phrase} " in words for phrase in NOT_STEMS)


def key_name(text: str) -> str:
    """The catalogue's name of a key, "A minor"; what is no key stays as it was written."""
    key = parse_key(text)
    return text if key is None else str(key)
