"""From a mix to query vectors: regions, sections, and starts that count from the mix's beginning."""

import numpy as np
import pytest

from audio.decode import SAMPLE_RATE
from audio.stems import StemType
from service.asking import UnusableMixError, ask_mix, cut_region
from service.stopwatch import Stopwatch
from tests.fakes import FakeEmbedder
from tests.songs import tone


def test_without_a_region_the_whole_mix_is_asked_about() -> None:
    waveform = tone(440, 10)
    assert cut_region(waveform, 0, None) is not None
    assert len(cut_region(waveform, 0, None)) == len(waveform)


def test_a_region_is_cut_out() -> None:
    waveform = np.arange(10 * SAMPLE_RATE, dtype=np.float32)
    region = cut_region(waveform, 3, 4)
    assert (region[0], len(region)) == (3 * SAMPLE_RATE, 4 * SAMPLE_RATE)


def test_a_region_ends_with_the_mix() -> None:
    assert len(cut_region(tone(440, 10), 7, 100)) == 3 * SAMPLE_RATE


def test_two_seconds_are_just_enough() -> None:
    assert len(cut_region(tone(440, 2), 0, None)) == 2 * SAMPLE_RATE


@pytest.mark.parametrize(
    ("seconds", "start", "message"),
    [
        (0.2, 0.0, "The mix is 0.2 s long"),
        (1.99, 0.0, "The mix is 1.9 s long"),
        (10.0, 9.0, "The region of the mix is 1.0 s"),
        (10.0, 10.0, "ends at 10.0 s"),
    ],
)
def test_too_little_is_refused_with_its_length(seconds: float, start: float, message: str) -> None:
    with pytest.raises(UnusableMixError, match=message):
        cut_region(tone(440, seconds), start, None)


def test_a_silent_mix_is_refused() -> None:
    with pytest.raises(UnusableMixError, match="silent"):
        ask_mix(FakeEmbedder(), np.zeros(80_000, np.float32), 0, [StemType.BASS], Stopwatch())


def test_starts_count_from_the_beginning_of_the_mix() -> None:
    queries = ask_mix(FakeEmbedder(), tone(440, 10), 30.0, [StemType.BASS], Stopwatch())
    starts = queries[StemType.BASS].starts
    assert (starts[0], starts[-1]) == (30.0, 32.0)
    assert len(starts) == len(queries[StemType.BASS].vectors)


def test_a_long_mix_is_asked_about_in_sections() -> None:
    queries = ask_mix(FakeEmbedder(), tone(440, 180), 0.0, [StemType.BASS], Stopwatch())
    starts = queries[StemType.BASS].starts
    assert len(starts) == 12 * 17  # offsets half a second apart in each of twelve 16 s sections
    assert (starts.min(), starts.max()) == (0.0, 180.0 - 8.0)
    assert (np.diff(starts) > 0).all()


def test_sections_that_meet_ask_once_at_the_place_that_they_share() -> None:
    queries = ask_mix(FakeEmbedder(), tone(440, 24.02), 0.0, [StemType.BASS], Stopwatch())
    starts = queries[StemType.BASS].starts
    assert starts.tolist() == [place / 2 for place in range(33)]
    assert len(queries[StemType.BASS].vectors) == 33


def test_each_type_gets_as_many_queries() -> None:
    types = [StemType.BASS, StemType.DRUMS]
    queries = ask_mix(FakeEmbedder(), tone(440, 20), 0.0, types, Stopwatch())
    assert list(queries) == types
    assert len({each.vectors.shape for each in queries.values()}) == 1


def test_windows_in_which_nothing_plays_ask_nothing() -> None:
    mix = np.concatenate([np.zeros(10 * SAMPLE_RATE, np.float32), tone(440, 10)])
    starts = ask_mix(FakeEmbedder(), mix, 5.0, [StemType.BASS], Stopwatch())[StemType.BASS].starts
    assert starts.tolist() == [
        5 + begin / 2 for begin in range(5, 25)
    ]  # from 2.5 s, whose window hears the tone
