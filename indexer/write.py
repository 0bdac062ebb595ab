"""The writer: vectors into shards first, then, once they are on the disk, the catalogue."""

from dataclasses import dataclass

from indexer.read import DecodedStem, FailedStem, RecognisedStem
from library.catalogue import Catalogue
from library.database import Sessions
from library.index import Vectors
from library.records import SoundFacts
from library.shards import ShardStore, StemVectors

FILES_A_SHARD = 64
WINDOWS_A_SHARD = 256


@dataclass(frozen=True, slots=True)
class _Finished:
    reading: RecognisedStem | FailedStem
    facts: SoundFacts | None


class StemWriter:
    """Collects what was read and embedded and stores a batch at a time; `flush` stores the rest.

    A kill loses at most the batch that is being collected: those files are embedded again.
    """

    def __init__(self, sessions: Sessions, shards: ShardStore) -> None:
        self._sessions = sessions
        self._shards = shards
        self._new: dict[str, StemVectors] = {}
        self._finished: list[_Finished] = []

    def is_embedded(self, content_hash: str) -> bool:
        """Whether this sound has vectors, on the disk or in the batch being collected."""
        return content_hash in self._shards or content_hash in self._new

    def add_embedded(self, stem: DecodedStem, vectors: Vectors) -> None:
        """Take a stem with its `vectors` [B, D]."""
        windows = stem.windows.numbers
        self._new[stem.content_hash] = StemVectors(stem.content_hash, stem.facts, windows, vectors)
        self.add_recognised(RecognisedStem(stem.entry, stem.state, stem.content_hash))

    def add_recognised(self, stem: RecognisedStem) -> None:
        """Take a stem for whose sound `is_embedded` holds."""
        new = self._new.get(stem.content_hash)
        facts = new.facts if new else self._shards.read(stem.content_hash).facts
        self._add(_Finished(stem, facts))

    def add_failed(self, stem: FailedStem) -> None:
        """Take a file that cannot be indexed."""
        self._add(_Finished(stem, None))

    def flush(self) -> None:
        """Store everything that was collected."""
        if self._new:
            self._shards.write(list(self._new.values()))
        with self._sessions.begin() as session:
            catalogue = Catalogue(session)
            for each in self._finished:
                _save(catalogue, each)
        self._new.clear()
        self._finished.clear()

    def _add(self, finished: _Finished) -> None:
        self._finished.append(finished)
        windows = sum(len(each.windows) for each in self._new.values())
        if len(self._finished) >= FILES_A_SHARD or windows >= WINDOWS_A_SHARD:
            self.flush()


def _save(catalogue: Catalogue, finished: _Finished) -> None:
    reading = finished.reading
    if isinstance(reading, FailedStem):
        catalogue.save_failed(reading.entry, reading.state, reading.content_hash, reading.reason)
    elif finished.facts is not None:
        catalogue.save_embedded(reading.entry, reading.state, reading.content_hash, finished.facts)
