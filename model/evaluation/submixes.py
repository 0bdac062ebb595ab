"""K-way accuracy on disjoint submixes: which of K submixes comes from the song of this one?

The protocol of COCOLA (arXiv 2404.16969) and PHALAR (arXiv 2605.03929).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType
from audio.windows import WINDOW_SECONDS
from model.evaluation.metrics import Ranked, rank_of
from model.evaluation.protocols import EvaluationProtocol
from model.evaluation.scorer import Features, StemScorer
from model.mixing import is_active, mix, random_subset
from model.songs import Song
from model.stem_reader import StemReader

FEWEST_STEMS = 2  # one on each side


@dataclass(frozen=True)
class SubmixPair:
    """Two submixes of one place of a song that share no stem."""

    group: str
    context: Waveform
    candidate: Waveform
    types: tuple[StemType, ...]  # what plays in the candidate


def cut_pairs(
    songs: Sequence[Song], reader: StemReader, protocol: EvaluationProtocol, seed: int = 0
) -> list[SubmixPair]:
    """Up to `per_song` random pairs of each song; the context begins `first_start` after the candidate."""
    pairs = []
    for number, song in enumerate(songs):
        generator = np.random.default_rng([seed, number])
        seconds = reader.length(song) / SAMPLE_RATE
        for place in range(protocol.per_song):
            begin = place * protocol.distance
            if begin + protocol.first_start + WINDOW_SECONDS / 2 >= seconds:
                break
            if pair := _draw_pair(song, reader, protocol, begin, generator):
                pairs.append(pair)
    return pairs


def rank_submixes(
    pairs: Sequence[SubmixPair], scorer: StemScorer, ways: Sequence[int], seed: int = 0
) -> dict[int, list[Ranked]]:
    """Rank of each pair's candidate among those of K - 1 other groups, one each, for each K of `ways`.

    A scorer is asked for each type that plays in a candidate, and its scores are averaged.
    A K that needs more groups than there are gets no results.
    """
    groups = {pair.group for pair in pairs}
    possible = [way for way in ways if way <= len(groups)]
    results: dict[int, list[Ranked]] = {way: [] for way in ways}
    if not possible:
        return results
    features = [scorer.embed_stem(pair.candidate, pair.types[0]) for pair in pairs]
    for row, pair in enumerate(pairs):
        rivals = _draw_rivals(pairs, pair.group, max(possible) - 1, np.random.default_rng([seed, row]))
        scores = _score(scorer, pair.context, pairs, features, [row, *rivals])
        for way in possible:
            place = rank_of(scores[:way], 0)
            results[way].append(Ranked(pair.group, "submix", place.rank, way, place.tied))
    return results


def _draw_pair(
    song: Song, reader: StemReader, protocol: EvaluationProtocol, begin: float, generator: np.random.Generator
) -> SubmixPair | None:
    length = reader.length(song) / SAMPLE_RATE
    samples = round(min(protocol.seconds, length - begin - protocol.first_start) * SAMPLE_RATE)
    first, later = round(begin * SAMPLE_RATE), round((begin + protocol.first_start) * SAMPLE_RATE)
    stems = {stem_type: reader.read(paths, first, samples) for stem_type, paths in song.stems.items()}
    contexts = {stem_type: reader.read(paths, later, samples) for stem_type, paths in song.stems.items()}
    playing = [one for one in stems if is_active(stems[one]) and is_active(contexts[one])]
    if len(playing) < FEWEST_STEMS:
        return None
    order = [playing[index] for index in generator.permutation(len(playing))]
    cut = int(generator.integers(1, len(order)))
    types = tuple(order[cut + index] for index in random_subset(len(order) - cut, generator))
    context = [contexts[one] for one in order[:cut]]
    candidate = [stems[one] for one in types]
    return SubmixPair(
        song.group, mix(context, [1.0] * len(context)), mix(candidate, [1.0] * len(candidate)), types
    )


def _draw_rivals(
    pairs: Sequence[SubmixPair], own: str, count: int, generator: np.random.Generator
) -> list[int]:
    """Rows of `count` pairs of other groups, no two of one group."""
    by_group: dict[str, list[int]] = {}
    for row, pair in enumerate(pairs):
        if pair.group != own:
            by_group.setdefault(pair.group, []).append(row)
    drawn = generator.choice(sorted(by_group), count, replace=False)
    return [int(generator.choice(by_group[group])) for group in drawn]


def _score(
    scorer: StemScorer,
    context: Waveform,
    pairs: Sequence[SubmixPair],
    features: Sequence[Features],
    rows: Sequence[int],
) -> NDArray[np.float32]:
    """Score of each row's candidate, averaged over its types: [len(rows)]."""
    total = np.zeros(len(rows), np.float32)
    for stem_type in sorted({one for row in rows for one in pairs[row].types}):
        asked = [place for place, row in enumerate(rows) if stem_type in pairs[row].types]
        total[asked] += scorer.scores(context, stem_type, [features[rows[place]] for place in asked])
    counts = np.array([len(pairs[row].types) for row in rows], np.float32)
    return np.asarray(total / counts, np.float32)
