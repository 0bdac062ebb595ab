"""What the name of a sample-pack file says: type, tempo, key, and whether it is a loop."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from audio.key_names import Key, parse_key
from audio.labels import type_from_name
from audio.stems import StemType

SLOWEST_BPM, FASTEST_BPM = 40.0, 300.0
# A number without "bpm" may be a take: believed only in nearly all packs' range, beside a key or "loop".
SLOWEST_BARE_BPM, FASTEST_BARE_BPM = 60, 200

# A number after one of these counts something, or is part of an instrument's name.
NO_TEMPO_AFTER = frozenset({
    "take", "tk", "no", "nr", "num", "vol", "volume", "part", "pt", "track", "trk", "mic", "layer", "v",
    "ver", "version", "vel", "velocity", "rr", "round", "bar", "bars", "bank", "kit", "pack", "preset",
    "disc", "cd", "juno", "sh", "tr", "tb", "dx", "jx", "mpc", "ms", "cr", "sp", "cs", "op", "jp", "mc", "rz",
    "sk", "hr", "jupiter", "prophet", "model", "studio", "room", "area", "route", "level",
})  # fmt: skip
# A number before one of these measures something else.
NO_TEMPO_BEFORE = frozenset({
    "bit", "bits", "k", "khz", "hz", "kbps", "ms", "sec", "secs", "seconds", "s", "st", "semitones", "cents",
    "bar", "bars", "beat", "beats", "db", "percent", "inch", "in", "th", "nd", "rd", "kb", "mb", "steps",
})  # fmt: skip
LOOP_WORDS = frozenset({"loop", "loops", "drumloop", "drumloops", "toploop", "bassloop", "lp", "looped"})
ONE_SHOT_WORDS = frozenset({"oneshot", "oneshots", "hit", "hits", "1shot", "1shots"})
FOLDERS_READ = 2

_BPM = r"(?P<bpm>\d{2,3}(?:[.,]\d{1,3})?)"
_SAID_BPM = (
    re.compile(rf"(?<![\d.,]){_BPM}[\s_-]*bpm(?![a-z])", re.IGNORECASE),
    re.compile(rf"(?<![a-z])(?:bpm|tempo)[\s_-]*{_BPM}(?![\d])", re.IGNORECASE),
)
# A capital letter, or any letter before a whole word: "Am" is a key and "am" a word, "gmin" a key.
_KEY = re.compile(
    r"(?<![A-Za-z#♯♭])(?:"
    r"[A-G][\s_-]?(?:#|♯|b|♭|sharp|flat)?m|"
    r"[A-Ga-g][\s_-]?(?:#|♯|b|♭|[Ss]harp|[Ff]lat)?[\s_-]?(?:[Mm]inor|[Mm]ajor|[Mm]in|[Mm]aj|MIN|MAJ|MINOR|MAJOR)"
    r")(?![A-Za-z0-9#])"
)
_TOKEN = re.compile(r"[^\W_]+(?:[#♯][^\W_]*)?")
_CAMELOT = re.compile(r"0?[1-9][AB]|1[0-2][AB]")
_KEY_MARK = "♪"
_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ONE_SHOT = re.compile(r"(?:one|1)[\s_-]*shots?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What a name says; None where it says nothing."""

    type: StemType | None = None
    bpm: float | None = None
    key: Key | None = None
    loop: bool | None = None  # False: a one-shot


def facts_from_name(path: PurePath) -> NameFacts:
    """Facts in the name of `path`, given relative to the library: a folder above it says nothing of a stem.

    A note without a mode ("Bass_C") is no key: packs write it for the root of minor loops too.
    """
    folders = [folder.name for folder in path.parents][:FOLDERS_READ]
    key, key_text = _find_key(path.stem)
    loop = next((said for name in (path.stem, *folders) if (said := _says_loop(name)) is not None), None)
    bpm = next((bpm for name in (path.stem, *folders) if (bpm := _find_said_bpm(name)) is not None), None)
    if bpm is None and loop is not False:
        bpm = _find_bare_bpm(path.stem, key_text, is_loop=loop is True)
    if key is None:
        key = _find_camelot(path.stem, bpm)
    return NameFacts(type_from_name(path), bpm, key, loop)


def _find_key(name: str) -> tuple[Key | None, str]:
    """The first key that stands in `name`, and its text."""
    for found in _KEY.finditer(name):
        key = parse_key(found[0])
        if key is not None:
            return key, found[0]
    return None, ""


def _find_said_bpm(name: str) -> float | None:
    for pattern in _SAID_BPM:
        for found in pattern.finditer(name):
            bpm = float(found["bpm"].replace(",", "."))
            if SLOWEST_BPM <= bpm <= FASTEST_BPM:
                return bpm
    return None


def _find_bare_bpm(name: str, key_text: str, *, is_loop: bool) -> float | None:
    """The one number in `name` that can be a tempo; of several, the one that stands beside the key."""
    if not is_loop and not key_text:
        return None
    marked = name.replace(key_text, f" {_KEY_MARK} ", 1) if key_text else name
    words = [word.lower() for word in re.findall(rf"{_KEY_MARK}|[^\W_]+", marked)]
    numbers = dict(_possible_tempi(words))
    if not numbers:
        return None
    beside = [bpm for place, bpm in numbers.items() if _KEY_MARK in words[max(place - 1, 0) : place + 2]]
    chosen = set(beside) or set(numbers.values())
    return float(chosen.pop()) if len(chosen) == 1 else None


def _possible_tempi(words: list[str]) -> Iterator[tuple[int, int]]:
    """Places and values of the words that are a number in the range, and neither count nor measure."""
    for place, word in enumerate(words):
        if not word.isdecimal() or word.startswith("0"):
            continue
        before = words[place - 1] if place else ""
        after = words[place + 1] if place + 1 < len(words) else ""
        if before in NO_TEMPO_AFTER or after in NO_TEMPO_BEFORE:
            continue
        if len(word) <= 3 and SLOWEST_BARE_BPM <= int(word) <= FASTEST_BARE_BPM:  # noqa: PLR2004 - digits
            yield place, int(word)


def _find_camelot(name: str, bpm: float | None) -> Key | None:
    """A Camelot key such as 8A, only right beside the tempo: elsewhere it is a take or a version."""
    tokens = _TOKEN.findall(name)
    for place, token in enumerate(tokens):
        neighbours = {re.sub(r"(?i)bpm", "", near) for near in tokens[max(place - 1, 0) : place + 2]}
        if bpm is not None and f"{bpm:g}" in neighbours and _CAMELOT.fullmatch(token):
            return parse_key(token)
    return None


def _says_loop(name: str) -> bool | None:
    words = {word.lower() for word in re.findall(r"[^\W\d_]+", _CAMEL_CASE.sub(" ", name))}
    if _ONE_SHOT.search(name) or words & ONE_SHOT_WORDS:
        return False
    return True if words & LOOP_WORDS else None
