"""Songs that are heard in the mix, by fingerprints alone: what is listened for, how much, and how long."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from audio.fingerprint import Fingerprint, fingerprint
from library.records import StemRecord
from service.own_songs import MOST_STEMS_OF_A_SONG, STEMS_A_STEP, MixSpectra, OwnSongs
from service.patience import TooLateError
from service.stem_inbox import NO_SONG
from service.stopwatch import Stopwatch
from tests.service.test_duplicates import found, noise

HEARD = fingerprint(noise(1))
MIX = fingerprint(noise(1) + 0.3 * noise(2))


@dataclass
class Library:
    """Songs with the numbers of their stems, of which some are heard in `MIX`; notes what is asked."""

    songs: Mapping[str, Collection[int]]
    heard: Collection[int] = ()
    asked: list[str] = field(default_factory=list)
    read: list[int] = field(default_factory=list)

    def stems_of(self, song: str, limit: int) -> list[int]:
        self.asked.append(song)
        return list(self.songs[song])[:limit]

    def fingerprints(self, numbers: Collection[int]) -> Mapping[int, bytes]:
        self.read += sorted(numbers)
        return {number: (HEARD if number in self.heard else other(number)).tobytes() for number in numbers}

    def listen(self, mix: Fingerprint = MIX, stopwatch: Stopwatch | None = None) -> OwnSongs:
        return OwnSongs(mix, self.stems_of, self.fingerprints, stopwatch or Stopwatch())


def other(number: int) -> Fingerprint:
    """A fingerprint that is in no mix."""
    return np.random.default_rng(number).integers(1, 2**32, 100, np.uint32)


def stem(number: int, *songs: str) -> StemRecord:
    return replace(found(number, 0.9)[1], songs=frozenset(songs))


def test_a_song_is_heard_if_one_of_its_stems_is() -> None:
    library = Library({"own": (1, 2, 3), "other": (4, 5)}, heard={3})
    own = library.listen()
    assert own.among([stem(1, "own"), stem(4, "other")]) == {1}
    assert own.songs == {"own"}
    assert own.among([stem(2, "own"), stem(5, "other"), stem(6, "other", "own")]) == {2, 6}


def test_each_stem_is_listened_for_once_and_each_song_looked_up_once() -> None:
    library = Library({"a": (1, 2), "b": (2, 3)})
    own = library.listen()
    for _ in range(2):
        assert own.among([stem(1, "a"), stem(2, "a", "b"), stem(3, "b")]) == set()
    assert sorted(library.read) == [1, 2, 3]
    assert library.asked == ["a", "b"]


def test_a_song_is_listened_for_until_it_is_heard_what_was_found_first() -> None:
    library = Library({"own": range(MOST_STEMS_OF_A_SONG)}, heard={40})
    assert library.listen().among([stem(40, "own"), stem(50, "own")]) == {40, 50}
    assert len(library.read) == STEMS_A_STEP
    assert {40, 50} <= set(library.read)


def test_of_a_folder_of_loops_only_those_are_left_out_that_are_heard() -> None:
    """`loops/kick 01.wav` and 30,000 more are of the song `loops`: none says anything of the others."""
    library = Library({"loops": range(30_000)}, heard={7, 9_000})
    own = library.listen()
    assert own.among([stem(number, "loops") for number in (6, 7, 8)]) == {7}
    assert own.songs == frozenset()
    assert library.read == [6, 7, 8]


def test_a_song_in_such_a_folder_is_a_song_all_the_same() -> None:
    library = Library({"loops": range(100), "song": (3, 200)}, heard={200})
    assert library.listen().among([stem(3, "loops", "song"), stem(4, "loops")]) == {3}


def test_uploads_without_a_song_have_nothing_to_do_with_each_other() -> None:
    library = Library({NO_SONG: (1, 2)}, heard={1})
    assert library.listen().among([stem(1, NO_SONG), stem(2, NO_SONG)]) == {1}


def test_stems_without_a_fingerprint_are_not_heard() -> None:
    own = OwnSongs(MIX, lambda _, __: [1, 2], lambda _: {}, Stopwatch())
    assert own.among([stem(1, "a")]) == set()


def test_whoever_waits_no_longer_stops_it_between_a_few_stems() -> None:
    library = Library({"song": range(MOST_STEMS_OF_A_SONG)})
    checks = iter([False, False, True])  # the song is looked up, and a few of its stems are listened for

    def check() -> None:
        if next(checks):
            raise TooLateError

    with pytest.raises(TooLateError):
        library.listen(stopwatch=Stopwatch(before_step=check)).among([stem(1, "song")])
    assert len(library.read) == STEMS_A_STEP


def test_its_time_is_measured() -> None:
    stopwatch = Stopwatch()
    Library({"a": (1,)}).listen(stopwatch=stopwatch).among([stem(1, "a")])
    assert stopwatch.milliseconds("own_song") > 0


def test_the_spectrum_of_the_mix_is_made_once_for_stems_of_about_a_length() -> None:
    spectra = MixSpectra(MIX)
    assert spectra.of(512) is spectra.of(512)
    assert spectra.hold(HEARD)
    assert not spectra.hold(other(1))
    assert not spectra.hold(other(1)[:-3])
    assert len(spectra._made) == 2
