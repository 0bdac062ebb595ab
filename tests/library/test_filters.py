"""Filters narrow the library down by SQL, before anything is searched."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audio.stems import StemType
from library.catalogue import Catalogue
from library.filters import StemFilters
from library.records import FileState, Heard, SoundFacts, StemEntry

ROOT = Path("/music")
FACTS = SoundFacts(10.0, 44_100, 2)
STATE = FileState(1, 2)


def make_entry(song: str, stem_type: StemType = StemType.BASS) -> StemEntry:
    folder = ROOT / song
    return StemEntry(folder / f"{stem_type}.wav", ROOT, song, folder, stem_type, "name")


@pytest.fixture
def library(catalogue: Catalogue) -> dict[str, int]:
    """Numbers of basses by song: slow (70), even (140, A minor), loud (200), plain; and some drums."""
    entries = {
        "slow": replace(make_entry("slow"), bpm=70.0, licence="CC0-1.0", tags=("dry",)),
        "even": replace(make_entry("even"), bpm=140.0, key="A minor", tags=("dry", "sub"), kind="loop"),
        "loud": replace(make_entry("loud"), bpm=200.0, key="C major", licence="MIT"),
        "plain": replace(make_entry("plain"), licence="Permission by ÉDITIONS Ö"),
        "drums": replace(make_entry("slow", StemType.DRUMS), bpm=70.0),
    }
    heard = {"plain": Heard(key="E minor", key_confidence=0.5, version=1)}
    return {
        name: catalogue.save_embedded(entry, STATE, f"content of {name}", FACTS, heard.get(name))
        for name, entry in entries.items()
    }


def names(catalogue: Catalogue, library: dict[str, int], filters: StemFilters) -> set[str]:
    numbers = catalogue.numbers_where(filters, StemType.BASS)
    assert numbers is not None
    assert numbers.tolist() == sorted(numbers.tolist())
    listed = catalogue.list_stems([StemType.BASS], filters)
    assert [stem.number for stem in listed] == numbers.tolist()
    return {name for name, number in library.items() if number in set(numbers.tolist())}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (StemFilters(min_bpm=60), {"slow", "even", "loud"}),
        (StemFilters(max_bpm=140), {"slow", "even"}),
        (StemFilters(min_bpm=139.5, max_bpm=140.5), {"even"}),
        (StemFilters(min_bpm=139, max_bpm=141, any_octave=True), {"slow", "even"}),
        (StemFilters(min_bpm=69, max_bpm=71, any_octave=True), {"slow", "even"}),
        (StemFilters(keys=frozenset({"A minor"})), {"even"}),
        (StemFilters(keys=frozenset({"A minor", "E minor"})), {"even", "plain"}),
        (StemFilters(licences=frozenset({"cc0-1.0", "MIT"})), {"slow", "loud"}),
        (StemFilters(licences=frozenset({"Permission by ÉDITIONS Ö"})), {"plain"}),
        (StemFilters(tags=frozenset({"dry"})), {"slow", "even"}),
        (StemFilters(tags=frozenset({"Dry", "sub"})), {"even"}),
        (StemFilters(songs=frozenset({"slow", "plain"})), {"slow", "plain"}),
        (StemFilters(kinds=frozenset({"loop"})), {"even"}),
        (StemFilters(max_bpm=140, tags=frozenset({"dry"}), kinds=frozenset({"loop", "song"})), {"even"}),
        (StemFilters(min_bpm=1000), set()),
    ],
)
def test_a_filter_leaves_what_it_says(
    catalogue: Catalogue, library: dict[str, int], filters: StemFilters, expected: set[str]
) -> None:
    assert names(catalogue, library, filters) == expected


def test_without_a_filter_every_stem_is_wanted(catalogue: Catalogue, library: dict[str, int]) -> None:
    assert catalogue.numbers_where(StemFilters(), StemType.BASS) is None
    assert catalogue.numbers_where(StemFilters(any_octave=True), StemType.BASS) is None
    assert len(catalogue.list_stems([StemType.BASS], StemFilters())) == 4


def test_what_is_gone_passes_no_filter(catalogue: Catalogue, library: dict[str, int]) -> None:
    catalogue.mark_gone([library["slow"]])
    assert names(catalogue, library, StemFilters(min_bpm=60)) == {"even", "loud"}


def test_types_that_were_guessed_can_be_left_out(catalogue: Catalogue, library: dict[str, int]) -> None:
    guessed = replace(make_entry("guessed"), type_source="model", type_confidence=0.4)
    catalogue.save_embedded(guessed, STATE, "guessed", FACTS)
    assert names(catalogue, library, StemFilters(min_type_confidence=0.5)) == {
        "slow",
        "even",
        "loud",
        "plain",
    }


def test_pages_follow_each_other_without_gaps(catalogue: Catalogue, library: dict[str, int]) -> None:
    every = list(StemType)
    pages, after = [], 0
    while page := catalogue.list_stems(every, StemFilters(), after=after, limit=2):
        pages.append([stem.number for stem in page])
        after = page[-1].number
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [number for page in pages for number in page] == sorted(library.values())


def test_answerable_is_what_is_there_of_that_type_and_not_of_those_songs(
    catalogue: Catalogue, library: dict[str, int]
) -> None:
    catalogue.mark_gone([library["loud"]])
    order = ("slow", "even", "loud", "plain", "drums")
    numbers = np.array([library[name] for name in order], np.int64)
    assert catalogue.are_answerable(numbers, StemType.BASS).tolist() == [True, True, False, True, False]
    without = catalogue.are_answerable(numbers, StemType.BASS, {"slow"})
    assert without.tolist() == [False, True, False, True, False]
