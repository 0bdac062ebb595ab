"""From shards to a published build: one index a stem type, made without embedding anything."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from audio.windows import WINDOW_SECONDS
from indexer.embed import EmbedderCard
from indexer.fill import StemSource, fill_indexes
from library.builds import current_manifest
from library.catalogue import Catalogue
from library.database import Sessions
from library.garbage import remove_old_builds
from library.manifest import Manifest
from library.publishing import NewBuild, publish_build
from library.records import BuildRecord, EmbeddedStem
from library.shards import ShardStore


@dataclass(frozen=True, slots=True)
class BuildOutcome:
    """What came of building."""

    manifest: Manifest | None
    """The published build; None if the library has no stem and never had one."""
    is_new: bool
    """False if the build before already held exactly this."""
    without_vectors: int
    """Stems of other folders that have no vectors of this model, and so cannot be found."""
    damaged: tuple[Path, ...] = ()
    """Shards that could not be read and were set aside: their stems are among those without vectors."""


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

    With `anew`, publish it even so (the files of the published one may be damaged). Stems whose vectors turn
    out to be damaged are left out; the next run embeds them again. Builds before the one before are deleted.
    """
    with sessions() as session:
        stems = list(Catalogue(session).embedded_stems())
    usable = [stem for stem in stems if stem.content_hash in shards]
    contents = checksum_contents(usable, card.id, shards.hop_seconds)
    manifest = current_manifest(data)
    is_new = _is_needed(manifest, contents, usable) or (anew and bool(usable))
    source = StemSource(shards)
    if is_new:
        indexes, usable = fill_indexes(usable, source, card.dimension)
        build = NewBuild(
            model_id=card.id,
            dimension=card.dimension,
            window_seconds=WINDOW_SECONDS,
            hop_seconds=shards.hop_seconds,
            query_hop_seconds=card.query_hop_samples / card.sample_rate,
            created=created,
            contents=checksum_contents(usable, card.id, shards.hop_seconds),
            indexes=indexes,
        )
        manifest = publish_build(data, build)
    if manifest is not None:
        _record(manifest, sessions)  # again, if a kill came between publishing and recording
        remove_old_builds(data)
    return BuildOutcome(manifest, is_new, len(stems) - len(usable), tuple(source.damaged))


def checksum_contents(stems: Sequence[EmbeddedStem], model_id: str, hop_seconds: float) -> str:
    """A checksum that changes whenever an index over `stems` would."""
    digest = hashlib.sha256(f"{model_id}\n{hop_seconds}\n".encode())
    for stem in stems:
        digest.update(f"{stem.number} {stem.type} {stem.content_hash}\n".encode())
    return digest.hexdigest()


def _is_needed(manifest: Manifest | None, contents: str, stems: Sequence[EmbeddedStem]) -> bool:
    return bool(stems) if manifest is None else manifest.contents != contents


def _record(manifest: Manifest, sessions: Sessions) -> None:
    created = datetime.fromisoformat(manifest.created)
    record = BuildRecord(manifest.build, manifest.model_id, created, manifest.stems, manifest.vectors)
    with sessions.begin() as session:
        Catalogue(session).record_build(record)
