import numpy as np
import pytest

from model.render.midi import BEND, Control, Part
from model.render.sung_line import SungLine, choose_top_notes, draw_pitch, write_line
from tests.model.render.sounds import make_scale

STEADY = (0.0, 5.0)


def line_of(part: Part, seed: int = 0, consonance: float = 0.7) -> SungLine:
    return write_line(part, consonance, np.random.default_rng(seed))


def test_of_a_chord_the_highest_note_is_sung() -> None:
    chord = np.array([[0, 1, 60, 90], [0, 1, 67, 90], [0.01, 1, 64, 90], [1, 2, 62, 90]], np.float64)
    assert choose_top_notes(chord)[:, 2].tolist() == [67, 62]


def test_a_note_under_a_held_one_is_left_out() -> None:
    notes = np.array([[0, 4, 72, 90], [1, 2, 60, 90], [2, 3, 64, 90]], np.float64)
    assert choose_top_notes(notes)[:, 2].tolist() == [72]


def test_overlapping_notes_of_a_melody_follow_one_another() -> None:
    notes = np.array([[0, 1.05, 72, 90], [1, 2.05, 70, 90], [2, 3, 74, 90]], np.float64)
    top = choose_top_notes(notes)
    assert top[:, 2].tolist() == [72, 70, 74]
    assert top[:-1, 1].tolist() == [1, 2]


def test_no_notes_are_no_line() -> None:
    assert choose_top_notes(np.zeros((0, 4))).shape == (0, 4)


def test_the_pitch_rests_on_the_written_notes() -> None:
    line = line_of(make_scale([60, 64, 67]))
    pitch = draw_pitch(line, np.array([1.0, 2.0, 3.0]), STEADY, 0.0)
    assert pitch == pytest.approx([60, 64, 67], abs=0.05)


def test_near_notes_are_bound_by_a_glide_and_far_ones_are_not() -> None:
    bound = line_of(make_scale([60, 64], gap=0.6, length=0.6))
    start = bound.starts[1]
    assert 60.0 < draw_pitch(bound, np.array([start - 0.02]), STEADY, 0.0)[0] < 64.0
    wide = line_of(make_scale([60, 76], gap=0.6, length=0.6))
    assert draw_pitch(wide, np.array([start]), STEADY, 0.0)[0] > 73.5


def test_vibrato_begins_late() -> None:
    line = line_of(make_scale([60], length=3.0))
    early, late = np.linspace(0.6, 0.68, 40), np.linspace(2.0, 2.5, 100)
    assert np.ptp(draw_pitch(line, early, (0.5, 5.0), 0.0)) < 0.2 + abs(line.scoops[0])
    assert np.ptp(draw_pitch(line, late, (0.5, 5.0), 0.0)) == pytest.approx(1.0, abs=0.05)


def test_the_pitch_wheel_bends_the_voice() -> None:
    part = make_scale([60])
    bent = Part(0, 52, part.notes, (Control(0.0, BEND, 8192 + 4096),))
    assert draw_pitch(line_of(bent), np.array([1.0]), STEADY, 0.0)[0] == pytest.approx(61, abs=0.05)


def test_consonance_is_the_share_of_syllables_with_a_consonant() -> None:
    part = make_scale([60] * 200)
    shares = [np.mean([bool(c) for c in line_of(part, consonance=c).consonants]) for c in (0.0, 0.5, 1.0)]
    assert shares[0] == 0
    assert 0.35 < shares[1] < 0.65
    assert shares[2] == 1


def test_syllables_do_not_depend_on_tempo_or_key() -> None:
    part = make_scale([60, 62, 64, 65] * 5)
    other = Part(0, 52, part.notes * [1.3, 1.3, 1, 1] + [0, 0, 3, 0])
    first, second = line_of(part, 4), line_of(other, 4)
    assert first.consonants == second.consonants
    assert np.array_equal(first.vowels, second.vowels)
    assert np.array_equal(second.pitches - first.pitches, np.full(20, 3.0))
