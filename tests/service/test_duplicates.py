"""Copies of one recording, and songs that can be heard in the mix, by fingerprints alone."""

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np

from audio.fingerprint import fingerprint
from audio.stems import StemType
from library.ranking import StemHit
from library.records import StemRecord
from service.duplicates import Found, collapse, songs_in_mix


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


def test_a_song_is_in_the_mix_if_one_of_its_stems_is() -> None:
    mix = fingerprint(noise(1) + 0.3 * noise(2))
    stems = {
        "own": [fingerprint(noise(9)).tobytes(), fingerprint(noise(1)).tobytes()],
        "other": [fingerprint(noise(seed)).tobytes() for seed in (5, 6)],
        "none": [],
    }
    assert songs_in_mix(mix, stems) == {"own"}
