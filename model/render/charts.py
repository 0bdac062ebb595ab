"""Chord charts of our own: functional harmony walked at random, in song forms. They carry no one's rights."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

PITCH_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
THIRDS_AND_FIFTHS: Mapping[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "M7": (0, 4, 7, 11),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "m7b5": (0, 3, 6, 10),
}
# A degree: semitones above the tonic, triad, seventh chord.
Degree = tuple[int, str, str]


@dataclass(frozen=True)
class Mode:
    """A scale, its degrees by name, and the degrees that may follow each (one named twice is likelier)."""

    name: str
    scale: tuple[int, ...]
    degrees: Mapping[str, Degree]
    follows: Mapping[str, str]


MODES = (
    Mode(
        "major",
        (0, 2, 4, 5, 7, 9, 11),
        {
            "I": (0, "", "M7"),
            "ii": (2, "m", "m7"),
            "iii": (4, "m", "m7"),
            "IV": (5, "", "M7"),
            "iv": (5, "m", "m7"),
            "V": (7, "", "7"),
            "vi": (9, "m", "m7"),
            "V/V": (2, "", "7"),
        },
        {
            "I": "IV V vi vi ii iii IV",
            "ii": "V V V/V IV",
            "iii": "vi IV vi",
            "IV": "V I ii iv V",
            "iv": "I",
            "V": "I I vi IV",
            "vi": "IV ii V IV V/V",
            "V/V": "V",
        },
    ),
    Mode(
        "minor",
        (0, 2, 3, 5, 7, 8, 10),
        {
            "i": (0, "m", "m7"),
            "ii": (2, "m7b5", "m7b5"),
            "III": (3, "", "M7"),
            "iv": (5, "m", "m7"),
            "v": (7, "m", "m7"),
            "V": (7, "", "7"),
            "VI": (8, "", "M7"),
            "VII": (10, "", "7"),
        },
        {
            "i": "iv VI VII VII v VI",
            "ii": "V",
            "III": "VI VII iv",
            "iv": "V VII i v",
            "v": "i VI",
            "V": "i i VI",
            "VI": "VII III iv VII ii",
            "VII": "III i i VI",
        },
    ),
    Mode(
        "dorian",
        (0, 2, 3, 5, 7, 9, 10),
        {
            "i": (0, "m", "m7"),
            "ii": (2, "m", "m7"),
            "III": (3, "", "M7"),
            "IV": (5, "", "7"),
            "v": (7, "m", "m7"),
            "VII": (10, "", "M7"),
        },
        {"i": "IV IV VII ii", "ii": "i III v", "III": "IV VII", "IV": "i i VII", "v": "i IV", "VII": "i IV"},
    ),
    Mode(
        "mixolydian",
        (0, 2, 4, 5, 7, 9, 10),
        {
            "I": (0, "", "7"),
            "ii": (2, "m", "m7"),
            "IV": (5, "", "7"),
            "v": (7, "m", "m7"),
            "VII": (10, "", "M7"),
        },
        {"I": "VII IV v VII", "ii": "VII v", "IV": "I I VII", "v": "IV I", "VII": "IV I I"},
    ),
    Mode(
        "lydian",
        (0, 2, 4, 6, 7, 9, 11),
        {
            "I": (0, "", "M7"),
            "II": (2, "", "7"),
            "iii": (4, "m", "m7"),
            "V": (7, "", "M7"),
            "vi": (9, "m", "m7"),
        },
        {"I": "II II vi iii", "II": "I I V vi", "iii": "vi II", "V": "I vi", "vi": "II V I"},
    ),
    Mode(
        "phrygian",
        (0, 1, 3, 5, 7, 8, 10),
        {
            "i": (0, "m", "m7"),
            "II": (1, "", "M7"),
            "III": (3, "", "7"),
            "iv": (5, "m", "m7"),
            "VI": (8, "", "M7"),
            "vii": (10, "m", "m7"),
        },
        {"i": "II II vii iv", "II": "i i III", "III": "II iv", "iv": "i II", "VI": "II vii", "vii": "i VI"},
    ),
)
FORMS = ("AABA", "ABAB", "ABAC", "AABB", "ABCB", "ABCA", "AAAA", "ABBA")
SECTION_BARS = 8
MODE_SHARES = (0.36, 0.32, 0.1, 0.1, 0.06, 0.06)
START_ON_TONIC = 0.7


@dataclass(frozen=True)
class Chord:
    """A chord of the key: pitch class of its root and one of the qualities above."""

    root: int
    quality: str

    @property
    def name(self) -> str:
        return PITCH_NAMES[self.root] + self.quality

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        return tuple((self.root + interval) % 12 for interval in THIRDS_AND_FIFTHS[self.quality])


@dataclass(frozen=True)
class Chart:
    """A song on paper: for each bar one or two chords and the section (a letter of the form) it is in."""

    key: str
    scale: tuple[int, ...]
    bpm: float
    bars: tuple[tuple[Chord, ...], ...]
    sections: str


def split_bar(chords: tuple[Chord, ...], beats: int) -> list[tuple[float, float, Chord]]:
    """Start and length in beats of each chord of a bar; of two, the second starts on the later whole beat."""
    if len(chords) == 1:
        return [(0.0, float(beats), chords[0])]
    middle = float(-(-beats // 2))
    return [(0.0, middle, chords[0]), (middle, beats - middle, chords[1])]


def compose_chart(generator: np.random.Generator, bpm: float, bars: int) -> Chart:
    """A chart of about `bars` bars (at least one section, never cut within one)."""
    mode = MODES[int(generator.choice(len(MODES), p=MODE_SHARES))]
    tonic = int(generator.integers(12))
    rich = float(generator.choice((0.0, 0.15, 0.85)))
    form = str(generator.choice(FORMS))
    letters = (form * bars)[: max(1, round(bars / SECTION_BARS))]
    written = {letter: _compose_section(mode, tonic, rich, generator) for letter in sorted(set(letters))}
    played = tuple(bar for letter in letters for bar in written[letter])
    scale = tuple(sorted((tonic + step) % 12 for step in mode.scale))
    sections = "".join(letter * SECTION_BARS for letter in letters)
    return Chart(f"{PITCH_NAMES[tonic]} {mode.name}", scale, bpm, played, sections)


def _compose_section(
    mode: Mode, tonic: int, rich: float, generator: np.random.Generator
) -> list[tuple[Chord, ...]]:
    """Eight bars: a phrase of four or two and its answer, which ends in another way."""
    phrase_bars = int(generator.choice((2, 4, 8)))
    split = float(generator.choice((0.0, 0.1, 0.4)))
    degrees = list(mode.degrees)
    degree = degrees[0] if generator.random() < START_ON_TONIC else str(generator.choice(degrees))
    phrase: list[tuple[Chord, ...]] = []
    for _ in range(phrase_bars):
        bar: list[Chord] = []
        for _ in range(2 if generator.random() < split else 1):
            root, triad, seventh = mode.degrees[degree]
            bar.append(Chord((tonic + root) % 12, seventh if generator.random() < rich else triad))
            degree = str(generator.choice(mode.follows[degree].split()))
        phrase.append(tuple(bar))
    return phrase * (SECTION_BARS // phrase_bars)
