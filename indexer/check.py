"""Do the catalogue, the vectors and the published build agree? Says what is wrong; changes nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from audio.stems import StemType
from indexer.lost import is_lost, name_way_out
from indexer.opening import alone, open_for_reading
from library.builds import StemIndexes, current_folder
from library.catalogue import Catalogue
from library.database import Sessions
from library.manifest import Manifest
from library.records import EmbeddedStem
from library.settings import Settings
from library.shards import DamagedShardError, ShardStore, StemVectors, read_shard
from library.vector_ids import unpack_ids

MEND = "Run: counterpart index check --repair"
_LOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class _Expected:
    """What the catalogue says."""

    stems: Sequence[EmbeddedStem]
    gone: frozenset[int]
    """Stems that an index may still hold: nothing is answered with them."""

    def without(self, lost: Mapping[int, Path]) -> "_Expected":
        """What can still be expected when these stems are lost: an index may hold them or not."""
        stems = [stem for stem in self.stems if stem.number not in lost]
        return _Expected(stems, self.gone | lost.keys())


@dataclass(slots=True)
class _Stored:
    """What the shards say, all of them read."""

    windows: dict[str, int] = field(default_factory=dict)
    """Windows of each sound."""
    copies: Counter[str] = field(default_factory=Counter)
    """In how many shards each sound is."""
    other_lengths: int = 0
    """Sounds whose vectors are not as long as the index's."""
    problems: list[str] = field(default_factory=list)

    def add(self, stem: StemVectors, dimension: int) -> None:
        self.copies[stem.content_hash] += 1
        self.windows[stem.content_hash] = len(stem.windows)
        self.other_lengths += stem.vectors.shape[1:] != (dimension,)


def check_library(settings: Settings) -> list[str]:
    """What is wrong, a sentence each; nothing if all is well.

    Raises:
        WrongRevisionError: the database has not been brought up to date.
        NoBuildError, DamagedBuildError: there is no build that could be compared.
        IndexerBusyError: an indexer is at work, so nothing agrees right now.
    """
    with open_for_reading(settings) as sessions, alone(settings):
        with sessions() as session:
            catalogue = Catalogue(session)
            expected = _Expected(list(catalogue.embedded_stems()), catalogue.gone_numbers())
        indexes = StemIndexes.open(current_folder(settings.data))
        manifest = indexes.manifest
        shards = ShardStore.open(settings.data, manifest.model_id, manifest.hop_seconds)
        stored = _read_all(shards, manifest.dimension)
        lost = _find_lost(sessions, expected, stored)
        expected = expected.without(lost)
        problems = [
            *stored.problems,
            *_name_lost(lost),
            *_compare_vectors(expected, stored),
            *_compare_counts(manifest, indexes),
        ]
        for stem_type in StemType:
            indexed = _count_indexed_windows(indexes, stem_type)
            problems += _compare_index(stem_type, expected, stored.windows, indexed)
    return problems


def _read_all(shards: ShardStore, dimension: int) -> _Stored:
    stored = _Stored(problems=[str(DamagedShardError(path)) for path in shards.damaged])
    for path in shards.files():
        if path in shards.damaged:
            continue
        try:
            for stem in read_shard(path):
                stored.add(stem, dimension)
        except DamagedShardError as error:
            stored.problems.append(str(error))
    return stored


def _find_lost(sessions: Sessions, expected: _Expected, stored: _Stored) -> dict[int, Path]:
    """Stems that have no vectors and no file to make them from, by number, with the first of their files."""
    missing = [stem.number for stem in expected.stems if stem.content_hash not in stored.windows]
    with sessions() as session:
        records = Catalogue(session).stems_by_number(missing)
    return {number: record.path for number, record in records.items() if all(map(is_lost, record.paths))}


def _name_lost(lost: Mapping[int, Path]) -> Iterator[str]:
    """No repair helps here, so the owner has to."""
    for path in islice(sorted(set(lost.values())), _LOST_SHOWN):
        yield f"A stem has no vectors, and its file is not there: {path}. {name_way_out(path)}"
    if len(lost) > _LOST_SHOWN:
        yield f"Stems without vectors and without a file, all in all: {len(lost)}."


def _count_indexed_windows(indexes: StemIndexes, stem_type: StemType) -> dict[int, int]:
    """Windows of each stem in the index, by the stem's number."""
    index = indexes.index(stem_type)
    if index is None:
        return {}
    numbers, counts = np.unique(unpack_ids(index.ids())[0], return_counts=True)
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))


def _compare_vectors(expected: _Expected, stored: _Stored) -> Iterator[str]:
    missing = sum(stem.content_hash not in stored.windows for stem in expected.stems)
    copied = sum(stored.copies[content_hash] > 1 for content_hash in stored.copies)
    if missing:
        yield f"Stems of the catalogue without vectors of the index's model: {missing}. {MEND}"
    if stored.other_lengths:
        yield f"Sounds whose vectors have another length than the index's: {stored.other_lengths}. {MEND}"
    if copied:
        yield f"Sounds that are in more than one file of vectors: {copied}. {MEND}"


def _compare_counts(manifest: Manifest, indexes: StemIndexes) -> Iterator[str]:
    for stem_type, indexed in manifest.types.items():
        index = indexes.index(stem_type)
        if index is not None and index.stems != indexed.stems:
            found = f"{index.stems} stems instead of {indexed.stems}"
            yield f"The index of {stem_type} has {found} by the manifest. {MEND}"


def _compare_index(
    stem_type: StemType, expected: _Expected, windows: Mapping[str, int], indexed: Mapping[int, int]
) -> Iterator[str]:
    wanted = {
        stem.number: windows.get(stem.content_hash) for stem in expected.stems if stem.type == stem_type
    }
    missing = wanted.keys() - indexed.keys()
    unknown = indexed.keys() - wanted.keys() - expected.gone
    uneven = [number for number in wanted.keys() & indexed.keys() if wanted[number] != indexed[number]]
    if missing:
        yield f"Stems of the catalogue that are not in the index of {stem_type}: {len(missing)}. {MEND}"
    if unknown:
        yield f"Stems in the index of {stem_type} that are not in the catalogue: {len(unknown)}. {MEND}"
    if uneven:
        yield f"Stems with another number of windows in the index of {stem_type}: {len(uneven)}. {MEND}"
