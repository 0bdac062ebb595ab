import numpy as np
import pytest

from library.vector_ids import MAX_STEM, MAX_WINDOW, VectorIdError, pack_ids, unpack_ids


def test_numbers_come_back_from_an_id() -> None:
    windows = np.array([0, 1, 17, MAX_WINDOW])
    numbers, unpacked = unpack_ids(pack_ids(12345, windows))
    assert numbers.tolist() == [12345] * 4
    assert np.array_equal(unpacked, windows)


def test_the_largest_numbers_fit() -> None:
    ids = pack_ids(MAX_STEM, np.array([MAX_WINDOW]))
    assert ids[0] == np.iinfo(np.int64).max
    assert [part.item() for part in unpack_ids(ids)] == [MAX_STEM, MAX_WINDOW]


def test_ids_of_different_stems_never_meet() -> None:
    assert pack_ids(1, np.array([MAX_WINDOW]))[0] < pack_ids(2, np.array([0]))[0]


def test_a_stem_without_windows_has_no_ids() -> None:
    assert len(pack_ids(1, np.empty(0, np.int64))) == 0


@pytest.mark.parametrize(("number", "window"), [(-1, 0), (MAX_STEM + 1, 0), (0, -1), (0, MAX_WINDOW + 1)])
def test_numbers_that_do_not_fit_are_refused(number: int, window: int) -> None:
    with pytest.raises(VectorIdError):
        pack_ids(number, np.array([window]))
