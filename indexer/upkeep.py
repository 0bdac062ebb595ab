"""Mend a library that does not agree with itself, and delete what it no longer needs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio.windows import HOP_SECONDS
from indexer.check import check_library
from indexer.opening import open_for_writing
from indexer.report import Report
from library.builds import DamagedBuildError, NoBuildError, StemIndexes, current_folder, current_manifest
from library.catalogue import Catalogue
from library.garbage import Garbage, remove_dead_parts, remove_dead_vectors, remove_old_builds
from library.settings import Settings
from library.shards import DamagedShardError, ShardStore, read_shard
from library.vector_ids import unpack_ids


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done about the problems of a library."""

    problems: tuple[str, ...]
    """Before."""
    set_aside: tuple[Path, ...] = ()
    """Damaged shards, moved out of the way."""
    report: Report | None = None
    """Of the rebuild; None if nothing was wrong."""
    left: tuple[str, ...] = ()
    """Problems that are still there."""


def repair_library(settings: Settings, model_id: str, rebuild: Callable[[], Report]) -> Repair:
    """Set damaged shards aside, then have `rebuild` embed what lost its vectors and publish everything anew.

    Raises:
        WrongRevisionError, IndexerBusyError, DataFolderError: see `indexer.check`.
    """
    problems = find_problems(settings)
    if not problems:
        return Repair(())
    set_aside = set_damaged_shards_aside(settings, model_id)
    report = rebuild()
    collect_garbage(settings)  # takes vectors that were stored twice
    return Repair(tuple(problems), tuple(set_aside), report, tuple(find_problems(settings)))


def find_problems(settings: Settings) -> list[str]:
    """As `check_library`, with a build that is missing or damaged among the problems."""
    try:
        return check_library(settings)
    except (DamagedBuildError, NoBuildError) as error:
        if not settings.data.is_dir():
            raise  # there is no library that could be mended
        return [str(error)]


def set_damaged_shards_aside(settings: Settings, model_id: str) -> list[Path]:
    """Read every shard of the model and put those out of the way that are damaged.

    Their stems count as not embedded from then on: the next run that comes across their files embeds them.
    """
    with open_for_writing(settings):
        shards = ShardStore.open(settings.data, model_id, HOP_SECONDS)
        damaged = [*shards.damaged, *(path for path in shards.paths() if _is_damaged(path))]
        for path in damaged:
            shards.set_aside(path)
    return damaged


def collect_garbage(settings: Settings) -> Garbage:
    """Delete old builds, vectors and kept parts that no stem has, and gone stems that no index has either.

    Raises:
        IndexerBusyError, DataFolderError: see `library.lock`.
        DamagedBuildError: the published build cannot be read, so that nobody knows what is in it.
    """
    with open_for_writing(settings) as sessions:
        builds = remove_old_builds(settings.data)
        manifest = current_manifest(settings.data)
        if manifest is None:
            return builds
        with sessions() as session:
            live = {stem.content_hash for stem in Catalogue(session).embedded_stems()}
        shards = ShardStore.open(settings.data, manifest.model_id, manifest.hop_seconds)
        vectors = remove_dead_vectors(settings.data, shards, live)
        parts = remove_dead_parts(settings.data, live)
        indexed = _find_indexed_stems(settings.data)
        with sessions.begin() as session:
            stems = Catalogue(session).purge_gone(indexed)
    return Garbage(
        builds=builds.builds,
        shards=vectors.shards,
        bytes=builds.bytes + vectors.bytes + parts.bytes,
        stems=stems,
        parts=parts.parts,
    )


def _find_indexed_stems(data: Path) -> set[int]:
    indexes = StemIndexes.open(current_folder(data))
    found: set[int] = set()
    for stem_type in indexes.types:
        index = indexes.index(stem_type)
        if index is not None:
            found.update(np.unique(unpack_ids(index.ids())[0]).tolist())
    return found


def _is_damaged(path: Path) -> bool:
    try:
        read_shard(path)
    except DamagedShardError:
        return True
    return False
