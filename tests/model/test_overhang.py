"""Windows that hang over the ends of a short mix."""

import numpy as np
import pytest

from audio.windows import HOP_SECONDS, WINDOW_SECONDS
from model.overhang import Overhang, Queries, missing_samples, of_length_one, played_until_the_end

MOMENT = 1 / 32
WINDOW = round(WINDOW_SECONDS / MOMENT)
APART = round(HOP_SECONDS / MOMENT)


def vectors_of(hang: Overhang, dimension: int = 4) -> np.ndarray:
    """As many vectors of length 1 as a predictor would give."""
    count = hang.before + hang.moments + hang.after - WINDOW + 1
    return np.full((count, dimension), dimension**-0.5, np.float32)


@pytest.mark.parametrize("moments", [1, 64, 97, 160, WINDOW - 1, WINDOW, WINDOW + 1, WINDOW + APART - 2])
def test_windows_begin_at_every_place_between_two_windows_of_a_stem(moments: int) -> None:
    """Wherever in its song a mix is from, one of its windows begins when one of the stem's does."""
    hang = Overhang.of(moments, MOMENT)
    places = np.rint(hang.queries(vectors_of(hang)).starts / MOMENT).astype(int)
    assert set(places % APART) == set(range(APART))


@pytest.mark.parametrize("moments", [WINDOW + APART - 1, WINDOW + APART, 2000])
def test_a_mix_with_room_for_them_is_left_as_it_is(moments: int) -> None:
    hang = Overhang.of(moments, MOMENT)
    assert (hang.before, hang.after) == (0, 0)
    queries = hang.queries(vectors_of(hang))
    assert queries.starts[0] == 0.0


@pytest.mark.parametrize("moments", [1, 64, 160, WINDOW, WINDOW + 50])
def test_no_more_hangs_over_than_is_needed(moments: int) -> None:
    hang = Overhang.of(moments, MOMENT)
    assert len(vectors_of(hang)) == APART
    assert 0 <= hang.before - hang.after <= 1


@pytest.mark.parametrize("moments", [1, 33, 64, 200, WINDOW])
def test_every_window_holds_something_of_the_mix(moments: int) -> None:
    hang = Overhang.of(moments, MOMENT)
    played = hang.played(1)[0]
    held = np.convolve(played, np.ones(WINDOW), mode="valid")
    assert len(held) == len(vectors_of(hang))
    assert held.min() >= 1


def test_latents_get_nothing_before_and_after_them() -> None:
    hang = Overhang(before=2, moments=3, after=1, moment_seconds=MOMENT)
    padded = hang.pad(np.ones((2, 3, 1), np.float32))
    assert padded[:, :, 0].tolist() == [[0, 0, 1, 1, 1, 0]] * 2
    assert hang.played(2).tolist() == padded[:, :, 0].tolist()


def test_a_single_query_asks_with_the_whole_mix() -> None:
    one = np.ones((1, 4), np.float32)
    queries = Overhang.of(64, MOMENT).queries(one)
    assert queries.starts.tolist() == [0.0]
    np.testing.assert_array_equal(queries.vectors, one)


def test_queries_in_a_row_begin_at_equal_distances() -> None:
    assert Queries.in_a_row(np.zeros((3, 2), np.float32), 8.0).starts.tolist() == [0.0, 8.0, 16.0]
    assert Queries.in_a_row(np.zeros((3, 2), np.float32), 0.5, first=-2).starts.tolist() == [-1.0, -0.5, 0.0]


@pytest.mark.parametrize(("samples", "missing"), [(0, 500), (1, 499), (499, 1), (500, 0), (128_001, 499)])
def test_a_mix_is_filled_up_to_whole_hops(samples: int, missing: int) -> None:
    assert missing_samples(samples, 500) == missing


def test_a_stem_is_played_until_its_last_sound() -> None:
    windows = np.zeros((4, 4000), np.float32)
    windows[0] = 1.0
    windows[1, :1000] = 1.0  # two moments of 500
    windows[2, 1200] = -1.0  # the third has sound
    played = played_until_the_end(windows, 500)
    assert played.dtype == np.float32
    assert played.sum(axis=1).tolist() == [8, 2, 3, 0]
    assert played[1].tolist() == [1, 1, 0, 0, 0, 0, 0, 0]


def test_a_rest_within_a_stem_is_played() -> None:
    window = np.zeros((1, 4000), np.float32)
    window[0, [0, 3999]] = 1.0
    assert played_until_the_end(window, 500).all()


def test_candidates_of_one_part_alone_have_length_one() -> None:
    parts = np.array([[0, 0, 0.6, 0.8], [0.5, 0.5, 0.5, 0.5], [0, 0, 0.3, 0.4]], np.float32)
    candidates = of_length_one(parts)
    np.testing.assert_allclose(candidates[[0, 2]], [[0, 0, 0.6, 0.8]] * 2, rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(candidates, axis=1), 1, rtol=1e-6)
    assert candidates.dtype == np.float32


def test_a_candidate_of_nothing_stays_nothing() -> None:
    assert not of_length_one(np.zeros((1, 4), np.float32)).any()
