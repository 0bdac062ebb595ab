"""Mixes that were heard lately: who asks for drums and then for bass sends the same mix twice."""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import BinaryIO, Self

from service.heard_mix import HeardMix
from service.question import Question

_PIECE_BYTES = 1 << 20


class ForgottenMixError(LookupError):
    """A mix is asked about by its hash alone, and nothing is known of it (any longer)."""

    def __init__(self) -> None:
        super().__init__(
            "This server does not remember what is heard in that region of a mix with this SHA-256. "
            "Send the file in the multipart form field `mix`: curl -F mix=@mix.wav"
        )


@dataclass(frozen=True, slots=True)
class MixKey:
    """What was heard: the content of a file, the region of it, and whether its fingerprint was wanted."""

    sha256: str
    start: float
    seconds: float | None
    with_fingerprint: bool

    @classmethod
    def of(cls, sha256: str, question: Question) -> Self:
        """The key under which the answer to `question` finds what was heard."""
        return cls(sha256, question.start, question.seconds, question.without_own_song)


class RecentMixes:
    """Keeps what was heard last within `most_bytes` of memory. Safe to use from several threads."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._held: OrderedDict[MixKey, HeardMix] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self.hits = 0
        self.misses = 0

    @property
    def nbytes(self) -> int:
        """Memory that is in use."""
        return self._bytes

    def find(self, key: MixKey) -> HeardMix | None:
        """What was heard of it, if that is still known."""
        with self._lock:
            heard = self._held.get(key)
            if heard is None:
                self.misses += 1
                return None
            self.hits += 1
            self._held.move_to_end(key)
            return heard

    def keep(self, key: MixKey, heard: HeardMix) -> None:
        """Remember it, and forget what has not been asked for longest; a mix larger than all is not kept."""
        if heard.nbytes > self._most_bytes:
            return
        with self._lock:
            replaced = self._held.pop(key, None)
            self._bytes -= 0 if replaced is None else replaced.nbytes
            self._held[key] = heard
            self._bytes += heard.nbytes
            while self._bytes > self._most_bytes:
                _, oldest = self._held.popitem(last=False)
                self._bytes -= oldest.nbytes


def hash_upload(upload: BinaryIO) -> str:
    """SHA-256 of an upload, which is at its start again afterwards."""
    upload.seek(0)
    digest = hashlib.sha256()
    while piece := upload.read(_PIECE_BYTES):
        digest.update(piece)
    upload.seek(0)
    return digest.hexdigest()
