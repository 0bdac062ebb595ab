"""The writer: vectors into shards first, then, once they are on the disk, the catalogue."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.embed import GuessType
from indexer.listen import LISTENER_VERSION
from indexer.read import DecodedStem, FailedStem, RecognisedStem
from library.catalogue import Catalogue
from library.database import Sessions
from library.index import Vectors
from library.records import TO_BE_GUESSED, SoundFacts, StemEntry
from library.shards import ShardStore, StemVectors
from library.vector_ids import Ids

FILES_A_SHARD = 64
WINDOWS_A_SHARD = 256
# What somebody said has the confidence 1: a filter for that leaves out every guess.
SUREST_GUESS = 0.9999


@dataclass(frozen=True, slots=True)
class _Finished:
    reading: RecognisedStem | FailedStem
    facts: SoundFacts | None


def is_there(path: Path) -> bool:
    """Whether there is such a file, or nobody can say."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


class StemWriter:
    """Collects what was read and embedded and stores a batch at a time; `flush` stores the rest.

    A kill loses at most the batch that is being collected: those files are embedded again.
    `guess_type` names the type of stems of which nothing else does, nor was told to an earlier run. What
    became of a file that is not there any more is not stored: its stem may have been removed with it, since
    it was read.
    """

    def __init__(
        self,
        sessions: Sessions,
        shards: ShardStore,
        guess_type: GuessType | None = None,
        is_there: Callable[[Path], bool] = is_there,
    ) -> None:
        self._sessions = sessions
        self._shards = shards
        self._guess_type = guess_type
        self._is_there = is_there
        self._new: dict[str, StemVectors] = {}
        self._finished: list[_Finished] = []

    def has_vectors(self, content_hash: str) -> bool:
        """Whether this sound has vectors, on the disk or in the batch being collected."""
        return content_hash in self._shards or content_hash in self._new

    def is_heard(self, content_hash: str) -> bool:
        """Whether the catalogue has the facts of this sound. May be asked from any thread."""
        if content_hash in self._new:
            return True
        with self._sessions() as session:
            version = Catalogue(session).heard_version(content_hash)
        return version is not None and version >= LISTENER_VERSION

    def add_embedded(self, stem: DecodedStem, windows: Ids, vectors: Vectors) -> None:
        """Take a stem with the numbers of its windows [B] and its `vectors` [B, D]."""
        self._new[stem.content_hash] = StemVectors(stem.content_hash, stem.facts, windows, vectors)
        self.add_recognised(RecognisedStem(stem.entry, stem.state, stem.content_hash, stem.facts, stem.heard))

    def add_recognised(self, stem: RecognisedStem) -> None:
        """Take a stem for whose sound `has_vectors` holds."""
        stem = replace(stem, entry=self._name_type(stem.entry, stem.content_hash))
        new = self._new.get(stem.content_hash)
        self._add(_Finished(stem, new.facts if new else stem.facts))

    def add_failed(self, stem: FailedStem) -> None:
        """Take a file that cannot be indexed."""
        self._add(_Finished(stem, None))

    def flush(self) -> None:
        """Store everything that was collected."""
        if self._new:
            self._shards.write(list(self._new.values()))
        if self._finished:
            with self._sessions.begin() as session:
                catalogue = Catalogue(session)
                for each in self._finished:
                    if self._is_there(each.reading.entry.path):
                        _save(catalogue, each)
        self._new.clear()
        self._finished.clear()

    def _name_type(self, entry: StemEntry, content_hash: str) -> StemEntry:
        if entry.type_source != TO_BE_GUESSED:
            return entry
        with self._sessions() as session:
            given = Catalogue(session).given_type(content_hash)
        if given is not None:  # for the file's former place, or for a copy
            return replace(entry, type=given, type_source="option", type_confidence=1.0)
        if self._guess_type is None:
            return entry
        stored = self._new.get(content_hash) or self._shards.read(content_hash)
        stem_type, confidence = self._guess_type(stored.vectors)
        sure = min(round(float(confidence), 4), SUREST_GUESS)
        return replace(entry, type=stem_type, type_source="model", type_confidence=sure)

    def _add(self, finished: _Finished) -> None:
        self._finished.append(finished)
        windows = sum(len(each.windows) for each in self._new.values())
        if len(self._finished) >= FILES_A_SHARD or windows >= WINDOWS_A_SHARD:
            self.flush()


def _save(catalogue: Catalogue, finished: _Finished) -> None:
    reading = finished.reading
    if isinstance(reading, FailedStem):
        catalogue.save_failed(reading.entry, reading.state, reading.content_hash, reading.reason)
    else:
        catalogue.save_embedded(
            reading.entry, reading.state, reading.content_hash, finished.facts, reading.heard
        )
