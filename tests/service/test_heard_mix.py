"""What is heard in a mix before anything is searched."""

import numpy as np
import pytest

from audio.decode import SAMPLE_RATE, Recording, Waveform
from audio.sketch import sketch
from service.asking import UnusableMixError
from service.heard_mix import HeardMix, hear_mix
from service.question import Question
from service.stopwatch import Stopwatch
from tests.fakes import FakeEmbedder


def noise(seconds: float) -> Waveform:
    generator = np.random.default_rng(0)
    return (0.1 * generator.standard_normal(round(seconds * SAMPLE_RATE))).astype(np.float32)


def hear(waveform: Waveform, start: float = 0.0, seconds: float | None = None) -> HeardMix:
    recording = Recording(waveform, len(waveform) / SAMPLE_RATE, SAMPLE_RATE, 1)
    question = Question(types=(), start=start, seconds=seconds)
    return hear_mix(recording, question, FakeEmbedder(), Stopwatch())


def test_the_middle_of_a_long_mix_is_what_is_looked_at_again() -> None:
    mix = noise(100)
    drawn = hear(mix).sketch
    np.testing.assert_array_equal(drawn.onsets, sketch(mix[20 * SAMPLE_RATE : 80 * SAMPLE_RATE]).onsets)
    assert not np.array_equal(drawn.onsets, sketch(mix[: 60 * SAMPLE_RATE]).onsets)


def test_all_of_a_short_mix_is_looked_at_again() -> None:
    mix = noise(30)
    np.testing.assert_array_equal(hear(mix).sketch.onsets, sketch(mix).onsets)


def test_a_region_is_heard_alone() -> None:
    mix = noise(100)
    heard = hear(mix, start=10.0, seconds=20.0)
    assert (heard.seconds, heard.start, heard.end) == (100.0, 10.0, 30.0)
    assert [section.start for section in heard.sections] == [10.0]
    np.testing.assert_array_equal(
        heard.sketch.onsets, sketch(mix[10 * SAMPLE_RATE : 30 * SAMPLE_RATE]).onsets
    )


@pytest.mark.parametrize(("seconds", "sections"), [(24, 1), (25, 2), (100, 7), (192, 12), (400, 12)])
def test_a_song_is_heard_in_sections_a_long_one_in_some_of_them(seconds: float, sections: int) -> None:
    heard = hear(noise(seconds))
    assert len(heard.sections) == sections
    assert all(0 <= section.start <= seconds - 16 or sections == 1 for section in heard.sections)


def test_a_silent_mix_is_refused() -> None:
    with pytest.raises(UnusableMixError, match="silent"):
        hear(np.zeros(30 * SAMPLE_RATE, np.float32))
