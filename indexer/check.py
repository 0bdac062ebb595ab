"""Do the catalogue, the vectors and the published build agree? Says what is wrong; changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from audio.stems import StemType
from indexer.opening import open_for_reading
from library.builds import StemIndexes, current_folder
from library.catalogue import Catalogue
from library.records import EmbeddedStem
from library.settings import Settings
from library.shards import DamagedShardError, ShardStore, read_shard
from library.vector_ids import unpack_ids

_MEND = "Run: counterpart index rebuild"


@dataclass(frozen=True, slots=True)
class _Expected:
    """What the catalogue says."""

    stems: Sequence[EmbeddedStem]
    gone: frozenset[int]
    """Stems that an index may still hold: nothing is answered with them."""


def check_library(settings: Settings) -> list[str]:
    """What is wrong, a sentence each; nothing if all is well.

    Raises:
        WrongRevisionError: the database has not been brought up to date.
        NoBuildError, DamagedBuildError: there is no build that could be compared.
    """
    with open_for_reading(settings) as sessions, sessions() as session:
        catalogue = Catalogue(session)
        expected = _Expected(list(catalogue.embedded_stems()), catalogue.gone_numbers())
    indexes = StemIndexes.open(current_folder(settings.data))
    shards = ShardStore.open(settings.data, indexes.manifest.model_id, indexes.manifest.hop_seconds)
    windows, problems = _count_stored_windows(shards)
    problems += _compare_vectors(expected, windows)
    for stem_type in StemType:
        problems += _compare_index(stem_type, expected, windows, _count_indexed_windows(indexes, stem_type))
    return problems


def _count_stored_windows(shards: ShardStore) -> tuple[dict[str, int], list[str]]:
    """Windows of each sound in the shards, all of them read; and which shards are damaged."""
    problems = [str(DamagedShardError(path)) for path in shards.damaged]
    windows: dict[str, int] = {}
    for path in shards.paths():
        try:
            windows |= {each.content_hash: len(each.windows) for each in read_shard(path)}
        except DamagedShardError as error:
            problems.append(str(error))
    return windows, problems


def _count_indexed_windows(indexes: StemIndexes, stem_type: StemType) -> dict[int, int]:
    """Windows of each stem in the index, by the stem's number."""
    index = indexes.index(stem_type)
    if index is None:
        return {}
    numbers, counts = np.unique(unpack_ids(index.ids())[0], return_counts=True)
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))


def _compare_vectors(expected: _Expected, windows: Mapping[str, int]) -> Iterator[str]:
    missing = sum(stem.content_hash not in windows for stem in expected.stems)
    if missing:
        yield f"Stems of the catalogue without vectors of the index's model: {missing}. {_MEND}"


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
        yield f"Stems of the catalogue that are not in the index of {stem_type}: {len(missing)}. {_MEND}"
    if unknown:
        yield f"Stems in the index of {stem_type} that are not in the catalogue: {len(unknown)}. {_MEND}"
    if uneven:
        yield f"Stems with another number of windows in the index of {stem_type}: {len(uneven)}. {_MEND}"
