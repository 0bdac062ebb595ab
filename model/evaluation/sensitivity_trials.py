"""Trials: one query against other songs' stems, its own stem, and its own stem changed in known ways."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType
from audio.windows import WINDOW_SECONDS
from model.evaluation.protocols import EvaluationProtocol
from model.evaluation.queries import Query, cut_queries
from model.evaluation.retrieval import Advance, Candidate, embed_candidates
from model.evaluation.scorer import Features, StemScorer
from model.evaluation.sensitivity_lags import lag_probe
from model.evaluation.sensitivity_variants import Change, Variants
from model.mixing import is_active
from model.songs import Song
from model.stem_reader import StemReader

# In beats. Fractions of one, then whole beats, bars of four, and what is in between.
_LATER = (0.125, 0.25, 0.5, 0.75, 1.0, 2.0, 4.0)
SHIFTS = (*(-beats for beats in reversed(_LATER)), 0.0, *_LATER)

Stems = Mapping[tuple[str, StemType], Features]


@dataclass(frozen=True)
class Trial:
    """The scores that one query gave."""

    song: str
    group: str
    stem_type: StemType
    own: float  # the true stem, at its best lag
    rivals: NDArray[np.float32]  # [C-1] stems of the type in other songs
    rival_songs: tuple[str, ...]
    changed: Mapping[Change, float] = field(default_factory=dict)
    shifted: Mapping[float, float] = field(default_factory=dict)  # beats → at that distance from the true lag
    here: float = math.nan  # only what the stem plays while the mix does
    elsewhere: tuple[float, ...] = ()  # other sections of the stem, as long


def run_trials(
    variants: Variants, reader: StemReader, scorer: StemScorer, protocol: EvaluationProtocol, advance: Advance
) -> Iterator[Trial]:
    """Try every query that has a rival; `advance` hears of each song embedded and each song asked."""
    songs = variants.songs
    stems = _by_name(embed_candidates(songs, reader, scorer, protocol, advance))
    changed = {
        change: _by_name(embed_candidates(others, reader, scorer, protocol, advance))
        for change, others in variants.changed.items()
    }
    for song in songs:
        for start, query in place_queries(song, reader, protocol):
            if trial := _try(query, scorer, stems, changed):
                shifted = _shift(query, start, song.bpm, scorer, stems)
                here, *elsewhere = _ask_sections(song, reader, query, start, scorer)
                yield replace(trial, shifted=shifted, here=here, elsewhere=tuple(elsewhere))
        advance(1)


def place_queries(
    song: Song, reader: StemReader, protocol: EvaluationProtocol
) -> Iterator[tuple[float, Query]]:
    """Queries of a song at the protocol's places, each with the second at which it begins."""
    for number in range(protocol.per_song):
        start = protocol.first_start + number * protocol.distance
        # With no second place to go to, a query begins there or not at all.
        there = replace(protocol, first_start=start, distance=math.inf, per_song=1)
        for query in cut_queries(song, reader, there):
            yield start, query


def _try(query: Query, scorer: StemScorer, stems: Stems, changed: Mapping[Change, Stems]) -> Trial | None:
    own = query.song, query.stem_type
    rivals = [name for name in stems if name[1] == query.stem_type and name[0] != query.song]
    if own not in stems or not rivals:
        return None
    altered = {change: found[own] for change, found in changed.items() if own in found}
    asked = [stems[own], *(stems[name] for name in rivals), *altered.values()]
    scores = scorer.scores(query.mix, query.stem_type, asked)
    if not np.isfinite(scores).all():  # the mix has no window in which enough plays
        return None
    first_altered = 1 + len(rivals)
    return Trial(
        query.song,
        query.group,
        query.stem_type,
        own=float(scores[0]),
        rivals=scores[1:first_altered],
        rival_songs=tuple(name for name, _ in rivals),
        changed=dict(zip(altered, scores[first_altered:].tolist(), strict=True)),
    )


def _shift(
    query: Query, start: float, bpm: float | None, scorer: StemScorer, stems: Stems
) -> dict[float, float]:
    probe = lag_probe(scorer)
    if probe is None or not bpm:
        return {}
    lags = start + np.array(SHIFTS) * 60 / bpm
    scores = probe(query.mix, query.stem_type, stems[query.song, query.stem_type], lags)
    if np.isinf(scores[SHIFTS.index(0.0)]):  # a short mix meets no window of the stem at its true lag
        return {}
    return dict(zip(SHIFTS, scores.tolist(), strict=True))


def _ask_sections(
    song: Song, reader: StemReader, query: Query, start: float, scorer: StemScorer
) -> list[float]:
    """Score of the stem's part where the mix is from, then of its other parts of that length, if any."""
    begin, samples = round(start * SAMPLE_RATE), len(query.mix)
    stem = reader.read(song.stems[query.stem_type], 0, reader.length(song))
    here = stem[begin : begin + samples]
    others = [piece for side in (stem[:begin], stem[begin + samples :]) for piece in _pieces(side, samples)]
    if not others or not is_active(here):
        return [math.nan]
    features = [scorer.embed_stem(piece, query.stem_type) for piece in (here, *others)]
    return [float(score) for score in scorer.scores(query.mix, query.stem_type, features)]


def _pieces(stem: Waveform, samples: int) -> list[Waveform]:
    """Active pieces of `samples`, the last one of a window at least."""
    pieces = [stem[first : first + samples] for first in range(0, len(stem), samples)]
    return [piece for piece in pieces if len(piece) >= WINDOW_SECONDS * SAMPLE_RATE and is_active(piece)]


def _by_name(candidates: Sequence[Candidate]) -> Stems:
    return {(one.song, one.stem_type): one.features for one in candidates}
