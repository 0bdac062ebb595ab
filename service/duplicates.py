"""Recordings that are the same, told by their fingerprints."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from audio.fingerprint import (
    SAME_RECORDING,
    Fingerprint,
    Spectrum,
    shared_size,
    spectra_similarity,
)
from library.ranking import StemHit
from library.records import StemRecord
from service.stopwatch import Stopwatch

Found = tuple[StemHit, StemRecord]

# Copies in other formats, at other levels or a little trimmed score nearly the same against any mix.
SCORE_TOLERANCE = 0.04
LENGTH_TOLERANCE = 0.1
# A comparison takes 0.4 ms of stems of four minutes, and up to 4 ms if their spectra have to be made first.
MOST_PAIRS = 10_000
PAIRS_A_STEP = 32
SPECTRA_BYTES = 64_000_000  # 60 stems of four minutes

ReadFingerprints = Callable[[Collection[int]], Mapping[int, bytes]]


@dataclass(frozen=True, slots=True)
class Collapsed:
    """Hits of which no two are the same recording, and the numbers of those that were."""

    kept: list[Found]
    dropped: set[int]


class Duplicates:
    """Finds near-duplicates; compares each pair once, however often a search has to begin anew.

    Only pairs with nearly the same score and length are compared, and of one answer about `most_pairs`: each
    hit with as many of those next in rank as that allows. Copies stand close together; where there are more
    of one recording than that, the search that follows leaves out those found and brings the rest together.
    """

    def __init__(
        self, read_fingerprints: ReadFingerprints, stopwatch: Stopwatch, most_pairs: int = MOST_PAIRS
    ) -> None:
        self._read_fingerprints = read_fingerprints
        self._stopwatch = stopwatch
        self._most_pairs = most_pairs
        self._words: dict[int, Fingerprint | None] = {}
        self._same: dict[tuple[int, int], bool] = {}
        self._spectra = KeptSpectra()

    @property
    def compared(self) -> int:
        """How many pairs were compared so far."""
        return len(self._same)

    def collapse(self, found: Sequence[Found]) -> Collapsed:
        """Keep the best of near-duplicates; `found` is sorted, best first."""
        with self._stopwatch.step("duplicates"):
            pairs = _suspects(found, max(self._most_pairs // max(len(found), 1), 1))
            self._read({number for pair in pairs for number in pair})
        dropped: set[int] = set()
        for first in range(0, len(pairs), PAIRS_A_STEP):
            with self._stopwatch.step("duplicates"):
                self._drop(pairs[first : first + PAIRS_A_STEP], dropped)
        return Collapsed([each for each in found if each[0].number not in dropped], dropped)

    def _read(self, numbers: Collection[int]) -> None:
        unknown = {number for number in numbers if number not in self._words}
        contents = self._read_fingerprints(unknown) if unknown else {}
        for number in unknown:
            self._words[number] = unpack(contents[number]) if number in contents else None

    def _drop(self, pairs: Sequence[tuple[int, int]], dropped: set[int]) -> None:
        for better, worse in pairs:
            if better not in dropped and worse not in dropped and self._are_same(better, worse):
                dropped.add(worse)

    def _are_same(self, first: int, second: int) -> bool:
        one, other = self._words[first], self._words[second]
        if one is None or other is None:
            return False
        pair = (min(first, second), max(first, second))
        if pair not in self._same:
            size = shared_size(len(one), len(other))
            spectra = self._spectra.of(first, one, size), self._spectra.of(second, other, size)
            self._same[pair] = spectra_similarity(*spectra) >= SAME_RECORDING
        return self._same[pair]


class KeptSpectra:
    """Spectra of fingerprints, kept within `most_bytes`: the next pairs need most of them again."""

    def __init__(self, most_bytes: int = SPECTRA_BYTES) -> None:
        self._most_bytes = most_bytes
        self._held: OrderedDict[tuple[int, int], Spectrum] = OrderedDict()
        self._bytes = 0

    @property
    def nbytes(self) -> int:
        """Memory that is in use."""
        return self._bytes

    def of(self, number: int, words: Fingerprint, size: int) -> Spectrum:
        """The spectrum of stem `number`, whose fingerprint is `words`; forgets what was used longest ago."""
        if (number, size) in self._held:
            self._held.move_to_end((number, size))
            return self._held[number, size]
        made = Spectrum.of(words, size)
        self._held[number, size] = made
        self._bytes += made.nbytes
        while self._bytes > self._most_bytes:
            _, oldest = self._held.popitem(last=False)
            self._bytes -= oldest.nbytes
        return made


def unpack(content: bytes) -> Fingerprint:
    """A fingerprint as the catalogue keeps it."""
    return np.frombuffer(content, np.uint32)


def _suspects(found: Sequence[Found], most_each: int) -> list[tuple[int, int]]:
    """Pairs (better, worse) that could be one recording, by rank; of each better one `most_each` at most."""
    return [pair for rank in range(len(found)) for pair in islice(_suspects_of(found, rank), most_each)]


def _suspects_of(found: Sequence[Found], rank: int) -> Iterator[tuple[int, int]]:
    hit, record = found[rank]
    for other_hit, other in islice(found, rank + 1, None):
        if abs(hit.score - other_hit.score) > SCORE_TOLERANCE * max(abs(hit.score), 1e-9):
            return  # sorted: all that follow are further away
        if abs(record.seconds - other.seconds) <= LENGTH_TOLERANCE * max(record.seconds, other.seconds):
            yield hit.number, other_hit.number
