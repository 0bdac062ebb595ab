"""Put the outside world's names on stem types: data sets, General MIDI, and what people call their files."""

import re
from collections.abc import Iterator, Mapping
from enum import IntEnum
from functools import cache, lru_cache
from pathlib import PurePath

from audio.stems import StemType
from audio.words import HINTS, INSTRUMENTS, KINDS, MEANINGLESS, NOT_STEMS

MUSDB18: Mapping[str, StemType] = {
    "drums": StemType.DRUMS,
    "bass": StemType.BASS,
    "vocals": StemType.VOCALS,
    "other": StemType.OTHER,
}

MOISESDB: Mapping[str, StemType] = {
    "vocals": StemType.VOCALS,
    "bass": StemType.BASS,
    "drums": StemType.DRUMS,
    "percussion": StemType.DRUMS,
    "guitar": StemType.GUITAR,
    "other_plucked": StemType.GUITAR,
    "piano": StemType.KEYS,
    "other_keys": StemType.KEYS,
    "bowed_strings": StemType.STRINGS,
    "wind": StemType.WIND,
    "other": StemType.OTHER,
}

SLAKH: Mapping[str, StemType] = {
    "Piano": StemType.KEYS,
    "Chromatic Percussion": StemType.KEYS,
    "Organ": StemType.KEYS,
    "Guitar": StemType.GUITAR,
    "Bass": StemType.BASS,
    "Strings": StemType.STRINGS,
    "Strings (continued)": StemType.STRINGS,
    "Ensemble": StemType.STRINGS,
    "Brass": StemType.WIND,
    "Reed": StemType.WIND,
    "Pipe": StemType.WIND,
    "Synth Lead": StemType.SYNTH,
    "Synth Pad": StemType.SYNTH,
    "Synth Effects": StemType.SYNTH,
    "Ethnic": StemType.OTHER,
    "Percussive": StemType.DRUMS,
    "Drums": StemType.DRUMS,
    "Sound Effects": StemType.OTHER,
}
"""Slakh2100's `inst_class` of a stem in its metadata.yaml."""

# The 16 families of eight programs, and the programs that are not what their family is.
_MIDI_FAMILIES = (
    *(StemType.KEYS, StemType.KEYS, StemType.KEYS, StemType.GUITAR),
    *(StemType.BASS, StemType.STRINGS, StemType.STRINGS, StemType.WIND),
    *(StemType.WIND, StemType.WIND, StemType.SYNTH, StemType.SYNTH),
    *(StemType.SYNTH, StemType.GUITAR, StemType.DRUMS, StemType.OTHER),
)
_MIDI_EXCEPTIONS: Mapping[int, StemType] = {
    22: StemType.WIND,  # harmonica
    47: StemType.DRUMS,  # timpani
    50: StemType.SYNTH,  # synth strings 1
    51: StemType.SYNTH,  # synth strings 2
    52: StemType.VOCALS,  # choir aahs
    53: StemType.VOCALS,  # voice oohs
    54: StemType.VOCALS,  # synth voice
    55: StemType.OTHER,  # orchestra hit
    62: StemType.SYNTH,  # synth brass 1
    63: StemType.SYNTH,  # synth brass 2
    108: StemType.KEYS,  # kalimba
    109: StemType.WIND,  # bagpipe
    110: StemType.STRINGS,  # fiddle
    111: StemType.WIND,  # shanai
    114: StemType.OTHER,  # steel drums are tuned
}

_TOKEN = re.compile(r"[^\W\d_]+|\d+|&")
_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")  # LeadVox, EGtr, but BGVs
# MoisesDB names its files by UUID, where "-bd07-" is no bass drum.
_MACHINE_NAME = re.compile(
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{16,}\b", re.IGNORECASE
)


class _Strength(IntEnum):
    NOTHING = 0
    HINT = 1
    KIND = 2
    INSTRUMENT = 3
    NOT_A_STEM = 4


_Meaning = tuple[_Strength, StemType | None]


def type_from_general_midi(program: int) -> StemType:
    """Type of a General MIDI program, 0 to 127; whether a channel is the drums' is the caller's to know."""
    if not 0 <= program < 8 * len(_MIDI_FAMILIES):
        raise ValueError(f"There is no General MIDI program {program}. Programs go from 0 to 127.")
    return _MIDI_EXCEPTIONS.get(program, _MIDI_FAMILIES[program // 8])


def type_from_name(path: PurePath) -> StemType | None:
    """Type that a file's name tells, else the nearest folder's; None if none does or it is a mix.

    Give a path relative to the library: a folder above it ("/home/keys/…") says nothing about a stem.
    """
    hint: StemType | None = None
    for name in (path.stem, *(folder.name for folder in path.parents)):
        strength, stem_type = _read_name(name)
        if strength >= _Strength.KIND:
            return stem_type
        hint = hint or stem_type
    return hint


@lru_cache(maxsize=4096)  # folders' names come again with every file in them
def _read_name(name: str) -> _Meaning:
    """The strongest meaning in `name`; of equals the last, as in "Piano Man - drums"."""
    best: _Meaning = (_Strength.NOTHING, None)
    for meaning in _find_meanings(_split_words(name)):
        if meaning[0] >= best[0]:
            best = meaning
    return best


def _split_words(name: str) -> list[str]:
    spaced = _CAMEL_CASE.sub(" ", _MACHINE_NAME.sub(" ", name))
    return [token.lower() for token in _TOKEN.findall(spaced)]


def _find_meanings(words: list[str]) -> Iterator[_Meaning]:
    """Meanings of the phrases in `words`, the longest at each place, none within another."""
    phrases, longest = _phrases(), _longest_phrase()
    start = 0
    while start < len(words):
        for end in range(min(start + longest, len(words)), start, -1):
            phrase = tuple(words[start:end])
            meaning = phrases.get(phrase) or phrases.get((*phrase[:-1], phrase[-1].removesuffix("s")))
            if meaning is not None:
                yield meaning
                start = end
                break
        else:
            start += 1


@cache
def _longest_phrase() -> int:
    return max(len(phrase) for phrase in _phrases())


@cache
def _phrases() -> Mapping[tuple[str, ...], _Meaning]:
    nothing: _Meaning = (_Strength.NOTHING, None)
    not_a_stem: _Meaning = (_Strength.NOT_A_STEM, None)
    known = {tuple(phrase.split()): nothing for phrase in MEANINGLESS}
    known |= {tuple(phrase.split()): not_a_stem for phrase in NOT_STEMS}
    tables = ((_Strength.INSTRUMENT, INSTRUMENTS), (_Strength.KIND, KINDS), (_Strength.HINT, HINTS))
    for strength, table in tables:
        for stem_type, phrases in table.items():
            known |= {tuple(phrase.split()): (strength, stem_type) for phrase in phrases}
    return known
