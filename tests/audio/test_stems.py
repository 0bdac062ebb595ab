"""The closed list of stem types, and what a query may name."""

import pytest

from audio.stems import GROUPS, STEM_TYPES, StemType, UnknownStemTypeError, expand_types, parse_stem_type


def test_the_nine_types_keep_the_order_that_the_predictor_was_trained_on() -> None:
    assert STEM_TYPES == (
        "drums",
        "bass",
        "vocals",
        "guitar",
        "keys",
        "strings",
        "wind",
        "synth",
        "other",
    )


def test_a_types_number_is_its_place_in_the_list() -> None:
    assert [stem_type.number for stem_type in StemType] == list(range(9))


def test_a_type_stands_for_itself() -> None:
    assert expand_types(["bass"]) == (StemType.BASS,)


def test_harmony_stands_for_everything_but_drums_bass_and_vocals() -> None:
    assert set(expand_types(["harmony"])) == set(STEM_TYPES) - {"drums", "bass", "vocals"}


def test_any_stands_for_every_type() -> None:
    assert expand_types(["any"]) == STEM_TYPES


def test_a_type_named_twice_comes_once_and_in_the_lists_order() -> None:
    assert expand_types(["wind", "harmony", "drums", "wind"]) == (StemType.DRUMS, *GROUPS["harmony"])


def test_case_and_space_around_a_name_do_not_matter() -> None:
    assert expand_types([" Drums "]) == (StemType.DRUMS,)


def test_no_name_stands_for_no_type() -> None:
    assert expand_types([]) == ()


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownStemTypeError) as refusal:
        expand_types(["bass", "theremin"])
    assert refusal.value.name == "theremin"
    assert all(name in str(refusal.value) for name in (*STEM_TYPES, *GROUPS))


def test_one_type_is_read_whatever_its_case() -> None:
    assert parse_stem_type(" Drums ") is StemType.DRUMS


@pytest.mark.parametrize("name", ["harmony", "Any", "theremin", ""])
def test_where_one_type_is_meant_a_group_is_refused_and_not_offered(name: str) -> None:
    with pytest.raises(UnknownStemTypeError) as refusal:
        parse_stem_type(name)
    assert str(refusal.value) == f"Unknown stem type {name!r}. Known: {', '.join(STEM_TYPES)}."
