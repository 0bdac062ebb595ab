"""Windows of a stem and sections of a mix: where they begin, and that none is silent."""

import numpy as np
import pytest

from audio.decode import SAMPLE_RATE, Waveform
from audio.windows import (
    WINDOW_SAMPLES,
    WINDOW_SECONDS,
    choose_sections,
    cut_middle,
    cut_windows,
    is_silent,
)


def noise(seconds: float, level: float = 0.1, seed: int = 0) -> Waveform:
    generator = np.random.default_rng(seed)
    return (level * generator.standard_normal(round(seconds * SAMPLE_RATE))).astype(np.float32)


def silence(seconds: float) -> Waveform:
    return np.zeros(round(seconds * SAMPLE_RATE), dtype=np.float32)


def test_a_window_is_eight_seconds() -> None:
    assert WINDOW_SAMPLES == WINDOW_SECONDS * SAMPLE_RATE == 128_000


def test_digital_silence_and_nothing_at_all_are_silent() -> None:
    assert is_silent(silence(1))
    assert is_silent(silence(0))


def test_silence_begins_at_sixty_decibels_under_full_scale() -> None:
    assert not is_silent(np.full(1000, 0.0011, dtype=np.float32))
    assert is_silent(np.full(1000, 0.0009, dtype=np.float32))


def test_a_stem_is_cut_at_every_hop() -> None:
    stem = noise(24)
    windows = cut_windows(stem, WINDOW_SECONDS)
    assert windows.samples.shape == (3, WINDOW_SAMPLES)
    assert windows.samples.dtype == np.float32
    assert windows.starts.tolist() == [0, 8, 16]
    assert windows.numbers.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(windows.samples.reshape(-1), stem)


def test_the_last_window_is_filled_up_with_zeros() -> None:
    stem = noise(11)
    last = cut_windows(stem, WINDOW_SECONDS).samples[-1]
    np.testing.assert_array_equal(last[: 3 * SAMPLE_RATE], stem[8 * SAMPLE_RATE :])
    assert not last[3 * SAMPLE_RATE :].any()


@pytest.mark.parametrize(("seconds", "count"), [(8.0, 1), (8.1, 1), (9.99, 1), (10.0, 2), (16.5, 2), (18, 3)])
def test_an_end_shorter_than_two_seconds_is_dropped(seconds: float, count: int) -> None:
    assert len(cut_windows(noise(seconds), WINDOW_SECONDS).samples) == count


def test_a_stem_shorter_than_two_seconds_is_one_window() -> None:
    windows = cut_windows(noise(0.3), WINDOW_SECONDS)
    assert windows.starts.tolist() == [0]
    assert windows.samples.shape == (1, WINDOW_SAMPLES)


def test_a_short_end_stays_when_all_before_it_is_silent() -> None:
    windows = cut_windows(np.concatenate([silence(8), noise(1)]), WINDOW_SECONDS)
    assert windows.numbers.tolist() == [1]


def test_a_silent_window_leaves_a_gap_in_the_numbers() -> None:
    windows = cut_windows(np.concatenate([noise(8), silence(16), noise(8)]), WINDOW_SECONDS)
    assert windows.numbers.tolist() == [0, 3]
    assert windows.starts.tolist() == [0, 24]


@pytest.mark.parametrize(("decibels", "numbers"), [(-35, [0, 1]), (-45, [0])])
def test_a_window_far_under_the_loudest_counts_as_silent(decibels: float, numbers: list[int]) -> None:
    quiet = noise(8, level=0.5 * 10 ** (decibels / 20), seed=1)
    windows = cut_windows(np.concatenate([noise(8, level=0.5), quiet]), WINDOW_SECONDS)
    assert windows.numbers.tolist() == numbers


@pytest.mark.parametrize(
    "stem", [silence(0), silence(30), noise(30, level=1e-5)], ids=["none", "zeros", "hiss"]
)
def test_a_silent_stem_has_no_windows(stem: Waveform) -> None:
    windows = cut_windows(stem, WINDOW_SECONDS)
    assert windows.samples.shape == (0, WINDOW_SAMPLES)
    assert len(windows.starts) == len(windows.numbers) == 0


def test_overlapping_windows_stop_at_the_first_that_reaches_the_end() -> None:
    windows = cut_windows(noise(13), hop_seconds=4)
    assert windows.starts.tolist() == [0, 4, 8]
    assert windows.numbers.tolist() == [0, 1, 2]


def test_a_hop_longer_than_the_stem_gives_one_window() -> None:
    assert cut_windows(noise(10), hop_seconds=16).starts.tolist() == [0]


def test_a_hop_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 0"):
        cut_windows(noise(10), hop_seconds=0)


def test_the_stem_itself_is_left_as_it_was() -> None:
    stem = noise(20)
    before = stem.copy()
    cut_windows(stem, WINDOW_SECONDS).samples[:] = 7
    np.testing.assert_array_equal(stem, before)


@pytest.mark.parametrize("seconds", [0.5, 16, 24])
def test_a_short_mix_is_one_section_whole(seconds: float) -> None:
    mix = noise(seconds)
    [(start, samples)] = choose_sections(mix)
    assert start == 0
    np.testing.assert_array_equal(samples, mix)


def test_sections_of_a_long_mix_are_spread_evenly() -> None:
    mix = noise(160)
    sections = choose_sections(mix, limit=3)
    assert [start for start, _ in sections] == [16, 80, 128]
    for start, samples in sections:
        begin = round(start * SAMPLE_RATE)
        np.testing.assert_array_equal(samples, mix[begin : begin + 16 * SAMPLE_RATE])


def test_a_song_of_three_minutes_is_heard_whole_and_an_hour_is_not() -> None:
    assert [start for start, _ in choose_sections(noise(192))] == [16 * number for number in range(12)]
    assert len(choose_sections(noise(3600))) == 12


@pytest.mark.parametrize(("seconds", "begin", "end"), [(3, 0, 3), (10, 0, 10), (11, 0.5, 10.5), (60, 25, 35)])
def test_the_middle_of_what_is_long(seconds: float, begin: float, end: float) -> None:
    mix = noise(seconds)
    np.testing.assert_array_equal(
        cut_middle(mix, 10.0), mix[round(begin * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
    )


def test_one_section_is_taken_from_the_middle() -> None:
    [(start, _)] = choose_sections(noise(112), limit=1)
    assert start == 48


def test_sections_keep_within_the_mix_and_have_one_length() -> None:
    sections = choose_sections(noise(41.3), limit=10)
    assert [len(samples) for _, samples in sections] == [16 * SAMPLE_RATE] * 3
    assert sections[0][0] == 0
    assert sections[-1][0] == pytest.approx(25.3)


@pytest.mark.parametrize("step", [500, 128_000])
def test_sections_begin_on_one_clock(step: int) -> None:
    mix = noise(99.7)
    sections = choose_sections(mix, limit=6, step_samples=step)
    assert len(sections) > 2
    for start, samples in sections:
        first = round(start * SAMPLE_RATE)
        assert first % step == 0
        assert np.array_equal(samples, mix[first : first + len(samples)])


def test_no_section_is_silent() -> None:
    mix = np.concatenate([silence(48), noise(32), silence(48), noise(16), silence(48)])
    sections = choose_sections(mix, limit=10)
    assert [start for start, _ in sections] == [48, 64, 128]
    assert not any(is_silent(samples) for _, samples in sections)


def test_music_at_the_very_end_is_found() -> None:
    sections = choose_sections(np.concatenate([silence(100), noise(1)]))
    assert [start for start, _ in sections] == [85]


@pytest.mark.parametrize("seconds", [0, 10, 100])
def test_a_silent_mix_has_no_sections(seconds: float) -> None:
    assert choose_sections(silence(seconds)) == []


def test_an_index_has_a_window_every_four_seconds() -> None:
    assert cut_windows(noise(20)).starts.tolist() == [0, 4, 8, 12]
