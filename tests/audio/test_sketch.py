"""Sketches: small, and enough to tell when something begins and which notes sound."""

import numpy as np
import pytest

from audio.decode import SAMPLE_RATE, Waveform
from audio.onsets import HOP_SAMPLES as ONSET_HOP
from audio.sketch import CHROMA_HOP, Sketch, sketch
from tests.audio.music import make_hit, make_note

C, E, G = 60, 64, 67


def chord(seconds: float, *pitches: int) -> Waveform:
    return np.asarray(np.sum([make_note(pitch, seconds) for pitch in pitches], axis=0), np.float32)


def strongest(drawn: Sketch, count: int) -> set[int]:
    """Pitch classes that sound most in the middle of a sketch."""
    middle = drawn.chroma[:, drawn.chroma.shape[1] // 2]
    return set(np.argsort(-middle)[:count].tolist())


def test_a_sketch_takes_about_a_hundred_bytes_a_second() -> None:
    drawn = sketch(chord(60.0, C, E))
    assert 90 < len(drawn.to_bytes()) / 60 < 115
    assert drawn.nbytes == len(drawn.to_bytes()) - 4


def test_a_sketch_survives_the_catalogue() -> None:
    drawn = sketch(np.concatenate([make_hit(), chord(3.0, C, G)]))
    again = Sketch.from_bytes(drawn.to_bytes())
    assert np.array_equal(again.onsets, drawn.onsets)
    assert np.array_equal(again.chroma, drawn.chroma)


def test_an_onset_is_where_something_begins() -> None:
    waveform = np.zeros(4 * SAMPLE_RATE, np.float32)
    hit = make_hit()
    for second in (1, 3):
        waveform[second * SAMPLE_RATE : second * SAMPLE_RATE + len(hit)] = hit
    onsets = sketch(waveform).onsets
    assert onsets.max() == 127
    strong = np.flatnonzero(onsets > 100) * ONSET_HOP / SAMPLE_RATE
    assert {round(float(second)) for second in strong} == {1, 3}


@pytest.mark.parametrize("pitches", [(C, E, G), (57, 60, 64), (62, 65, 69)])
def test_chroma_tells_the_notes(pitches: tuple[int, ...]) -> None:
    assert strongest(sketch(chord(4.0, *pitches)), 3) == {pitch % 12 for pitch in pitches}


def test_chroma_follows_the_chords() -> None:
    drawn = sketch(np.concatenate([chord(4.0, C), chord(4.0, 66)]))
    quarter = drawn.chroma.shape[1] // 4
    assert int(drawn.chroma[:, quarter].argmax()) == 0
    assert int(drawn.chroma[:, 3 * quarter].argmax()) == 6


def test_chroma_has_mean_0_and_one_length() -> None:
    chroma = sketch(chord(2.0, C, E, G)).chroma.astype(float) / 127
    assert np.abs(chroma.mean(axis=0)).max() < 0.01
    assert np.linalg.norm(chroma, axis=0) == pytest.approx(1.0, abs=0.02)


def test_the_level_does_not_matter() -> None:
    waveform = np.concatenate([make_hit(), chord(2.0, C, G)])
    loud, quiet = sketch(waveform), sketch(waveform * np.float32(0.5))
    assert np.abs(loud.onsets.astype(int) - quiet.onsets).max() <= 1
    assert np.abs(loud.chroma.astype(int) - quiet.chroma).max() <= 1


def test_silence_has_no_notes_and_no_onsets() -> None:
    drawn = sketch(np.zeros(4 * SAMPLE_RATE, np.float32))
    assert not drawn.chroma.any()
    assert not drawn.onsets.any()


def test_rests_have_no_notes() -> None:
    rest = np.zeros(4 * SAMPLE_RATE, np.float32)
    chroma = sketch(np.concatenate([chord(4.0, C), rest])).chroma
    assert chroma[:, 2].any()
    assert not chroma[:, -4:].any()


def test_a_steady_tone_has_no_strong_onsets() -> None:
    """Rounding rises in it, too, and must not be blown up to full strength."""
    tone = 0.1 * np.sin(2 * np.pi * 500 / SAMPLE_RATE * np.arange(8 * SAMPLE_RATE))
    assert sketch(tone.astype(np.float32)).onsets[20:-20].max() < 64


@pytest.mark.parametrize("samples", [0, 1, 100, 600, CHROMA_HOP - 1, CHROMA_HOP + 1])
def test_a_few_samples_have_a_sketch(samples: int) -> None:
    drawn = sketch(np.full(samples, 0.1, np.float32))
    assert drawn.chroma.shape == (12, 1)
    assert np.array_equal(Sketch.from_bytes(drawn.to_bytes()).chroma, drawn.chroma)


def test_frames_are_a_quarter_of_a_second_apart() -> None:
    assert sketch(chord(10.0, C)).chroma.shape[1] == 10 * SAMPLE_RATE // CHROMA_HOP
