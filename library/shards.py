"""Vectors on disk: one immutable file a batch of stems, written before the catalogue hears of them.

A shard says everything about its stems (checksum of the file, length, windows, vectors): an index can be
built again without embedding, and a stem whose shard was written just before a kill is not embedded again.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from library.durable import TEMPORARY_SUFFIX, write_durably
from library.index import Vectors, have_length_one
from library.records import SoundFacts
from library.vector_ids import Ids

VECTORS = "vectors"
DAMAGED_SUFFIX = ".damaged"

_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


class DamagedShardError(RuntimeError):
    """A shard whose bytes are not those that were written, or whose vectors no index takes."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"The vectors in {path} are damaged. Run: counterpart index check --repair")
        self.path = path


@dataclass(frozen=True, slots=True)
class StemVectors:
    """What a shard holds of one stem."""

    content_hash: str
    facts: SoundFacts
    windows: Ids
    """Numbers of the windows [B]."""
    vectors: Vectors
    """[B, D], of length 1."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the vectors of one file are."""

    path: Path
    row: int
    windows: int


class ShardStore:
    """All shards of one model, found by the checksum of the file."""

    def __init__(self, folder: Path, hop_seconds: float) -> None:
        self.folder = folder
        self.damaged: list[Path] = []
        self.hop_seconds = hop_seconds
        self._places: dict[str, _Place] = {}
        self._last_read: tuple[Path, list[StemVectors]] | None = None

    @classmethod
    def open(cls, data: Path, model_id: str, hop_seconds: float) -> Self:
        """The shards of `model_id` below the data folder, whose windows lie `hop_seconds` apart.

        Unreadable shards are passed over and listed in `damaged`: their stems count as not embedded.
        """
        store = cls(data / VECTORS / model_id, hop_seconds)
        for path in store.files():
            store._remember(path)
        return store

    def __contains__(self, content_hash: object) -> bool:
        return content_hash in self._places

    def __len__(self) -> int:
        return len(self._places)

    def read(self, content_hash: str) -> StemVectors:
        """What is stored of one file. Fastest in the order of writing.

        Raises:
            KeyError: nothing is.
            DamagedShardError: its shard cannot be read.
        """
        place = self._places[content_hash]
        if self._last_read is None or self._last_read[0] != place.path:
            self._last_read = (place.path, read_shard(place.path))
        return self._last_read[1][place.row]

    def count_windows(self, content_hash: str) -> int:
        """Windows of one file, without reading its vectors.

        Raises:
            KeyError: nothing is stored of it.
        """
        return self._places[content_hash].windows

    def set_aside(self, path: Path) -> list[str]:
        """Put a damaged shard out of the way, under another name; its stems count as not embedded then.

        Returns the checksums of the files whose vectors are lost.
        """
        lost = [content_hash for content_hash, place in self._places.items() if place.path == path]
        for content_hash in lost:
            del self._places[content_hash]
        path.replace(path.with_name(path.name + DAMAGED_SUFFIX))
        self.damaged = [each for each in self.damaged if each != path]
        return lost

    def write(self, stems: Sequence[StemVectors]) -> Path:
        """Store `stems` (at least one) in a new shard; when this returns, they are on the disk.

        The name follows from the contents: writing the same batch again after a kill gives the same file.
        """
        name = hashlib.sha256("".join(each.content_hash for each in stems).encode()).hexdigest()[:32]
        path = self.folder / name[:2] / f"{name}.npz"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, lambda temporary: _write_shard(temporary, stems, self.hop_seconds))
        for row, each in enumerate(stems):
            self._places[each.content_hash] = _Place(path, row, len(each.windows))
        return path

    def files(self) -> list[Path]:
        """Every file of vectors, also the damaged and those of which nothing is read: copies of others."""
        return sorted(self.folder.glob("*/*.npz"))

    def paths(self) -> Iterator[Path]:
        """Every shard from which something is read."""
        yield from sorted({place.path for place in self._places.values()})

    def contents(self) -> dict[Path, set[str]]:
        """Every shard, with the checksums of the files whose vectors are read from it."""
        contents: dict[Path, set[str]] = {}
        for content_hash, place in self._places.items():
            contents.setdefault(place.path, set()).add(content_hash)
        return contents

    def remove_unfinished(self) -> None:
        """Delete what a killed indexer left half written; only while no other one is at work."""
        for path in self.folder.glob(f"*/*{TEMPORARY_SUFFIX}"):
            path.unlink(missing_ok=True)

    def _remember(self, path: Path) -> None:
        try:
            with np.load(path) as shard:
                if float(shard["hop_seconds"]) != self.hop_seconds:
                    return
                hashes, counts = shard["content_hashes"], shard["counts"]
        except _UNREADABLE:
            self.damaged.append(path)
            return
        for row, (content_hash, windows) in enumerate(zip(hashes, counts, strict=True)):
            self._places[content_hash.decode()] = _Place(path, row, int(windows))


def read_shard(path: Path) -> list[StemVectors]:
    """Everything in one shard.

    Raises:
        DamagedShardError: the file is missing, its checksums do not fit, or a vector has not length 1: one
            that an index refuses would keep the whole library from being published.
    """
    try:
        with np.load(path) as shard:
            stems = list(_unpack_shard({name: shard[name] for name in shard.files}))
    except _UNREADABLE as error:
        raise DamagedShardError(path) from error
    if not all(have_length_one(stem.vectors) for stem in stems):
        raise DamagedShardError(path)
    return stems


def _write_shard(path: Path, stems: Sequence[StemVectors], hop_seconds: float) -> None:
    with path.open("wb") as file:  # given a name, savez would append a suffix
        np.savez(
            file,
            hop_seconds=np.float64(hop_seconds),
            content_hashes=np.array([each.content_hash.encode() for each in stems], "S64"),
            seconds=np.array([each.facts.seconds for each in stems], np.float64),
            sample_rates=np.array([each.facts.sample_rate for each in stems], np.int64),
            channels=np.array([each.facts.channels for each in stems], np.int64),
            counts=np.array([len(each.windows) for each in stems], np.int64),
            windows=np.concatenate([each.windows for each in stems]),
            vectors=np.concatenate([each.vectors for each in stems]).astype(np.float32),
        )


def _unpack_shard(shard: dict[str, NDArray[np.generic]]) -> Iterator[StemVectors]:
    ends = np.cumsum(shard["counts"])
    rows = zip(
        shard["content_hashes"], shard["seconds"], shard["sample_rates"], shard["channels"], strict=True
    )
    for (content_hash, seconds, sample_rate, channels), end, count in zip(
        rows, ends, shard["counts"], strict=True
    ):
        part = slice(int(end) - int(count), int(end))
        yield StemVectors(
            content_hash=content_hash.decode(),
            facts=SoundFacts(float(seconds), int(sample_rate), int(channels)),
            windows=shard["windows"][part].astype(np.int64),
            vectors=shard["vectors"][part].astype(np.float32),
        )
