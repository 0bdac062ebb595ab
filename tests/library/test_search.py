"""The search is wide enough, always, and never asks for more than it must."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.stems import StemType
from library.builds import StemIndexes
from library.index import Hits, StemIndex, Vectors
from library.manifest import Manifest
from library.ranking import merge_hits
from library.search import search_stems, widen_search
from library.vector_ids import pack_ids
from tests.fakes import FakeQueries
from tests.library.exact_index import ExactIndex
from tests.library.test_index import DIMENSION, unit_vectors


@dataclass
class CountingIndex(ExactIndex):
    """Notes how wide it was searched."""

    widths: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(DIMENSION)

    def search(self, queries: Vectors, k: int) -> Hits:
        self.widths.append(k)
        return super().search(queries, k)


def fill(index: ExactIndex, stems: int, windows: int, seed: int = 1) -> ExactIndex:
    vectors = unit_vectors(stems * windows, seed)
    for number in range(stems):
        part = vectors[number * windows : (number + 1) * windows]
        index.add(pack_ids(number, np.arange(windows)), part)
    return index


def open_indexes(index: StemIndex) -> StemIndexes:
    manifest = Manifest("build", "fake-1-00000000", DIMENSION, 8.0, 8.0, "2026-11-23T00:00:00+00:00", "", {})
    return StemIndexes(manifest, {StemType.BASS: index})


def make_queries(vectors: NDArray[np.float32]) -> FakeQueries:
    return FakeQueries(vectors, np.arange(len(vectors), dtype=np.float64) * 0.5)


@pytest.mark.parametrize("limit", [1, 3, 10])
@pytest.mark.parametrize("seed", [2, 3, 4])
def test_the_best_stems_are_those_of_a_search_over_everything(limit: int, seed: int) -> None:
    index = fill(ExactIndex(DIMENSION), stems=40, windows=25)
    queries = make_queries(unit_vectors(7, seed))
    everything = merge_hits(index.search(queries.vectors, len(index)), queries.starts, 8.0, limit)
    assert search_stems(open_indexes(index), StemType.BASS, queries, limit) == everything


def test_the_search_widens_until_there_are_enough_stems() -> None:
    index = CountingIndex()
    query = unit_vectors(1)
    for number in range(3):  # each stem fills the top of the list with windows that are all alike
        index.add(pack_ids(number, np.arange(30)), np.repeat(query, 30, axis=0))
    assert len(search_stems(open_indexes(index), StemType.BASS, make_queries(query), 3)) == 3
    assert len(index.widths) > 1


def test_a_small_answer_does_not_read_the_whole_index() -> None:
    index = CountingIndex()
    fill(index, stems=200, windows=1)
    widen_search(index, unit_vectors(1, seed=9), 2)
    assert max(index.widths) < len(index)


def test_all_stems_come_back_if_there_are_fewer_than_the_limit() -> None:
    index = fill(ExactIndex(DIMENSION), stems=4, windows=3)
    found = search_stems(open_indexes(index), StemType.BASS, make_queries(unit_vectors(2, 5)), 100)
    assert sorted(hit.number for hit in found) == [0, 1, 2, 3]


def test_excluded_stems_make_room_for_others() -> None:
    index = fill(ExactIndex(DIMENSION), stems=40, windows=5)
    queries = make_queries(unit_vectors(3, seed=6))
    ranking = [hit.number for hit in search_stems(open_indexes(index), StemType.BASS, queries, 40)]
    found = search_stems(open_indexes(index), StemType.BASS, queries, 5, excluded=set(ranking[:3]))
    assert [hit.number for hit in found] == ranking[3:8]


def test_a_type_without_stems_has_no_answer() -> None:
    index = fill(ExactIndex(DIMENSION), stems=2, windows=1)
    assert search_stems(open_indexes(index), StemType.DRUMS, make_queries(unit_vectors(1)), 5) == []


def test_a_limit_of_nothing_has_no_answer() -> None:
    index = fill(ExactIndex(DIMENSION), stems=2, windows=1)
    assert search_stems(open_indexes(index), StemType.BASS, make_queries(unit_vectors(1)), 0) == []
