import numpy as np
import pytest

from model.render.charts import (
    FORMS,
    MODES,
    PITCH_NAMES,
    SECTION_BARS,
    Chart,
    Chord,
    compose_chart,
    split_bar,
)


def compose(seed: int, bars: int = 32) -> Chart:
    return compose_chart(np.random.default_rng(seed), 120.0, bars)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
def test_every_degree_leads_on_to_degrees_of_the_mode(mode: object) -> None:
    assert isinstance(mode, type(MODES[0]))
    assert set(mode.follows) == set(mode.degrees)
    assert {name for names in mode.follows.values() for name in names.split()} <= set(mode.degrees)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
def test_most_chords_of_a_mode_are_made_of_its_scale(mode: object) -> None:
    assert isinstance(mode, type(MODES[0]))
    chords = [Chord(root, triad) for root, triad, _ in mode.degrees.values()]
    outside = [chord for chord in chords if not set(chord.pitch_classes) <= set(mode.scale)]
    assert len(outside) <= 2


def test_a_chord_has_a_name_and_tones() -> None:
    assert Chord(9, "m7").name == "Am7"
    assert Chord(9, "m7").pitch_classes == (9, 0, 4, 7)


@pytest.mark.parametrize("seed", range(10))
def test_a_chart_is_made_of_whole_sections_in_a_form(seed: int) -> None:
    chart = compose(seed)
    assert len(chart.bars) == len(chart.sections) == 32
    assert chart.sections[::SECTION_BARS] in FORMS
    assert {len(bar) for bar in chart.bars} <= {1, 2}


def test_a_section_that_returns_has_the_same_chords() -> None:
    chart = next(c for c in map(compose, range(50)) if c.sections[::SECTION_BARS] == "AABA")
    assert chart.bars[:8] == chart.bars[8:16] == chart.bars[24:32]
    assert chart.bars[16:24] != chart.bars[:8]


def test_even_a_few_bars_give_a_section() -> None:
    assert len(compose(0, bars=3).bars) == SECTION_BARS


def test_seeds_reach_all_modes_and_keys_and_repeat_exactly() -> None:
    keys = {compose(seed, 8).key for seed in range(200)}
    assert len({key.split()[0] for key in keys}) == 12
    assert {key.split()[1] for key in keys} == {mode.name for mode in MODES}
    assert compose(3) == compose(3) != compose(4)


@pytest.mark.parametrize(
    ("beats", "lengths"), [(2, [1, 1]), (3, [2, 1]), (4, [2, 2]), (5, [3, 2]), (6, [3, 3])]
)
def test_the_second_chord_of_a_bar_starts_on_a_whole_beat(beats: int, lengths: list[int]) -> None:
    pieces = split_bar((Chord(0, ""), Chord(7, "7")), beats)
    assert [length for _, length, _ in pieces] == lengths
    assert pieces[1][0] == lengths[0]


def test_a_single_chord_fills_its_bar() -> None:
    assert split_bar((Chord(0, ""),), 3) == [(0.0, 3.0, Chord(0, ""))]


def test_dominants_lead_home_in_major() -> None:
    major = next(mode for mode in MODES if mode.name == "major")
    follows = major.follows["V"].split()
    assert follows.count("I") >= len(follows) / 2
    assert major.follows["V/V"] == "V"


def test_songs_differ_in_how_rich_and_how_quick_their_harmony_is() -> None:
    charts = [compose(seed) for seed in range(40)]
    sevenths = [np.mean([len(c.pitch_classes) == 4 for bar in chart.bars for c in bar]) for chart in charts]
    doubles = [np.mean([len(bar) == 2 for bar in chart.bars]) for chart in charts]
    assert min(sevenths) < 0.1
    assert max(sevenths) > 0.6
    assert min(doubles) == 0
    assert max(doubles) > 0.2


def test_the_chart_says_its_key_and_scale() -> None:
    for seed in range(20):
        chart = compose(seed)
        tonic, name = chart.key.split()
        mode = next(mode for mode in MODES if mode.name == name)
        steps = {(pitch - PITCH_NAMES.index(tonic)) % 12 for pitch in chart.scale}
        assert steps == set(mode.scale)
