"""Keys as people write them, and which keys go together."""

import pytest

from audio.key_names import Key, compatible_keys, parse_key

ALL_KEYS = [Key(tonic, minor) for tonic in range(12) for minor in (False, True)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Am", "A minor"),
        ("A minor", "A minor"),
        ("Amin", "A minor"),
        ("a moll", "A minor"),
        ("A#m", "A# minor"),
        ("Bbmaj", "A# major"),
        ("Bb", "A# major"),
        ("F#", "F# major"),
        ("f#", "F# major"),
        ("F♯ Minor", "F# minor"),
        ("C maj", "C major"),
        ("CM", "C major"),
        ("Cm", "C minor"),
        ("C sharp minor", "C# minor"),
        ("C-sharp minor", "C# minor"),
        ("E flat major", "D# major"),
        ("E♭m", "D# minor"),
        ("Cb", "B major"),
        ("E#m", "F minor"),
        ("Bm", "B minor"),
        ("bbm", "A# minor"),
        ("D_min", "D minor"),
        ("G:min", "G minor"),
        (" G ", "G major"),
        ("8A", "A minor"),
        ("8B", "C major"),
        ("08a", "A minor"),
        ("1A", "G# minor"),
        ("12B", "E major"),
        ("1m", "A minor"),
        ("1d", "C major"),
        ("12m", "D minor"),
        ("2D", "G major"),
    ],
)
def test_a_key_is_read_however_it_is_written(text: str, name: str) -> None:
    assert str(parse_key(text)) == name


@pytest.mark.parametrize(
    "text", ["", "H", "Hm", "o", "13A", "0A", "A dorian", "Amx", "min", "A B", "8C", "#", "Am7", "1", "all"]
)
def test_what_is_no_key_is_none(text: str) -> None:
    assert parse_key(text) is None


@pytest.mark.parametrize("key", ALL_KEYS, ids=str)
def test_a_keys_own_name_is_read_back(key: Key) -> None:
    assert parse_key(str(key)) == key


def test_a_tonic_outside_the_octave_is_refused() -> None:
    with pytest.raises(ValueError, match="There is no tonic 12"):
        Key(12, minor=False)


def test_a_minor_goes_with_its_relative_and_the_fifths_beside_it() -> None:
    names = {str(key) for key in compatible_keys(Key(9, minor=True))}
    assert names == {"A minor", "C major", "E minor", "D minor"}


@pytest.mark.parametrize("number", range(1, 13))
def test_compatible_keys_are_the_neighbours_on_the_camelot_wheel(number: int) -> None:
    key = parse_key(f"{number}B")
    assert key is not None
    around = (f"{number}B", f"{number}A", f"{number % 12 + 1}B", f"{(number - 2) % 12 + 1}B")
    assert compatible_keys(key) == {parse_key(text) for text in around}


@pytest.mark.parametrize("key", ALL_KEYS, ids=str)
def test_compatibility_is_mutual(key: Key) -> None:
    assert len(compatible_keys(key)) == 4
    assert all(key in compatible_keys(other) for other in compatible_keys(key))
