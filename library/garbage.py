"""Delete what nobody needs any more: builds before the one before, vectors and kept parts that no stem has.

Nobody is locked out meanwhile. Shards are read by whoever holds the data folder's lock, as the caller must.
Builds are opened without one: a build is moved out of sight before it is deleted, so that whoever is about to
open it finds it missing and looks where `current` points now (`library.builds.open_current`); and what is
open already stays readable without its name.
"""

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from library.builds import BUILDS, DamagedBuildError, NoBuildError, current_folder
from library.durable import TEMPORARY_SUFFIX
from library.manifest import MANIFEST_FILE, Manifest, ManifestError
from library.parts import find_dead_parts
from library.records import stem_id
from library.shards import DAMAGED_SUFFIX, VECTORS, DamagedShardError, ShardStore, read_shard

# A shard is written again without its dead vectors once they are more than half of it.
_DEAD_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Garbage:
    """What was deleted."""

    builds: int = 0
    shards: int = 0
    """Deleted or written again with less."""
    bytes: int = 0
    stems: int = 0
    """Struck out of the catalogue, their files being gone."""
    parts: int = 0
    """Of files with several stems, kept to be heard alone."""


def remove_old_builds(data: Path) -> Garbage:
    """Delete all builds but the current one and the latest of the others.

    Only under the data folder's lock.
    """
    try:
        current = current_folder(data)
    except (NoBuildError, DamagedBuildError):
        return Garbage()  # which build is the current one has to be settled first
    # Names begin with the time of building.
    others = [each for each in _find_builds(data) if each != current]
    removed = [_remove_folder(folder) for folder in others[:-1]]
    return Garbage(builds=len(removed), bytes=sum(removed))


def remove_dead_vectors(data: Path, shards: ShardStore, live: Collection[str]) -> Garbage:
    """Delete shards that hold none of the `live` files' vectors, and thin out those that hold few.

    So too the shards of other models than those of the builds that are kept, and those set aside as damaged.
    What was written after the current build stays: it may be what a stopped run has embedded already.
    Only under the data folder's lock, and with `shards` opened under it.
    """
    try:
        published = (current_folder(data) / MANIFEST_FILE).stat().st_mtime_ns
    except (NoBuildError, DamagedBuildError, OSError):
        return Garbage()
    wanted = set(live)
    garbage = [
        _thin_out(shards, path, contents, wanted)
        for path, contents in shards.contents().items()
        if path.stat().st_mtime_ns <= published
    ]
    stale = [*_find_foreign_shards(data, shards), *(data / VECTORS).glob(f"*/*/*{DAMAGED_SUFFIX}")]
    freed = [_remove_file(path) for path in stale if path.stat().st_mtime_ns <= published]
    return Garbage(
        shards=sum(each.shards for each in garbage) + len(freed),
        bytes=sum(each.bytes for each in garbage) + sum(freed),
    )


def remove_dead_parts(data: Path, live: Collection[str]) -> Garbage:
    """Delete the parts that were kept of stems that are not among the `live` sounds (their content hashes).

    Only under the data folder's lock, or a stem may come meanwhile. Who is sent a part gets all of it.
    """
    freed = [_remove_file(path) for path in find_dead_parts(data, {stem_id(each) for each in live})]
    return Garbage(parts=len(freed), bytes=sum(freed))


def _thin_out(shards: ShardStore, path: Path, contents: set[str], live: set[str]) -> Garbage:
    """Keep what of the shard's own `contents` is `live`; what it holds besides is read from another shard."""
    try:
        stored = read_shard(path)
    except DamagedShardError:
        return Garbage()  # for `counterpart index check --repair`
    own = [each for each in stored if each.content_hash in contents]
    kept = [each for each in own if each.content_hash in live]
    wanted, held = sum(len(each.windows) for each in kept), sum(len(each.windows) for each in stored)
    if kept and len(own) == len(stored) and wanted > _DEAD_SHARE * held:
        return Garbage()
    written = shards.write(kept).stat().st_size if kept else 0
    return Garbage(shards=1, bytes=_remove_file(path) - written)


def _find_foreign_shards(data: Path, shards: ShardStore) -> list[Path]:
    """Shards that no kept build was made of: of another model, or with windows of another distance."""
    kept = {shards.folder.name} | {each.model_id for each in _read_manifests(data)}
    used = set(shards.paths()) | set(shards.damaged)
    return [
        path
        for path in (data / VECTORS).glob("*/*/*.npz")
        if path.parent.parent.name not in kept or (path.parent.parent == shards.folder and path not in used)
    ]


def _read_manifests(data: Path) -> list[Manifest]:
    manifests = []
    for folder in _find_builds(data):
        try:
            manifests.append(Manifest.read(folder))
        except ManifestError:
            continue
    return manifests


def _find_builds(data: Path) -> list[Path]:
    """Folders of the published builds, in the order of building."""
    folders = (data.resolve() / BUILDS).glob("*")
    return sorted(each for each in folders if each.is_dir() and not each.name.endswith(TEMPORARY_SUFFIX))


def _remove_folder(folder: Path) -> int:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    # If a kill comes now, the next indexing run clears the rest away.
    hidden = folder.rename(folder.with_name(folder.name + TEMPORARY_SUFFIX))
    shutil.rmtree(hidden)
    return size


def _remove_file(path: Path) -> int:
    size = path.stat().st_size
    path.unlink()
    return size
