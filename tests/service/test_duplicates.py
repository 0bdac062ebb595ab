"""Copies of one recording, by fingerprints alone."""

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import pytest

from audio.fingerprint import fingerprint
from audio.stems import StemType
from library.ranking import StemHit
from library.records import StemRecord
from service.duplicates import (
    PAIRS_A_STEP,
    Collapsed,
    Duplicates,
    Found,
    KeptSpectra,
    ReadFingerprints,
)
from service.patience import TooLateError
from service.stopwatch import Stopwatch


def noise(seed: int, seconds: float = 12.0) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Bursts of coloured noise, different for each seed, [T] at 16 kHz."""
    generator = np.random.default_rng(seed)
    count = round(seconds * 16_000)
    loudness = np.repeat(generator.uniform(0.05, 1.0, count // 2000 + 1), 2000)[:count]
    return (np.cumsum(generator.normal(0, 0.05, count)) % 1.0 - 0.5).astype(np.float32) * loudness.astype(
        np.float32
    )


def found(number: int, score: float, seconds: float = 12.0) -> Found:
    record = StemRecord(
        id=f"{number:016x}",
        number=number,
        type=StemType.BASS,
        song=f"song {number}",
        path=Path(f"/m/{number}.wav"),
        relative_path=f"{number}.wav",
        seconds=seconds,
        sample_rate=16_000,
        channels=1,
        content_hash=str(number),
        licence=None,
        tags=(),
        bpm=None,
        key=None,
        type_source="name",
        status="embedded",
    )
    return StemHit(number, score, 0.0, 0.0), record


def reader(contents: Mapping[int, bytes], asked: list[int] | None = None):  # type: ignore[no-untyped-def]  # noqa: ANN201 - short
    def read(numbers: Collection[int]) -> Mapping[int, bytes]:
        if asked is not None:
            asked.extend(sorted(numbers))
        return {number: contents[number] for number in numbers if number in contents}

    return read


def collapse(hits: list[Found], read: ReadFingerprints) -> Collapsed:
    """What is left after a first round."""
    return Duplicates(read, Stopwatch()).collapse(hits)


def different(count: int) -> dict[int, bytes]:
    """Fingerprints of six seconds of which no two are alike, by number from 0."""
    generator = np.random.default_rng(0)
    return {number: generator.integers(1, 2**32, 100, np.uint32).tobytes() for number in range(count)}


def test_the_better_of_two_copies_is_kept() -> None:
    one, other = fingerprint(noise(1)), fingerprint(noise(2))
    contents = {1: one.tobytes(), 2: fingerprint(noise(1) * 0.5).tobytes(), 3: other.tobytes()}
    hits = [found(2, 0.91), found(3, 0.905), found(1, 0.9)]
    collapsed = collapse(hits, reader(contents))
    assert [hit.number for hit, _ in collapsed.kept] == [2, 3]
    assert collapsed.dropped == {1}


def test_three_copies_become_one() -> None:
    words = fingerprint(noise(1)).tobytes()
    collapsed = collapse(
        [found(1, 0.9), found(2, 0.9), found(3, 0.9)], reader(dict.fromkeys((1, 2, 3), words))
    )
    assert collapsed.dropped == {2, 3}


def test_only_what_could_be_a_copy_is_compared() -> None:
    asked: list[int] = []
    hits = [found(1, 0.9), found(2, 0.9, seconds=30.0), found(3, 0.5), found(4, 0.1)]
    collapsed = collapse(hits, reader({}, asked))
    assert (asked, collapsed.dropped, len(collapsed.kept)) == ([], set(), 4)


def test_stems_without_a_fingerprint_are_no_copies() -> None:
    assert collapse([found(1, 0.9), found(2, 0.9)], reader({})).dropped == set()


def test_a_pair_is_compared_once_however_often_a_search_begins_anew() -> None:
    asked: list[int] = []
    duplicates = Duplicates(reader(different(4), asked), Stopwatch())
    duplicates.collapse([found(number, 0.9) for number in (0, 1, 2)])
    assert duplicates.compared == 3
    duplicates.collapse([found(number, 0.9) for number in (0, 2, 1, 3)])
    assert duplicates.compared == 6
    assert asked == [0, 1, 2, 3]


def test_of_few_all_pairs_are_compared_and_of_many_only_neighbours() -> None:
    hits = [found(number, 0.9) for number in range(40)]
    few, many = (
        Duplicates(reader(different(40)), Stopwatch()),
        Duplicates(reader(different(40)), Stopwatch(), most_pairs=80),
    )
    assert len(few.collapse(hits).kept) == len(many.collapse(hits).kept) == 40
    assert few.compared == 40 * 39 / 2
    assert many.compared == 2 * 38 + 1


def test_more_copies_than_neighbours_become_one_in_a_few_rounds() -> None:
    words = dict.fromkeys(range(12), fingerprint(noise(1)).tobytes())
    duplicates = Duplicates(reader(words), Stopwatch(), most_pairs=24)
    hits, rounds = [found(number, 0.9) for number in range(12)], 0
    while duplicates.collapse(hits).dropped:
        hits, rounds = duplicates.collapse(hits).kept, rounds + 1
    assert [hit.number for hit, _ in hits] == [0]
    assert rounds <= 3


def test_whoever_waits_no_longer_stops_it_between_a_few_pairs() -> None:
    checks = iter([False, False, True])

    def check() -> None:
        if next(checks):
            raise TooLateError

    duplicates = Duplicates(reader(different(40)), Stopwatch(before_step=check))
    with pytest.raises(TooLateError):
        duplicates.collapse([found(number, 0.9) for number in range(40)])
    assert duplicates.compared == PAIRS_A_STEP


def test_its_time_is_measured() -> None:
    stopwatch = Stopwatch()
    Duplicates(reader(different(2)), stopwatch).collapse([found(0, 0.9), found(1, 0.9)])
    assert stopwatch.milliseconds("duplicates") > 0


def test_spectra_are_kept_until_there_is_no_room_and_the_oldest_goes_first() -> None:
    words = fingerprint(noise(1))
    each = KeptSpectra().of(1, words, 512).nbytes
    spectra = KeptSpectra(2 * each)
    first, second = spectra.of(1, words, 512), spectra.of(2, words, 512)
    assert spectra.of(1, words, 512) is first
    spectra.of(3, words, 512)
    assert spectra.nbytes == 2 * each
    assert spectra.of(1, words, 512) is first
    assert spectra.of(2, words, 512) is not second


def test_a_spectrum_larger_than_all_room_is_not_kept() -> None:
    spectra = KeptSpectra(most_bytes=1)
    assert len(spectra.of(1, fingerprint(noise(1)), 512).energies) > 0
    assert spectra.nbytes == 0
