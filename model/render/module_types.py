"""Which stem type an instrument of a module is: by its name, how it plays, how it sounds, else by a guess."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE, Waveform
from audio.labels import type_from_name
from audio.stems import StemType
from audio.windows import WINDOW_SECONDS, cut_windows
from model.render.openmpt import Instrument

# From audible windows [B, WINDOW_SAMPLES] to a type.
Guess = Callable[[NDArray[np.float32]], StemType]

# A guess knows drums and bass less well than notes and sound tell them, and OTHER helps nobody.
GUESSED_TYPES = (
    StemType.GUITAR,
    StemType.KEYS,
    StemType.STRINGS,
    StemType.WIND,
    StemType.SYNTH,
    StemType.VOCALS,
)
DRUM_PITCHES, DRUM_NOTES = 2, 12
BASS_HERTZ, BASS_SHARE = 160.0, 0.5
MOST_WINDOWS = 4

# Composers write to their listeners where names of instruments stand: "greets to Bass" names none.
_PROSE = re.compile(
    r"\b(about|are|be|by|for|from|greets?|greetings|greetz|hello|in|is|it|it's|made|me|module|music|my|not|"
    r"of|please|song|thanks?|thanx|that|the|this|to|use|used|was|with|written|you|your)\b",
    re.IGNORECASE,
)
# Packs name by kind and instrument, "Drum.Bass.Deep": the last word that is known would be a bass.
_BASS_DRUM = re.compile(r"\bdrums?[\s._-]+bass\b", re.IGNORECASE)
# Words written as one, "ravedrum", "techsnare", "bassguitar": by how a word ends, else by how it begins.
_ENDINGS = (
    (re.compile(r".(drums?|kick|snares?|hihats?|hhat|clap|cymbal)$"), StemType.DRUMS),
    (re.compile(r"(.bass|bassguitar)$"), StemType.BASS),
    (re.compile(r".guitar$"), StemType.GUITAR),
    (re.compile(r".piano$"), StemType.KEYS),
    (re.compile(r".strings$"), StemType.STRINGS),
)
_BEGINNINGS = (
    (re.compile(r"(bassdr|bdrum|snare|hihat|cymb).|percu"), StemType.DRUMS),
    (re.compile(r"bass."), StemType.BASS),
)
_CHORD = re.compile(r"chord|accord|major|minor", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Told:
    """A type, and what told it: `name`, `notes`, `sound`, `guess` or, where there is none, `nothing`."""

    stem_type: StemType
    by: str


def tell_type(instrument: Instrument, sound: Waveform, guess: Guess | None = None) -> Told:
    """Type of an instrument that sounds like [T] when it plays alone."""
    if (named := type_from_instrument_name(instrument.name)) is not None:
        return Told(named, "name")
    if plays_like_drums(instrument):
        return Told(StemType.DRUMS, "notes")
    if sounds_like_bass(sound):
        return Told(StemType.BASS, "sound")
    windows = cut_windows(sound, WINDOW_SECONDS).samples[:MOST_WINDOWS]
    if guess is None or not len(windows):
        return Told(StemType.OTHER, "nothing")
    return Told(guess(windows), "guess")


def type_from_instrument_name(name: str) -> StemType | None:
    """Type that the name of an instrument says; None for free text, and for names of no certain type."""
    if _PROSE.search(name):
        return None
    plain = _BASS_DRUM.sub("bassdrum", name)
    # Neither a folder nor a suffix of a file is meant by these.
    plain = re.sub(r"[/\\.]+", " ", plain)
    known = type_from_name(PurePath(plain))
    if known is StemType.OTHER:
        return None
    return known or _type_from_compound(plain)


def plays_like_drums(instrument: Instrument) -> bool:
    """Whether it plays often, and always the same: a melody moves. Sampled chords need not."""
    if _CHORD.search(instrument.name):
        return False
    return len(set(instrument.pitches)) <= DRUM_PITCHES and len(instrument.pitches) >= DRUM_NOTES


def sounds_like_bass(sound: Waveform) -> bool:
    """Whether most of the energy of [T] lies below `BASS_HERTZ`."""
    power = np.abs(np.fft.rfft(sound)) ** 2
    low = power[: int(np.ceil(BASS_HERTZ * len(sound) / SAMPLE_RATE))]
    return bool(low.sum() > BASS_SHARE * power.sum())


def _type_from_compound(name: str) -> StemType | None:
    words = [word.lower() for word in _WORD.findall(name)]
    for table in (_ENDINGS, _BEGINNINGS):
        for word in reversed(words):
            for pattern, stem_type in table:
                if pattern.search(word) if table is _ENDINGS else pattern.match(word):
                    return stem_type
    return None
