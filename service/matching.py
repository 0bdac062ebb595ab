"""The answer to "what fits this mix?": the one path that the endpoint and `counterpart match` share."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType
from library.builds import StemIndexes
from library.catalogue import Catalogue
from library.ranking import StemHit
from library.records import StemRecord
from library.search import Queries, search_stems
from service.asking import MixEmbedder, ask_mix, cut_region
from service.stopwatch import Stopwatch


@dataclass(frozen=True, slots=True)
class Question:
    """What is wanted for a mix."""

    types: tuple[StemType, ...]
    limit: int = 10
    """Stems of each type."""
    start: float = 0.0
    """Where the region of the mix begins, in seconds."""
    seconds: float | None = None
    """Length of the region; None is all that follows `start`."""
    without_songs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Fit:
    """A stem that fits: how well, and where."""

    score: float
    """Compatibility, 0 to 1."""
    stem: StemRecord
    mix_start: float
    """Seconds into the mix as uploaded."""
    stem_start: float
    seconds: float
    """How long the two overlap in the window that was compared."""


@dataclass(frozen=True, slots=True)
class Findings:
    """All that fits, best first."""

    fits: tuple[Fit, ...]
    windows: int
    """Query vectors that were asked for each type; 0 if the library has none of the types."""


def match_mix(
    waveform: Waveform,
    question: Question,
    *,
    embedder: MixEmbedder,
    indexes: StemIndexes,
    catalogue: Catalogue,
    stopwatch: Stopwatch,
) -> Findings:
    """The stems that fit the mix `waveform` [T], at most `question.limit` of each type, ranked together.

    Raises:
        UnusableMixError: the region is too short, silent or outside the mix.
    """
    region = cut_region(waveform, question.start, question.seconds)
    held = [each for each in question.types if indexes.index(each) is not None]
    queries = ask_mix(embedder, region, question.start, held, stopwatch)
    search = _Search(indexes, catalogue, question, stopwatch)
    fits = [
        _fit(embedder, indexes, hit, record, len(waveform) / SAMPLE_RATE)
        for stem_type, asked in queries.items()
        for hit, record in search.run(stem_type, asked)
    ]
    fits.sort(key=lambda fit: -fit.score)
    return Findings(tuple(fits), max((len(each.vectors) for each in queries.values()), default=0))


class _Search:
    """Looks stems up until all that were found are still there and wanted."""

    def __init__(
        self, indexes: StemIndexes, catalogue: Catalogue, question: Question, stopwatch: Stopwatch
    ) -> None:
        self._indexes = indexes
        self._catalogue = catalogue
        self._question = question
        self._stopwatch = stopwatch
        self._excluded = set(catalogue.gone_numbers())

    def run(self, stem_type: StemType, queries: Queries) -> list[tuple[StemHit, StemRecord]]:
        """The best stems of `stem_type`, best first; each round excludes what the last one had to drop."""
        limit = self._question.limit
        while True:
            with self._stopwatch.step("search"):
                hits = search_stems(self._indexes, stem_type, queries, limit, self._excluded)
            records = self._catalogue.stems_by_number([hit.number for hit in hits])
            kept = [(hit, records[hit.number]) for hit in hits if self._is_wanted(records.get(hit.number))]
            if len(kept) == len(hits):
                return kept
            self._excluded |= {hit.number for hit in hits} - _numbers(kept)

    def _is_wanted(self, record: StemRecord | None) -> bool:
        return record is not None and record.song not in self._question.without_songs


def _numbers(found: Iterable[tuple[StemHit, StemRecord]]) -> set[int]:
    return {hit.number for hit, _ in found}


def _fit(
    embedder: MixEmbedder, indexes: StemIndexes, hit: StemHit, record: StemRecord, mix_seconds: float
) -> Fit:
    compatibility = embedder.compatibility(np.array([hit.score], np.float32))
    overlap = min(
        indexes.manifest.window_seconds, mix_seconds - hit.mix_start, record.seconds - hit.stem_start
    )
    return Fit(
        score=float(np.clip(compatibility[0], 0.0, 1.0)),
        stem=record,
        mix_start=hit.mix_start,
        stem_start=hit.stem_start,
        seconds=max(overlap, 0.0),
    )
