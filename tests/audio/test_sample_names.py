"""What names of sample packs say, and what only looks like a tempo or a key."""

from pathlib import PurePath

import pytest

from audio.sample_names import NameFacts, facts_from_name
from audio.stems import StemType


def _read(name: str) -> NameFacts:
    return facts_from_name(PurePath(name))


@pytest.mark.parametrize(
    ("name", "stem_type", "bpm", "key", "loop"),
    [
        ("Artist_Bass_Loop_120_Am.wav", StemType.BASS, 120, "A minor", True),
        ("KSHMR_Kick_01.wav", StemType.DRUMS, None, None, None),
        ("90bpm_Gmin_guitar.wav", StemType.GUITAR, 90, "G minor", None),
        ("Synth Pad 128 F#min.wav", StemType.SYNTH, 128, "F# minor", None),
        ("DRUMLOOP-174BPM.wav", StemType.DRUMS, 174, None, True),
        ("CYM_Vocal_Loop_140_BPM_C#_Min.wav", StemType.VOCALS, 140, "C# minor", True),
        ("lead guitar (87.5 bpm) Bb major.flac", StemType.GUITAR, 87.5, "A# major", None),
        ("piano - BPM 75 - D maj.wav", StemType.KEYS, 75, "D major", None),
        ("Loops/Rhodes_92_Ebmaj.wav", StemType.KEYS, 92, "D# major", True),
        ("House 125bpm/Bass 3.wav", StemType.BASS, 125, None, None),
        ("One Shots/Snare 110.wav", StemType.DRUMS, None, None, False),
        ("TopLoop_126.wav", None, 126, None, True),
        ("128_8A_violin_loop.wav", StemType.STRINGS, 128, "A minor", True),
        ("cello loop 100bpm 10B.wav", StemType.STRINGS, 100, "D major", True),
        ("flute_loop_96_a minor.wav", StemType.WIND, 96, "A minor", True),
        ("bass_oneshot_G minor.wav", StemType.BASS, None, "G minor", False),
        ("drums.wav", StemType.DRUMS, None, None, None),
    ],
)
def test_a_name_gives_type_tempo_key_and_loop(
    name: str, stem_type: StemType | None, bpm: float | None, key: str | None, loop: bool | None
) -> None:
    facts = _read(name)
    assert (facts.type, facts.bpm, facts.loop) == (stem_type, bpm, loop)
    assert (None if facts.key is None else str(facts.key)) == key


@pytest.mark.parametrize(
    "name",
    [
        "Bass_Loop_24bit.wav",
        "Bass Loop 96 kHz.wav",
        "Bass_Loop_44100.wav",
        "Bass_Loop_192k.wav",
        "bass loop 64 bars.wav",
        "Bass Loop Take 104.wav",
        "Juno 106 loop.wav",
        "TR 808 loop.wav",
        "808_loop.wav",
        "909 Loop.wav",
        "Linn 707 loop.wav",
        "drum loop 1999.wav",
        "2024 bass loop.wav",
        "loop_120/kick.wav",
        "drumloop_001.wav",
        "drumloop_090.wav",
        "Kick_100.wav",
        "Snare 174.wav",
        "V120_loop.wav",
        "loop 35.wav",
        "bass 500bpm.wav",
        "loop 20bpm.wav",
        "loop 100 120.wav",
        "M1 piano loop.wav",
    ],
)
def test_a_number_that_is_no_tempo_is_not_taken_for_one(name: str) -> None:
    assert _read(name).bpm is None


@pytest.mark.parametrize(
    "name",
    [
        "I am bass.wav",
        "3AM loop 120.wav",
        "AM radio.wav",
        "Gate synth.wav",
        "Am7 chord guitar.wav",
        "Bass_C.wav",
        "kick A.wav",
        "em drums.wav",
        "Part 2B.wav",
        "Take 8A.wav",
        "Ebmajestic.wav",
        "Gminus.wav",
        "12cm.wav",
        "DMX drums.wav",
        "Beminor.wav",
        "E_Piano.wav",
        "b roll vocals.wav",
    ],
)
def test_letters_that_are_no_key_are_not_taken_for_one(name: str) -> None:
    assert _read(name).key is None


@pytest.mark.parametrize(
    ("name", "bpm"),
    [
        ("loop_2_120.wav", 120),
        ("Bass_Loop_100_120_Am.wav", 120),
        ("Bass_120_Am_Loop_90.wav", 120),
        ("120_loop_24bit_48khz.wav", 120),
        ("808_Loop_140_Fm.wav", 140),
        ("TR-909 loop 130.wav", 130),
        ("2019_Drum_Loop_110bpm_03.wav", 110),
        ("loop 92,5bpm.wav", 92.5),
        ("bpm90 01 drums.wav", 90),
        ("tempo_101 organ.wav", 101),
        ("Kick_150BPM.wav", 150),
    ],
)
def test_the_tempo_is_found_among_other_numbers(name: str, bpm: float) -> None:
    assert _read(name).bpm == bpm


@pytest.mark.parametrize(
    ("name", "loop"),
    [
        ("bass LOOP.wav", True),
        ("BassLoop.wav", True),
        ("Loops/bass.wav", True),
        ("pack/One-Shots/bass.wav", False),
        ("Loops/bass one shot.wav", False),
        ("1shot_bass.wav", False),
        ("orchestra hit.wav", False),
        ("Fruit Loopy/bass.wav", None),
        ("loops/a/b/c/bass.wav", None),
    ],
)
def test_the_name_then_the_nearest_folders_say_whether_it_is_a_loop(name: str, loop: bool | None) -> None:
    assert _read(name).loop is loop


def test_what_stands_in_a_name_is_believed_before_its_folder() -> None:
    assert _read("Pack 120bpm/bass 100bpm.wav").bpm == 100


def test_a_one_shots_number_is_no_tempo_unless_it_says_so() -> None:
    assert _read("bass one shot 120 Am.wav").bpm is None
    assert _read("bass one shot 120bpm Am.wav").bpm == 120
