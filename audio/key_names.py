"""The 24 keys, the ways people write them, and which of them go together."""

import re
from dataclasses import dataclass

TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}
_FIFTH = 7

_WRITTEN = re.compile(
    r"(?P<note>[A-Ga-g])[\s_-]*(?P<accidental>#|♯|b|♭|(?i:sharp|flat))?[\s_:-]*"
    r"(?P<mode>M|(?i:major|maj|dur)|m|(?i:minor|min|mol{1,2}))?"
)
_CAMELOT = re.compile(r"(?P<number>0?[1-9]|1[0-2])(?P<mode>[ABab])")
_OPEN_KEY = re.compile(r"(?P<number>0?[1-9]|1[0-2])(?P<mode>[DMdm])")


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A tonic, 0 (C) to 11 (B), and a mode; written one way only, with sharps: "A minor", "C# major"."""

    tonic: int
    minor: bool

    def __post_init__(self) -> None:
        if not 0 <= self.tonic < len(TONICS):
            raise ValueError(f"There is no tonic {self.tonic}. Tonics go from 0 (C) to 11 (B).")

    def __str__(self) -> str:
        return f"{TONICS[self.tonic]} {'minor' if self.minor else 'major'}"


def parse_key(text: str) -> Key | None:
    """The key that `text` names; None if it names none.

    "Am", "A minor", "Bbmaj", "f#" (major where no mode is said), Camelot's "8A" and Open Key's "1m".
    """
    text = text.strip()
    if wheel := _CAMELOT.fullmatch(text):  # 8A is A minor, 8B C major
        return _on_the_wheel(int(wheel["number"]) - 8, minor=wheel["mode"] in "Aa")
    if wheel := _OPEN_KEY.fullmatch(text):  # 1m is A minor, 1d C major
        return _on_the_wheel(int(wheel["number"]) - 1, minor=wheel["mode"] in "Mm")
    written = _WRITTEN.fullmatch(text)
    if written is None:
        return None
    shift = _ACCIDENTALS[(written["accidental"] or "").lower()] if written["accidental"] else 0
    mode = written["mode"] or "M"
    minor = mode == "m" or mode.lower().startswith(("mi", "mo"))
    return Key((_NATURALS[written["note"].upper()] + shift) % 12, minor)


def compatible_keys(key: Key) -> frozenset[Key]:
    """Keys that mix well with `key`: itself, its relative, and a fifth up and down (Camelot's neighbours)."""
    relative = Key((key.tonic + (3 if key.minor else -3)) % 12, not key.minor)
    fifths = (Key((key.tonic + step) % 12, key.minor) for step in (_FIFTH, -_FIFTH))
    return frozenset((key, relative, *fifths))


def _on_the_wheel(fifths: int, *, minor: bool) -> Key:
    return Key(((9 if minor else 0) + _FIFTH * fifths) % 12, minor)
