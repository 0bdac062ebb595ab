"""What a part's MIDI controllers mean for instruments that are not a synth: pedal, swells and bends."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.render.midi import BEND, LONGEST_NOTE_SECONDS, Control, Notes, Part

VOLUME, EXPRESSION, PEDAL, PEDAL_DOWN = 7, 11, 64, 64
RPN_HIGH, RPN_LOW, DATA_ENTRY = 101, 100, 6
DEFAULT_BEND_SEMITONES = 2.0
# The General MIDI level 1 settings after a reset.
DEFAULT_VOLUME, DEFAULT_EXPRESSION = 100, 127
CENTRE = 8192
AUDIBLE_BEND = 0.3

Curve = NDArray[np.float64]


def hold_by_pedal(part: Part) -> Notes:
    """The notes [N, 4] with ends that come while the pedal is down put off until it is lifted."""
    notes = part.notes.copy()
    down: float | None = None
    for control in [c for c in part.controls if c.number == PEDAL]:
        if control.value >= PEDAL_DOWN and down is None:
            down = control.seconds
        elif control.value < PEDAL_DOWN and down is not None:
            _hold(notes, down, control.seconds)
            down = None
    if down is not None:
        _hold(notes, down, np.inf)
    return notes


def loudness_at(part: Part, moments: Curve) -> Curve:
    """Gain by the channel's volume and expression, 1 where they are as after a reset."""
    volume = _value_at(part, VOLUME, moments, DEFAULT_VOLUME) / DEFAULT_VOLUME
    expression = _value_at(part, EXPRESSION, moments, DEFAULT_EXPRESSION) / DEFAULT_EXPRESSION
    return np.asarray((volume * expression) ** 2)


def bend_at(part: Part, moments: Curve) -> Curve:
    """Semitones by which the pitch wheel bends the part at the moments."""
    wheel = _value_at(part, BEND, moments, CENTRE) - CENTRE
    return np.asarray(wheel / CENTRE * _bend_range(part.controls))


def is_bent(part: Part) -> bool:
    """Whether the pitch wheel is used so that one hears it."""
    bends = [abs(c.value - CENTRE) for c in part.controls if c.number == BEND]
    return max(bends, default=0) / CENTRE * _bend_range(part.controls) > AUDIBLE_BEND


def _hold(notes: Notes, down: float, up: float) -> None:
    held = (notes[:, 1] > down) & (notes[:, 1] < up)
    # A string struck again sounds anew: without a limit a pedal that is never lifted piles up tones.
    again = _next_of_pitch(notes)
    longest = np.minimum(notes[:, 0] + LONGEST_NOTE_SECONDS, again)
    notes[held, 1] = np.maximum(notes[held, 1], np.minimum(up, longest[held]))


def _next_of_pitch(notes: Notes) -> Curve:
    """For each note the start of the next one of its pitch, or infinity."""
    following = np.full(len(notes), np.inf)
    for pitch in np.unique(notes[:, 2]):
        places = np.flatnonzero(notes[:, 2] == pitch)
        following[places[:-1]] = notes[places[1:], 0]
    return following


def _value_at(part: Part, number: int, moments: Curve, default: int) -> Curve:
    controls = [control for control in part.controls if control.number == number]
    times = np.array([control.seconds for control in controls])
    values = np.array([default, *(control.value for control in controls)], np.float64)
    return values[np.searchsorted(times, moments, side="right")]


def _bend_range(controls: Sequence[Control]) -> float:
    """Semitones of the wheel's range as registered parameter 0 sets it, else two."""
    chosen: dict[int, int] = {}
    semitones = DEFAULT_BEND_SEMITONES
    for control in controls:
        if control.number in {RPN_HIGH, RPN_LOW}:
            chosen[control.number] = control.value
        elif control.number == DATA_ENTRY and chosen == {RPN_HIGH: 0, RPN_LOW: 0}:
            semitones = float(control.value)
    return semitones
