"""A data set of multitracks: songs found in a folder, in any of the layouts that the field uses."""

import hashlib
from collections import defaultdict
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from audio.layouts import AUDIO_SUFFIXES, describe_place
from audio.stems import StemType
from model.csv_table import BrokenTableError, read_rows
from model.json_file import BrokenJsonError, read_json_object

NOTE = "song.json"  # what a renderer tells of a song, in its folder
MIX_MINUS = "mix-minus-"
HELD_OUT = 0.08  # share of groups that choose the checkpoint and fit the calibration


class NoSongsError(ValueError):
    """A folder in which no song with two stem types was found, or none to learn from."""


@dataclass(frozen=True)
class Song:
    """A multitrack: the files of one type sum to that type's stem; all files start together."""

    name: str
    group: str  # songs of one source; a split never cuts through a group
    stems: dict[StemType, tuple[Path, ...]]
    without: dict[StemType, tuple[Path, ...]] = field(default_factory=dict)  # mixes that lack a type
    bpm: float | None = None
    source: str = ""  # collection that it comes from
    licence: str = ""

    @property
    def types(self) -> tuple[StemType, ...]:
        return tuple(self.stems)


@dataclass(frozen=True)
class Sides:
    """Songs by what training may do with them."""

    training: list[Song]
    validation: list[Song]
    tests: list[Song]  # a data set's own test set, neither learned from nor held out


def find_songs(root: Path, least_types: int = 2) -> list[Song]:
    """Songs below `root`, sorted by name, in any layout that `audio.layouts` knows.

    `mix-minus-<type>` is everything but that stem; other files whose type nothing tells are left out. A
    `manifest.csv` in `root` with columns `song` and `group` says which songs share a source.

    Raises:
        NoSongsError: no folder holds stems of at least `least_types` types.
        BrokenTableError: `manifest.csv` cannot be read, or has groups of other songs alone.
        BrokenJsonError: what a renderer wrote beside a song's stems cannot be read.
    """
    found: dict[Path, dict[StemType, list[Path]]] = defaultdict(lambda: defaultdict(list))
    lacking: dict[Path, dict[StemType, tuple[Path, ...]]] = defaultdict(dict)
    for path in sorted(root.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
        if hidden or path.suffix.lower() not in AUDIO_SUFFIXES:
            continue
        place = describe_place(path, root)
        folder = place.song_folder
        if path.stem.startswith(MIX_MINUS):
            if (lacked := path.stem.removeprefix(MIX_MINUS)) in set(StemType):
                lacking[folder][StemType(lacked)] = (path,)
        elif place.type is not None:
            found[folder][place.type].append(path)
    groups = _groups(root, {_name(folder, root) for folder in found})
    songs = [_song(folder, root, found[folder], lacking[folder], groups) for folder in sorted(found)]
    songs = [song for song in songs if len({*song.stems, *song.without}) >= least_types or song.without]
    if not songs:
        raise NoSongsError(
            f"No song with {least_types} stem types under {root}. Expected <song>/<type>.<ext>, "
            "for example my-song/drums.wav beside my-song/bass.wav."
        )
    return songs


def split_songs(songs: list[Song], held_out: float) -> tuple[list[Song], list[Song]]:
    """Training and validation songs; a group falls on one side, by a hash of its name, for ever."""
    training: list[Song] = []
    validation: list[Song] = []
    for song in songs:
        digest = hashlib.sha256(song.group.encode()).digest()
        side = validation if int.from_bytes(digest[:4]) / 2**32 < held_out else training
        side.append(song)
    return training, validation


def find_sides(root: Path, held_out: float) -> Sides:
    """Songs below `root` to learn from and to hold out, without the test set that a data set brings along.

    Raises:
        NoSongsError: there are no songs, or all of them are held out.
        BrokenTableError: as `find_songs`.
    """
    songs = find_songs(root)
    left_out = _test_folders(songs)
    tests = [song for song in songs if _folder(song) in left_out]
    training, validation = split_songs([song for song in songs if _folder(song) not in left_out], held_out)
    if not training:
        raise NoSongsError(
            f"All {len(validation)} songs under {root} are held out, as their names decide, and none is left "
            "to learn from. Add songs."
        )
    return Sides(training, validation, tests)


def find_held_out(root: Path) -> list[Song]:
    """The songs below `root` that training holds out: of the same folder, always the same ones.

    Raises:
        NoSongsError: none is held out, or none is left to learn from.
        BrokenTableError: as `find_songs`.
    """
    held_out = find_sides(root, HELD_OUT).validation
    if not held_out:
        raise NoSongsError(f"No song under {root} is held out, as their names decide. Add songs.")
    return held_out


def _test_folders(songs: list[Song]) -> set[PurePath]:
    """Folders `test` that lie beside a folder `train` with songs, as in MUSDB18."""
    return {_folder(song).with_name("test") for song in songs if _folder(song).name == "train"}


def _folder(song: Song) -> PurePath:
    return PurePath(song.name).parent


def _name(folder: Path, root: Path) -> str:
    return str(folder.relative_to(root)) if folder != root else folder.name


def _song(
    folder: Path,
    root: Path,
    stems: dict[StemType, list[Path]],
    without: dict[StemType, tuple[Path, ...]],
    groups: dict[str, str],
) -> Song:
    facts = _facts(folder)
    name = _name(folder, root)
    in_order = {stem_type: tuple(stems[stem_type]) for stem_type in StemType if stem_type in stems}
    bpm = facts.get("bpm")
    return Song(
        name,
        # What was rendered from MIDI names the file that its variants share.
        group=str(facts.get("group", facts.get("midi", groups.get(name, name)))),
        stems=in_order,
        without=without,
        bpm=float(bpm) if bpm else None,
        source=str(facts.get("source", "")),
        licence=str(facts.get("licence", "")),
    )


def _groups(root: Path, names: AbstractSet[str]) -> dict[str, str]:
    """Groups of songs by name, as `manifest.csv` tells them; some of the songs are to be among `names`."""
    manifest = root / "manifest.csv"
    if not manifest.exists():
        return {}
    rows = read_rows(manifest)
    if names and rows and "group" in rows[0] and not any(row.get("song") in names for row in rows):
        raise BrokenTableError(
            f"{manifest} has groups, and its column song names none of the songs here. Write the songs' "
            f"folders there, such as {min(names)}."
        )
    return {row["song"]: row["group"] for row in rows if row.get("song") and row.get("group")}


def _facts(folder: Path) -> dict[str, Any]:
    """What a renderer wrote beside the stems; recordings have none."""
    path = folder / NOTE
    facts = read_json_object(path) if path.exists() else {}
    if not isinstance(facts.get("bpm", 0.0), int | float | None):
        raise BrokenJsonError(f"{path} tells a tempo that is no number: {facts['bpm']!r}. Mend it.")
    return facts
