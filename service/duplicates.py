"""Recordings that are the same, or in the mix already, told by their fingerprints."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from audio.fingerprint import OWN_SONG, SAME_RECORDING, Fingerprint, find_in_mix, similarity
from library.ranking import StemHit
from library.records import StemRecord

Found = tuple[StemHit, StemRecord]

# Copies in other formats, at other levels or a little trimmed score nearly the same against any mix.
SCORE_TOLERANCE = 0.04
LENGTH_TOLERANCE = 0.1

ReadFingerprints = Callable[[Collection[int]], Mapping[int, bytes]]


@dataclass(frozen=True, slots=True)
class Collapsed:
    """Hits of which no two are the same recording, and the numbers of those that were."""

    kept: list[Found]
    dropped: set[int]


def collapse(found: Sequence[Found], read_fingerprints: ReadFingerprints) -> Collapsed:
    """Keep the best of near-duplicates; `found` is sorted, best first.

    Only pairs with nearly the same score and length are compared: fingerprints are read for those alone.
    """
    pairs = _suspects(found)
    words = (
        {
            number: unpack(content)
            for number, content in read_fingerprints({number for pair in pairs for number in pair}).items()
        }
        if pairs
        else {}
    )
    dropped: set[int] = set()
    for better, worse in pairs:
        if better in dropped or worse in dropped or better not in words or worse not in words:
            continue
        if similarity(words[better], words[worse]) >= SAME_RECORDING:
            dropped.add(worse)
    return Collapsed([each for each in found if each[0].number not in dropped], dropped)


def songs_in_mix(mix: Fingerprint, stems: Mapping[str, Sequence[bytes]]) -> frozenset[str]:
    """Songs of which a stem sounds in the mix; `stems` are their fingerprints by song."""
    return frozenset(
        song for song, contents in stems.items() if any(_is_in(mix, unpack(content)) for content in contents)
    )


def unpack(content: bytes) -> Fingerprint:
    """A fingerprint as the catalogue keeps it."""
    return np.frombuffer(content, np.uint32)


def _is_in(mix: Fingerprint, stem: Fingerprint) -> bool:
    occurrence = find_in_mix(mix, stem)
    return occurrence is not None and occurrence.strength >= OWN_SONG


def _suspects(found: Sequence[Found]) -> list[tuple[int, int]]:
    """Pairs (better, worse) that could be one recording, in the order of their ranks."""
    pairs = []
    for rank, (hit, record) in enumerate(found):
        for other_hit, other in found[rank + 1 :]:
            if abs(hit.score - other_hit.score) > SCORE_TOLERANCE * max(abs(hit.score), 1e-9):
                break  # sorted: all that follow are further away
            if abs(record.seconds - other.seconds) <= LENGTH_TOLERANCE * max(record.seconds, other.seconds):
                pairs.append((hit.number, other_hit.number))
    return pairs
