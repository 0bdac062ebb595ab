"""The answer to "what fits this mix?": the one path that the endpoint and `counterpart match` share."""

from dataclasses import dataclass

import numpy as np

from audio.decode import SAMPLE_RATE, Recording, Waveform
from library.builds import StemIndexes
from library.catalogue import Catalogue
from library.ranking import StemHit
from library.records import StemRecord
from service.asking import MixEmbedder, predict_queries
from service.heard_mix import NO_FACTS, HeardMix, MixFacts, hear_mix
from service.question import Question
from service.stem_search import StemSearch
from service.stopwatch import Stopwatch


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
    facts: MixFacts = NO_FACTS
    """Of the region that was asked about."""


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
    search = StemSearch(indexes, catalogue, question, heard, stopwatch)
    fits = [
        _fit(embedder, indexes.manifest.window_seconds, hit, record, heard)
        for stem_type, asked in queries.items()
        for hit, record in search.run(stem_type, asked)
    ]
    fits.sort(key=lambda fit: -fit.score)
    return Findings(
        fits=tuple(fits),
        windows=max((len(each.vectors) for each in queries.values()), default=0),
        facts=heard.facts,
    )


def _fit(
    embedder: MixEmbedder, window_seconds: float, hit: StemHit, record: StemRecord, heard: HeardMix
) -> Fit:
    compatibility = embedder.compatibility(np.array([hit.score], np.float32))
    place = hit.not_before(heard.start)
    return Fit(
        score=float(np.clip(compatibility[0], 0.0, 1.0)),
        stem=record,
        mix_start=place.mix_start,
        stem_start=place.stem_start,
        seconds=hit.overlap(heard.start, heard.end, window_seconds, record.seconds),
    )
