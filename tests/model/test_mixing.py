"""What is mixed, at which levels, and what counts as playing."""

import numpy as np
import pytest

from model.mixing import ACTIVE_RMS, is_active, mix, random_equaliser, random_gains, random_subset, rms
from tests.model.multitracks import noise, tone


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_level_of_a_sine_is_its_amplitude_over_root_two() -> None:
    assert rms(tone(100, 16_000, level=0.5)) == pytest.approx(0.5 / 2**0.5, rel=1e-4)


def test_nothing_has_no_level() -> None:
    assert rms(np.zeros(0, np.float32)) == 0


@pytest.mark.parametrize(("level", "active"), [(0.1, True), (0.006, True), (0.005, False), (0.0, False)])
def test_a_window_plays_above_minus_45_decibels(level: float, *, active: bool) -> None:
    assert is_active(noise(0, 16_000, level)) is active
    assert 0.005 < ACTIVE_RMS < 0.006


@pytest.mark.parametrize(("level", "active"), [(0.02, True), (0.01, False)])
def test_a_window_rests_thirty_decibels_under_the_stems_loudest(level: float, *, active: bool) -> None:
    assert is_active(noise(0, 16_000, level), loudest=0.5) is active


def test_a_mix_is_the_sum_of_its_stems_times_their_gains() -> None:
    first, second = np.array([1.0, 2.0], np.float32), np.array([10.0, 20.0], np.float32)
    assert mix([first, second], [2.0, 0.5]).tolist() == [7.0, 14.0]


def test_mixing_leaves_the_stems_as_they_are() -> None:
    stem = noise(0, 10)
    before = stem.copy()
    mix([stem, stem], [3.0, 4.0])
    assert np.array_equal(stem, before)


def test_a_mix_stays_in_single_precision() -> None:
    assert mix([noise(0, 10)], [0.3]).dtype == np.float32


def test_every_stem_needs_a_gain() -> None:
    with pytest.raises(ValueError, match="zip"):
        mix([noise(0, 10), noise(1, 10)], [1.0])


def test_stems_of_unlike_length_are_not_mixed() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        mix([noise(0, 10), noise(1, 11)], [1.0, 1.0])


def test_gains_vary_by_as_many_decibels_as_allowed_both_ways() -> None:
    decibels = 20 * np.log10(random_gains(2000, 9.0, generator()))
    assert decibels.min() == pytest.approx(-9, abs=0.1)
    assert decibels.max() == pytest.approx(9, abs=0.1)
    assert decibels.mean() == pytest.approx(0, abs=0.4)


def test_no_decibels_are_a_gain_of_one() -> None:
    assert random_gains(3, 0.0, generator()) == [1.0, 1.0, 1.0]


def test_a_context_never_lacks_every_stem() -> None:
    drawn = generator()
    assert all(random_subset(1, drawn) == [0] for _ in range(10))
    assert all(random_subset(5, drawn) for _ in range(200))


def test_every_size_of_context_is_as_likely() -> None:
    drawn = generator()
    sizes = np.bincount([len(random_subset(4, drawn)) for _ in range(4000)])
    np.testing.assert_allclose(sizes[1:], 1000, atol=120)


def test_a_context_holds_no_stem_twice() -> None:
    drawn = generator()
    for _ in range(100):
        chosen = random_subset(6, drawn)
        assert chosen == sorted(set(chosen))
        assert set(chosen) <= set(range(6))


def test_an_equaliser_stays_within_its_decibels() -> None:
    curves = np.stack([random_equaliser(180, 8.0, generator(seed)) for seed in range(50)])
    in_decibels = curves * 10 / np.log(10)
    assert np.abs(in_decibels).max() <= 8.001
    assert in_decibels.std() > 2


def test_an_equaliser_is_smooth() -> None:
    curve = random_equaliser(180, 8.0, generator()) * 10 / np.log(10)
    assert np.abs(np.diff(curve)).max() <= 16 * 5 / 179 + 1e-3


def test_no_decibels_leave_the_sound_as_it_is() -> None:
    assert not random_equaliser(90, 0.0, generator()).any()


@pytest.mark.parametrize("draw", [lambda of: random_gains(4, 6, of), lambda of: random_subset(5, of)])
def test_what_is_drawn_depends_on_the_generator_alone(draw: object) -> None:
    assert callable(draw)
    assert draw(generator(3)) == draw(generator(3))
