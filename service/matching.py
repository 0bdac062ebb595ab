"""The answer to "what fits this mix?": the one path that the endpoint and `counterpart match` share."""

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE, Recording, Waveform
from audio.fingerprint import Fingerprint, fingerprint
from audio.key import KeyGuess, estimate_key
from audio.stems import StemType
from audio.tempo import Tempo, estimate_tempo
from library.builds import StemIndexes
from library.catalogue import Catalogue, StemNumbers
from library.filters import StemFilters
from library.ranking import StemHit
from library.records import StemRecord
from library.search import Queries, search_stems
from service.asking import EncodedSection, MixEmbedder, cut_region, encode_sections, predict_queries
from service.duplicates import Found, collapse, songs_in_mix
from service.stopwatch import Stopwatch

# More of a region tells little about its tempo and key, and takes longer than the search.
HEARD_SECONDS = 60


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
    without_own_song: bool = False
    """Whether songs are left out of which another stem sounds in the mix."""
    filters: StemFilters = field(default_factory=StemFilters)


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
class MixFacts:
    """What is estimated of a mix; None where nothing can be told."""

    tempo: Tempo | None = None
    key: KeyGuess | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """All that fits, best first."""

    fits: tuple[Fit, ...]
    windows: int
    """Query vectors that were asked for each type; 0 if the library has none of the types."""
    facts: MixFacts = MixFacts()
    """Of the region that was asked about."""


@dataclass(frozen=True, slots=True)
class HeardMix:
    """All that is needed of a region of a mix to ask any question about it, without its file."""

    seconds: float
    """Length of the whole mix as uploaded."""
    waveform_seconds: float
    sections: tuple[EncodedSection, ...]
    facts: MixFacts
    """Of the region."""
    fingerprint: Fingerprint | None
    """Of the region; None where the question does not need it."""

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        marks = 0 if self.fingerprint is None else self.fingerprint.nbytes
        return marks + sum(each.nbytes for each in self.sections)


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
    recording = Recording(waveform, len(waveform) / SAMPLE_RATE, SAMPLE_RATE, 1)
    heard = hear_mix(recording, question, embedder, stopwatch)
    return find_fits(
        heard, question, embedder=embedder, indexes=indexes, catalogue=catalogue, stopwatch=stopwatch
    )


def hear_mix(
    recording: Recording, question: Question, embedder: MixEmbedder, stopwatch: Stopwatch
) -> HeardMix:
    """Listen to the region that `question` is about; types and filters do not matter yet.

    Raises:
        UnusableMixError: the region is too short, silent or outside the mix.
    """
    region = cut_region(recording.waveform, question.start, question.seconds)
    sections = encode_sections(embedder, region, question.start, stopwatch)
    with stopwatch.step("metadata"):
        heard = region[: HEARD_SECONDS * SAMPLE_RATE]
        facts = MixFacts(estimate_tempo(heard), estimate_key(heard))
        marks = fingerprint(region) if question.without_own_song else None
    return HeardMix(
        seconds=recording.seconds,
        waveform_seconds=len(recording.waveform) / SAMPLE_RATE,
        sections=sections,
        facts=facts,
        fingerprint=marks,
    )


def find_fits(
    heard: HeardMix,
    question: Question,
    *,
    embedder: MixEmbedder,
    indexes: StemIndexes,
    catalogue: Catalogue,
    stopwatch: Stopwatch,
) -> Findings:
    """The stems that fit what was heard, at most `question.limit` of each type, ranked together."""
    held = [each for each in question.types if indexes.index(each) is not None]
    queries = predict_queries(embedder, heard.sections, held, stopwatch)
    search = _Search(indexes, catalogue, question, heard.fingerprint, stopwatch)
    fits = [
        _fit(embedder, indexes, hit, record, heard.waveform_seconds)
        for stem_type, asked in queries.items()
        for hit, record in search.run(stem_type, asked)
    ]
    fits.sort(key=lambda fit: -fit.score)
    return Findings(
        fits=tuple(fits),
        windows=max((len(each.vectors) for each in queries.values()), default=0),
        facts=heard.facts,
    )


class _Search:
    """Looks stems up until all that were found are wanted, and no two are the same recording."""

    def __init__(
        self,
        indexes: StemIndexes,
        catalogue: Catalogue,
        question: Question,
        mix: Fingerprint | None,
        stopwatch: Stopwatch,
    ) -> None:
        self._indexes = indexes
        self._catalogue = catalogue
        self._question = question
        self._stopwatch = stopwatch
        self._without_songs = question.without_songs
        self._known_songs: set[str] = set()
        self._mix = mix

    def run(self, stem_type: StemType, queries: Queries) -> list[Found]:
        """The best stems of `stem_type`, best first; each round leaves out what the last one had to drop."""
        dropped: set[int] = set()
        allowed = self._catalogue.numbers_where(self._question.filters, stem_type)
        while True:
            hits = self._ask(stem_type, queries, allowed, dropped)
            records = self._catalogue.stems_by_number([hit.number for hit in hits])
            found = [(hit, records[hit.number]) for hit in hits if hit.number in records]
            unwanted = {hit.number for hit in hits} - records.keys()
            unwanted |= {hit.number for hit, record in found if self._is_own(record)}
            collapsed = collapse(
                [each for each in found if each[0].number not in unwanted], self._catalogue.fingerprints
            )
            unwanted |= collapsed.dropped
            if not unwanted:
                return collapsed.kept
            dropped |= unwanted

    def _ask(
        self, stem_type: StemType, queries: Queries, allowed: StemNumbers | None, dropped: Collection[int]
    ) -> list[StemHit]:
        def is_there(numbers: StemNumbers) -> NDArray[np.bool_]:
            return self._catalogue.are_answerable(numbers, stem_type, self._without_songs)

        with self._stopwatch.step("search"):
            return search_stems(
                self._indexes,
                stem_type,
                queries,
                self._question.limit,
                allowed=allowed,
                excluded=dropped,
                is_there=is_there,
            )

    def _is_own(self, record: StemRecord) -> bool:
        """Whether another stem of its song sounds in the mix; such songs are left out from then on."""
        if self._mix is None:
            return False
        unknown = record.songs - self._known_songs
        if unknown:
            self._known_songs |= unknown
            self._without_songs |= songs_in_mix(self._mix, self._catalogue.fingerprints_of_songs(unknown))
        return bool(record.songs & self._without_songs)


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
