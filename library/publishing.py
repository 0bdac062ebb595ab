"""Publish a build: a complete folder first, then one move of the link `current`."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from audio.stems import StemType
from library.builds import BUILDS, CURRENT
from library.durable import TEMPORARY_SUFFIX, file_sha256, flush_file, flush_folder, replace_link
from library.index_building import BuiltIndex
from library.manifest import MANIFEST_FILE, IndexedType, Manifest


@dataclass(frozen=True, slots=True)
class NewBuild:
    """What goes into a build."""

    model_id: str
    dimension: int
    window_seconds: float
    hop_seconds: float
    query_hop_seconds: float
    created: datetime
    contents: str
    """Checksum of what the indexes were made of."""
    indexes: Mapping[StemType, BuiltIndex]


def publish_build(data: Path, build: NewBuild) -> Manifest:
    """Write `build` below the data folder and make it the current one.

    A kill at any moment leaves either the previous build or this one published, whole.
    """
    name = _free_name(data / BUILDS, build)
    unfinished = data / BUILDS / f"{name}{TEMPORARY_SUFFIX}"
    unfinished.mkdir(parents=True)
    manifest = _write_files(unfinished, name, build)
    flush_folder(unfinished)
    unfinished.rename(data / BUILDS / name)
    flush_folder(data / BUILDS)
    replace_link(data / CURRENT, Path(BUILDS) / name)
    return manifest


def remove_unfinished_builds(data: Path) -> None:
    """Delete what a killed indexer left half written; only while no other one is at work."""
    for folder in (data / BUILDS).glob(f"*{TEMPORARY_SUFFIX}"):
        shutil.rmtree(folder)


def _free_name(folder: Path, build: NewBuild) -> str:
    stamp = f"{build.created:%Y%m%dT%H%M%S}-{build.contents[:8]}"
    number = 1
    name = stamp
    while (folder / name).exists():
        number += 1
        name = f"{stamp}-{number}"
    return name


def _write_files(folder: Path, name: str, build: NewBuild) -> Manifest:
    manifest = Manifest(
        build=name,
        model_id=build.model_id,
        dimension=build.dimension,
        window_seconds=build.window_seconds,
        hop_seconds=build.hop_seconds,
        query_hop_seconds=build.query_hop_seconds,
        created=build.created.isoformat(),
        contents=build.contents,
        types={each: _write_index(folder, each, built) for each, built in build.indexes.items()},
    )
    path = folder / MANIFEST_FILE
    path.write_text(manifest.to_json(), encoding="utf-8")
    flush_file(path)
    return manifest


def _write_index(folder: Path, stem_type: StemType, built: BuiltIndex) -> IndexedType:
    path = folder / f"{stem_type}.faiss"
    built.index.save(path)
    flush_file(path)
    return IndexedType(
        stems=built.index.stems,
        vectors=len(built.index),
        file=path.name,
        sha256=file_sha256(path),
        bytes=path.stat().st_size,
        kind=built.index.kind,
        recall=built.measured.recall,
        recall_queries=built.measured.queries,
    )
