import numpy as np
import pytest

from model.render.gestures import bend_at, hold_by_pedal, is_bent, loudness_at
from model.render.midi import BEND, Control, Part

NOTES = np.array([[0.0, 0.5, 60, 90], [1.0, 1.4, 62, 90], [2.0, 2.5, 60, 90]])
MOMENTS = np.array([0.0, 1.0, 2.0])


def part_with(*controls: Control) -> Part:
    return Part(0, 0, NOTES, controls)


def test_the_pedal_holds_notes_until_it_is_lifted() -> None:
    held = hold_by_pedal(part_with(Control(0.2, 64, 127), Control(1.8, 64, 0)))
    assert held[:, 1].tolist() == [1.8, 1.8, 2.5]


def test_a_held_note_ends_when_it_is_struck_again() -> None:
    held = hold_by_pedal(part_with(Control(0.2, 64, 127)))
    assert held[0, 1] == pytest.approx(2.0)
    assert held[1, 1] == pytest.approx(13.0)


def test_a_note_that_ended_before_the_pedal_is_not_held() -> None:
    held = hold_by_pedal(part_with(Control(0.6, 64, 127), Control(0.9, 64, 0)))
    assert np.array_equal(held, NOTES)


def test_volume_and_expression_scale_the_loudness() -> None:
    assert loudness_at(part_with(), MOMENTS) == pytest.approx([1, 1, 1])
    swelling = part_with(Control(0.5, 7, 50), Control(1.5, 11, 64))
    loudness = loudness_at(swelling, MOMENTS)
    assert loudness[0] == pytest.approx(1)
    assert loudness[1] == pytest.approx(0.25)
    assert loudness[2] < 0.1


def test_the_wheel_bends_by_two_semitones_unless_told_otherwise() -> None:
    bent = part_with(Control(0.5, BEND, 16383), Control(1.5, BEND, 8192))
    assert bend_at(bent, MOMENTS) == pytest.approx([0, 2, 0], abs=1e-3)
    ranged = part_with(Control(0, 101, 0), Control(0, 100, 0), Control(0, 6, 12), Control(0.5, BEND, 0))
    assert bend_at(ranged, MOMENTS) == pytest.approx([0, -12, -12])


def test_only_an_audible_bend_makes_a_part_bent() -> None:
    assert not is_bent(part_with())
    assert not is_bent(part_with(Control(0.5, BEND, 8192 + 200)))
    assert is_bent(part_with(Control(0.5, BEND, 8192 - 4000)))
