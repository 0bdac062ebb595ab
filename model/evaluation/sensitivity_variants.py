"""The same songs rendered otherwise: folders beside the original in which all are transposed or stretched."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from model.songs import Song, find_songs

Kind = Literal["transpose", "stretch"]

UNCHANGED: dict[Kind, float] = {"transpose": 0.0, "stretch": 1.0}


class MismatchedVariantError(ValueError):
    """A folder that does not hold the same songs, all changed in one and the same way."""


@dataclass(frozen=True, order=True)
class Change:
    """What was done to a song: `transpose` in semitones, or `stretch` as a factor of its length."""

    kind: Kind
    value: float


@dataclass(frozen=True)
class Variants:
    """Songs that exist in every variant, and their renderings in each, in the same order."""

    songs: Sequence[Song]
    changed: dict[Change, Sequence[Song]]


def find_variants(root: Path, folders: Sequence[Path]) -> Variants:
    """Match the songs under `root` by name with those in `folders`; what was changed is read from song.json.

    Raises:
        NoSongsError: a folder holds no songs.
        MismatchedVariantError: a folder shares no song with `root`, is changed in two ways, in none, or not
            by the same in all songs; or two folders are changed alike.
    """
    songs = {song.name: song for song in find_songs(root)}
    changed: dict[Change, dict[str, Song]] = {}
    for folder in folders:
        found = {song.name: song for song in find_songs(folder) if song.name in songs}
        change = _change_of(folder, [(songs[name], song) for name, song in found.items()])
        if change in changed:
            raise MismatchedVariantError(
                f"{folder} is a second folder with {change.kind} {change.value:g}. Give each only once."
            )
        changed[change] = found
    names = [name for name in songs if all(name in found for found in changed.values())]
    if not names:
        raise MismatchedVariantError("No song is in every folder. Render the same MIDI files into each.")
    return Variants(
        [songs[name] for name in names],
        {change: [changed[change][name] for name in names] for change in sorted(changed)},
    )


def _change_of(folder: Path, pairs: Sequence[tuple[Song, Song]]) -> Change:
    changes = {_difference(original, variant) for original, variant in pairs}
    if not changes:
        raise MismatchedVariantError(f"{folder} holds none of the songs. Render the same MIDI files into it.")
    if len(changes) > 1:
        raise MismatchedVariantError(
            f"Songs in {folder} are not all changed alike. Render it with one --transpose or one --stretch."
        )
    semitones, factor = changes.pop()
    if semitones and factor == 1:
        return Change("transpose", semitones)
    if not semitones and factor != 1:
        return Change("stretch", factor)
    raise MismatchedVariantError(
        f"{folder} must be either transposed or stretched; it is changed by {semitones:g} semitones and by a "
        f"factor of {factor:g}."
    )


def _difference(original: Song, variant: Song) -> tuple[float, float]:
    """Semitones and factor of the length, to 1 %: renderers round."""
    first, second = _note(original), _note(variant)
    return second[0] - first[0], round(second[1] / first[1], 2)


def _note(song: Song) -> tuple[float, float]:
    path = next(iter(song.stems.values()))[0].parent / "song.json"
    try:
        note = json.loads(path.read_text())
        return float(note["transpose"]), float(note["stretch"])
    except (OSError, KeyError, ValueError) as error:
        raise MismatchedVariantError(
            f"{path} does not say how the song was rendered. Use folders made by `counterpart model render`."
        ) from error
