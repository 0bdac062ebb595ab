"""The check finds what is wrong and names it, and changes nothing."""

from pathlib import Path

import pytest
from rich.console import Console

from indexer.check import check_library
from indexer.opening import open_for_writing
from indexer.run import index_library, remove_stems
from library.builds import DamagedBuildError, NoBuildError
from library.catalogue import Catalogue
from library.records import FileState, SoundFacts
from library.settings import Settings
from tests.fakes import FakeEmbedder


@pytest.fixture
def indexed(songs: Path, settings: Settings, embedder: FakeEmbedder, console: Console) -> Settings:
    index_library([songs], settings, embedder, console)
    return settings


def find_shard(settings: Settings) -> Path:
    (shard,) = (settings.data / "vectors").glob("*/*/*.npz")
    return shard


def test_a_fresh_library_is_in_order(indexed: Settings) -> None:
    assert check_library(indexed) == []


def test_removed_stems_are_no_fault(indexed: Settings, songs: Path) -> None:
    remove_stems([songs / "song-00"], indexed)
    assert check_library(indexed) == []


def test_a_stem_that_the_index_lacks_is_found(indexed: Settings, songs: Path) -> None:
    with open_for_writing(indexed) as sessions, sessions.begin() as session:
        catalogue = Catalogue(session)
        known = catalogue.known_stems(songs / "song-00/bass.wav")[0]
        catalogue.save_embedded(known.entry, FileState(1, 1), "not embedded", SoundFacts(1, 1, 1))
    problems = check_library(indexed)
    assert len(problems) == 2
    assert "without vectors of the index's model: 1" in problems[0]
    assert "not in the index of bass: 1" in problems[1]


def test_a_stem_that_changed_its_type_is_found_in_both(indexed: Settings, songs: Path) -> None:
    (songs / "manifest.csv").write_text("file,type\nsong-00/bass.wav,synth\n")
    current = (indexed.data / "current").readlink()
    index_library([songs], indexed, FakeEmbedder(), Console(quiet=True))
    (indexed.data / "current").unlink()
    (indexed.data / "current").symlink_to(current)
    problems = check_library(indexed)
    assert ["bass that are not in the catalogue: 1" in problems[0], "index of synth: 1" in problems[1]] == [
        True
    ] * 2


def test_a_flipped_bit_in_the_vectors_is_found(indexed: Settings) -> None:
    shard = find_shard(indexed)
    content = bytearray(shard.read_bytes())
    content[len(content) * 2 // 3] ^= 1
    shard.write_bytes(content)
    problems = check_library(indexed)
    assert str(shard) in problems[0]
    assert "index check --repair" in problems[0]


def test_a_shard_that_is_cut_short_is_found(indexed: Settings) -> None:
    shard = find_shard(indexed)
    shard.write_bytes(shard.read_bytes()[:-100])
    assert str(shard) in check_library(indexed)[0]


def test_a_changed_index_is_found(indexed: Settings) -> None:
    path = indexed.data / "current" / "bass.faiss"
    path.write_bytes(path.read_bytes() + b"?")
    with pytest.raises(DamagedBuildError, match="checksum"):
        check_library(indexed)


def test_every_problem_says_what_to_run(indexed: Settings) -> None:
    find_shard(indexed).unlink()
    problems = check_library(indexed)
    assert problems
    assert all("counterpart index check --repair" in problem for problem in problems)


def test_without_a_library_it_says_what_to_run(settings: Settings) -> None:
    with pytest.raises(NoBuildError, match="counterpart index PATH"):
        check_library(settings)
    assert not settings.data.exists()
