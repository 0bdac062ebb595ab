"""Names of the outside world, put on stem types."""

from pathlib import PurePosixPath

import pytest

from audio.labels import MOISESDB, MUSDB18, SLAKH, type_from_general_midi, type_from_name
from audio.stems import STEM_TYPES
from audio.words import HINTS, INSTRUMENTS, KINDS
from tests.data import development_data


def name_type(path: str) -> str | None:
    return type_from_name(PurePosixPath(path))


@pytest.mark.parametrize(
    ("path", "stem_type"),
    [
        ("kick.wav", "drums"),
        ("SNARE_top.wav", "drums"),
        ("Hi-Hat 02.flac", "drums"),
        ("hats.wav", "drums"),
        ("perc loop.wav", "drums"),
        ("OverheadsL.wav", "drums"),
        ("808_Am.wav", "bass"),
        ("Sub 01.wav", "bass"),
        ("LeadVox.wav", "vocals"),
        ("BGVs.wav", "vocals"),
        ("acapella.mp3", "vocals"),
        ("egtr-2.wav", "guitar"),
        ("EGtr.wav", "guitar"),
        ("Rhodes.aif", "keys"),
        ("07 organ.ogg", "keys"),
        ("cellos.wav", "strings"),
        ("violin_solo.wav", "strings"),
        ("brass.wav", "wind"),
        ("AltoSax.wav", "wind"),
        ("flute.wav", "wind"),
        ("warm pad.wav", "synth"),
        ("lead 1.wav", "synth"),
        ("fx riser.wav", "other"),
        ("harmony.wav", "other"),
    ],
)
def test_common_names_tell_the_type(path: str, stem_type: str) -> None:
    assert name_type(path) == stem_type


@pytest.mark.parametrize("stem_type", STEM_TYPES)
def test_a_types_own_name_tells_it_numbered_or_not(stem_type: str) -> None:
    assert name_type(f"song/{stem_type}.opus") == stem_type
    assert name_type(f"song/{stem_type}-2.opus") == stem_type


@pytest.mark.parametrize("name", ["basset.wav", "drummond.wav", "Keystone.wav", "windows.wav", "glass.wav"])
def test_a_word_within_another_word_tells_nothing(name: str) -> None:
    assert name_type(name) is None


@pytest.mark.parametrize("name", ["track 03.wav", "loop.wav", "take_2.wav", "110bpm.wav", "Cmin.wav", ".wav"])
def test_a_name_without_an_instrument_tells_nothing(name: str) -> None:
    assert name_type(name) is None


@pytest.mark.parametrize(
    "path",
    [
        "mix.wav",
        "song/mixture.wav",
        "song/mix-minus-guitar.opus",
        "Bass Song (Master).wav",
        "drums mixdown.wav",
        "My Song Instrumental.mp3",
        "keys/mixes/01.wav",
    ],
)
def test_a_mix_is_no_stem_whatever_else_its_name_says(path: str) -> None:
    assert name_type(path) is None


@pytest.mark.parametrize(
    ("name", "stem_type"),
    [
        ("bass drum.wav", "drums"),
        ("BassDrum_in.wav", "drums"),
        ("bass guitar.wav", "bass"),
        ("double bass.wav", "bass"),
        ("Bass Clarinet.wav", "wind"),
        ("cow bell.wav", "drums"),
        ("electric piano.wav", "keys"),
        ("pedal steel.wav", "guitar"),
    ],
)
def test_a_phrase_says_more_than_its_words(name: str, stem_type: str) -> None:
    assert name_type(name) == stem_type


@pytest.mark.parametrize(
    ("name", "stem_type"),
    [
        ("synth bass.wav", "bass"),
        ("bass synth.wav", "bass"),
        ("vocal fx.wav", "vocals"),
        ("guitar pad.wav", "guitar"),
        ("lead guitar.wav", "guitar"),
        ("808 snare.wav", "drums"),
        ("harmony vocals.wav", "vocals"),
    ],
)
def test_an_instrument_says_more_than_the_way_it_is_made_or_used(name: str, stem_type: str) -> None:
    assert name_type(name) == stem_type


def test_of_two_instruments_the_last_is_the_stem_and_the_first_the_song() -> None:
    assert name_type("Piano Man - drums.wav") == "drums"
    assert name_type("Drums of Fire - piano.wav") == "keys"


def test_a_genre_is_no_instrument() -> None:
    assert name_type("drum and bass loop.wav") is None
    assert name_type("Drum & Bass/synth.wav") == "synth"


def test_the_file_name_beats_the_folder() -> None:
    assert name_type("Strings of Life/drums/bass.wav") == "bass"
    assert name_type("Guitar Hero/other.wav") == "other"


def test_the_nearest_folder_that_tells_speaks_for_a_nameless_file() -> None:
    assert name_type("Strings of Life/Drums/take 1/03.wav") == "drums"


def test_a_hint_in_the_file_name_gives_way_to_the_folders_instrument() -> None:
    assert name_type("Guitars/lead 1.wav") == "guitar"
    assert name_type("Drums/808 01.wav") == "drums"
    assert name_type("Pack/lead 1.wav") == "synth"


def test_letters_of_a_machine_made_name_tell_nothing() -> None:
    assert name_type("piano/5c0e31f2-bd07-4a1b-9d2c-00sd11.wav".replace("00sd11", "0123456789ab")) == "keys"
    assert name_type("0123bd0123456789abcdef01.wav") is None


def test_every_word_in_the_tables_tells_its_own_type() -> None:
    for table in (INSTRUMENTS, KINDS, HINTS):
        for stem_type, phrases in table.items():
            assert {phrase: name_type(f"{phrase}.wav") for phrase in phrases} == dict.fromkeys(
                phrases, stem_type
            )


def test_no_word_stands_for_two_types() -> None:
    phrases = [
        phrase for table in (INSTRUMENTS, KINDS, HINTS) for words in table.values() for phrase in words
    ]
    assert len(phrases) == len(set(phrases))


def test_musdb18_has_its_four_stems() -> None:
    assert set(MUSDB18) == {"drums", "bass", "vocals", "other"}
    assert all(name == stem_type for name, stem_type in MUSDB18.items())


def test_moisesdb_has_its_eleven_stems() -> None:
    assert len(MOISESDB) == 11
    assert MOISESDB["percussion"] == "drums"
    assert MOISESDB["other_keys"] == "keys"
    assert MOISESDB["bowed_strings"] == "strings"
    assert MOISESDB["other_plucked"] == "guitar"


def test_slakhs_classes_reach_every_type_but_vocals() -> None:
    assert set(SLAKH.values()) == set(STEM_TYPES) - {"vocals"}
    assert SLAKH["Strings (continued)"] == "strings"


@pytest.mark.parametrize(
    ("program", "stem_type"),
    [
        (0, "keys"),
        (16, "keys"),
        (22, "wind"),
        (27, "guitar"),
        (33, "bass"),
        (40, "strings"),
        (47, "drums"),
        (48, "strings"),
        (52, "vocals"),
        (56, "wind"),
        (73, "wind"),
        (81, "synth"),
        (95, "synth"),
        (110, "strings"),
        (118, "drums"),
        (127, "other"),
    ],
)
def test_general_midi_programs_have_the_type_of_their_sound(program: int, stem_type: str) -> None:
    assert type_from_general_midi(program) == stem_type


def test_every_general_midi_program_has_a_type() -> None:
    assert {type_from_general_midi(program) for program in range(128)} == set(STEM_TYPES)


@pytest.mark.parametrize("program", [-1, 128])
def test_there_is_no_other_general_midi_program(program: int) -> None:
    with pytest.raises(ValueError, match="0 to 127"):
        type_from_general_midi(program)


@pytest.mark.development_data
def test_the_names_of_the_real_songs_tell_the_types_they_were_given() -> None:
    real = development_data() / "real"
    stems = [path.relative_to(real) for path in real.rglob("*.opus")]
    told = {path: type_from_name(path) for path in stems}
    expected = {path: None if path.stem.startswith("mix") else path.stem.partition("-")[0] for path in stems}
    assert len(stems) == 128
    assert told == expected
