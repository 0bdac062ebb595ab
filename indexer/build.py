"""From shards to a published build: one index a stem type, made without embedding anything."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np

from audio.stems import StemType
from audio.windows import WINDOW_SECONDS
from indexer.embed import EmbedderCard
from library.builds import current_manifest
from library.catalogue import Catalogue
from library.database import Sessions
from library.index import FaissIndex, Vectors
from library.manifest import Manifest
from library.publishing import NewBuild, publish_build
from library.records import BuildRecord, EmbeddedStem
from library.shards import ShardStore
from library.vector_ids import Ids, pack_ids

_VECTORS_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class BuildOutcome:
    """What came of building."""

    manifest: Manifest | None
    """The published build; None if the library has no stem and never had one."""
    is_new: bool
    """False if the build before already held exactly this."""
    without_vectors: int
    """Stems of other folders that have no vectors of this model, and so cannot be found."""


def build_library(
    data: Path,
    sessions: Sessions,
    shards: ShardStore,
    card: EmbedderCard,
    *,
    created: datetime,
    anew: bool = False,
) -> BuildOutcome:
    """Publish an index of every stem that has vectors, unless the published one is the same.

    With `anew`, publish it even so (the files of the published one may be damaged).

    Raises:
        DamagedShardError: vectors cannot be read.
    """
    with sessions() as session:
        stems = list(Catalogue(session).embedded_stems())
    usable = [stem for stem in stems if stem.content_hash in shards]
    contents = checksum_contents(usable, card.id, shards.hop_seconds)
    manifest = current_manifest(data)
    is_new = _is_needed(manifest, contents, usable) or (anew and bool(usable))
    if is_new:
        fillings = _fill_indexes(usable, shards, card.dimension)
        build = NewBuild(
            model_id=card.id,
            dimension=card.dimension,
            window_seconds=WINDOW_SECONDS,
            hop_seconds=shards.hop_seconds,
            created=created,
            contents=contents,
            indexes={each: filling.index for each, filling in fillings.items()},
            stems={each: filling.stems for each, filling in fillings.items()},
        )
        manifest = publish_build(data, build)
    if manifest is not None:
        _record(manifest, sessions)  # again, if a kill came between publishing and recording
    return BuildOutcome(manifest, is_new, len(stems) - len(usable))


def checksum_contents(stems: Sequence[EmbeddedStem], model_id: str, hop_seconds: float) -> str:
    """A checksum that changes whenever an index over `stems` would."""
    digest = hashlib.sha256(f"{model_id}\n{hop_seconds}\n".encode())
    for stem in stems:
        digest.update(f"{stem.number} {stem.type} {stem.content_hash}\n".encode())
    return digest.hexdigest()


@dataclass(slots=True)
class _Filling:
    """An index that is being filled, and the vectors that wait to be added together."""

    index: FaissIndex
    stems: int = 0
    ids: list[Ids] = field(default_factory=list)
    vectors: list[Vectors] = field(default_factory=list)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        self.stems += 1
        self.ids.append(ids)
        self.vectors.append(vectors)
        if sum(map(len, self.ids)) >= _VECTORS_AT_ONCE:
            self.finish()

    def finish(self) -> None:
        if self.ids:
            self.index.add(np.concatenate(self.ids), np.concatenate(self.vectors))
        self.ids.clear()
        self.vectors.clear()


def _is_needed(manifest: Manifest | None, contents: str, stems: Sequence[EmbeddedStem]) -> bool:
    return bool(stems) if manifest is None else manifest.contents != contents


def _fill_indexes(
    stems: Iterable[EmbeddedStem], shards: ShardStore, dimension: int
) -> dict[StemType, _Filling]:
    fillings: dict[StemType, _Filling] = {}
    for stem in stems:
        stored = shards.read(stem.content_hash)
        filling = fillings.setdefault(stem.type, _Filling(FaissIndex.empty(dimension)))
        filling.add(pack_ids(stem.number, stored.windows), stored.vectors)
    for filling in fillings.values():
        filling.finish()
    return {stem_type: fillings[stem_type] for stem_type in StemType if stem_type in fillings}


def _record(manifest: Manifest, sessions: Sessions) -> None:
    created = datetime.fromisoformat(manifest.created)
    record = BuildRecord(manifest.build, manifest.model_id, created, manifest.stems, manifest.vectors)
    with sessions.begin() as session:
        Catalogue(session).record_build(record)
