"""Which type an instrument is. Names are of the kinds that composers write; no library is needed."""

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType
from audio.windows import WINDOW_SAMPLES
from model.render.module_types import (
    GUESSED_TYPES,
    MOST_WINDOWS,
    Told,
    plays_like_drums,
    sounds_like_bass,
    tell_type,
    type_from_instrument_name,
)
from model.render.openmpt import Instrument
from tests.model.multitracks import tone

MELODY = (60, 62, 64, 65) * 4
LOW, HIGH = tone(80.0, 12 * SAMPLE_RATE), tone(600.0, 12 * SAMPLE_RATE)


class Guesser:
    """Guesses wind, and remembers of what."""

    def __init__(self) -> None:
        self.asked: list[NDArray[np.float32]] = []

    def __call__(self, windows: NDArray[np.float32]) -> StemType:
        self.asked.append(windows)
        return StemType.WIND


@pytest.mark.parametrize(
    "name",
    [
        "kick", "BD.01", "bassdrum", "Bass Drum", "b.drum", "Bass-Drum 2", "Drum.Bass.Deep", "SNARE2",
        "hihat", "Hi-Hat open", "open hat", "closed hihat", "ravedrum", "techsnare:*", "st-10:clap",
        "rimshot", "Percu4", "cymbal", "kick.wav", "c:\\samples\\snare.iff", "drums/loop", "tranzhihat",
    ],
)  # fmt: skip
def test_names_of_drums(name: str) -> None:
    assert type_from_instrument_name(name) is StemType.DRUMS


@pytest.mark.parametrize(
    "name",
    [
        "bass", "Slap Bass", "BASS2.smp", "quickfroggiebass.xi", "bassguitar", "bassy", "SynthBass",
        "contrabass",
    ],
)  # fmt: skip
def test_names_of_basses(name: str) -> None:
    assert type_from_instrument_name(name) is StemType.BASS


@pytest.mark.parametrize(
    ("name", "stem_type"),
    [
        ("Bassoon", StemType.WIND),
        ("acoustic-guitar:maz", StemType.GUITAR),
        ("DistGuitar", StemType.GUITAR),
        ("teapiano", StemType.KEYS),
        ("SynthOrgan.Loop", StemType.KEYS),
        ("lowsynthstrings:*", StemType.STRINGS),
        ("Choir4.pat", StemType.VOCALS),
        ("lead", StemType.SYNTH),
    ],
)
def test_names_of_other_instruments(name: str, stem_type: StemType) -> None:
    assert type_from_instrument_name(name) is stem_type


@pytest.mark.parametrize(
    "name",
    [
        "", "...", "/", "greetings to Bass", "Song and vocals by", "thanks Snare", "- for the drum crew",
        "1992", "sample 12", "Drum & Bass", "embassy", "sfx283.wav", "this is my piano",
    ],
)  # fmt: skip
def test_names_that_name_nothing_for_certain(name: str) -> None:
    assert type_from_instrument_name(name) is None


@pytest.mark.parametrize(
    ("pitches", "drums"),
    [((60,) * 12, True), ((60, 67) * 6, True), ((60,) * 11, False), ((60, 62, 64) * 9, False), ((), False)],
)
def test_what_plays_often_and_moves_little_is_drums(pitches: tuple[int, ...], drums: bool) -> None:
    assert plays_like_drums(Instrument(1, "", pitches)) is drums


@pytest.mark.parametrize("name", ["Accord.Major", "chord 2", "minor"])
def test_a_sampled_chord_is_no_drum(name: str) -> None:
    assert not plays_like_drums(Instrument(1, name, (60,) * 40))


@pytest.mark.parametrize(
    ("sound", "bass"),
    [
        (LOW, True),
        (HIGH, False),
        (LOW + 0.5 * HIGH, True),
        (0.5 * LOW + HIGH, False),
        (np.zeros(SAMPLE_RATE, np.float32), False),
    ],
    ids=["low", "high", "mostly low", "mostly high", "silence"],
)
def test_what_is_mostly_low_is_a_bass(sound: Waveform, bass: bool) -> None:
    assert sounds_like_bass(sound) is bass


def test_a_name_says_more_than_how_it_plays_and_sounds() -> None:
    guesser = Guesser()
    told = tell_type(Instrument(1, "piano", (60,) * 30), LOW, guesser)
    assert told == Told(StemType.KEYS, "name")
    assert not guesser.asked


def test_without_a_name_notes_tell() -> None:
    assert tell_type(Instrument(1, "", (36,) * 30), LOW, Guesser()) == Told(StemType.DRUMS, "notes")


def test_without_a_name_and_notes_the_sound_tells() -> None:
    assert tell_type(Instrument(1, "hello world", MELODY), LOW, Guesser()) == Told(StemType.BASS, "sound")


def test_else_it_is_guessed_from_a_few_audible_windows() -> None:
    guesser = Guesser()
    sound = np.concatenate([np.zeros(WINDOW_SAMPLES, np.float32), tone(600.0, 7 * WINDOW_SAMPLES)])
    assert tell_type(Instrument(1, "", MELODY), sound, guesser) == Told(StemType.WIND, "guess")
    (windows,) = guesser.asked
    assert windows.shape == (MOST_WINDOWS, WINDOW_SAMPLES)
    assert np.abs(windows[0]).max() > 0.01


def test_without_a_guess_it_is_other() -> None:
    assert tell_type(Instrument(1, "", MELODY), HIGH) == Told(StemType.OTHER, "nothing")


def test_what_cannot_be_heard_is_not_guessed() -> None:
    silence = np.zeros(10 * SAMPLE_RATE, np.float32)
    guesser = Guesser()
    assert tell_type(Instrument(1, "", MELODY), silence, guesser) == Told(StemType.OTHER, "nothing")
    assert not guesser.asked


def test_only_types_that_notes_and_sound_do_not_tell_are_guessed() -> None:
    assert not {StemType.DRUMS, StemType.BASS, StemType.OTHER} & set(GUESSED_TYPES)
    assert len(GUESSED_TYPES) == len(set(GUESSED_TYPES)) == len(StemType) - 3
