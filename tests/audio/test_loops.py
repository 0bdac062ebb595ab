"""Loops, one-shots and songs."""

import numpy as np
import pytest

from audio.decode import SAMPLE_RATE, Waveform
from audio.loops import guess_kind
from audio.tempo import Tempo
from tests.audio.music import make_beat, make_hit, make_note


def _long(seconds: float) -> Waveform:
    return np.tile(make_beat(120, 8), 40)[: round(seconds * SAMPLE_RATE)]


def test_two_bars_of_a_beat_are_a_loop() -> None:
    guess = guess_kind(make_beat(120, 4.0), Tempo(120, 0.9))
    assert guess.kind == "loop"
    assert guess.confidence >= 0.7


@pytest.mark.parametrize("bars", [1, 2, 4])
def test_a_loop_needs_no_known_tempo(bars: int) -> None:
    assert guess_kind(make_beat(100, bars * 2.4)).kind == "loop"


@pytest.mark.parametrize("waveform", [make_hit(), make_note(40, 3.0), make_note(64, 1.5)])
def test_a_hit_and_a_note_are_one_shots(waveform: Waveform) -> None:
    guess = guess_kind(waveform)
    assert guess.kind == "one-shot"
    assert guess.confidence >= 0.6


def test_a_held_pad_with_ripples_is_a_one_shot() -> None:
    times = np.arange(5 * SAMPLE_RATE) / SAMPLE_RATE
    beating = np.sin(2 * np.pi * 220 * times) + np.sin(2 * np.pi * 223 * times)
    swell = np.minimum(times, 1) * np.minimum(5 - times, 1)
    assert guess_kind((0.2 * beating * swell).astype(np.float32)).kind == "one-shot"


def test_three_minutes_are_a_song() -> None:
    guess = guess_kind(_long(180))
    assert guess.kind == "song"
    assert guess.confidence >= 0.9


def test_the_longer_the_surer_a_song() -> None:
    guesses = [guess_kind(_long(seconds)) for seconds in (75, 95, 300)]
    assert [guess.kind for guess in guesses] == ["song"] * 3
    assert guesses[0].confidence < guesses[1].confidence < guesses[2].confidence


def test_sixteen_bars_that_end_in_sound_are_a_loop() -> None:
    waveform = np.tile(make_note(57, 0.5), 64)
    assert guess_kind(waveform, Tempo(120, 0.9)).kind == "loop"


def test_a_whole_number_of_beats_makes_a_loop_surer() -> None:
    waveform = _long(16.0)
    whole, broken = guess_kind(waveform, Tempo(120, 0.9)), guess_kind(waveform, Tempo(113, 0.9))
    assert whole.kind == "loop"
    assert broken.kind != "loop" or broken.confidence < whole.confidence


@pytest.mark.parametrize("seconds", [0, 0.01, 0.5, 5])
def test_silence_of_any_length_has_a_kind(seconds: float) -> None:
    guess = guess_kind(np.zeros(round(seconds * SAMPLE_RATE), dtype=np.float32))
    assert guess.kind in {"loop", "one-shot", "song"}
    assert 0.5 <= guess.confidence <= 1
