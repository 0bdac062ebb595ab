"""The retrieval task that serving performs, as an experiment: which stem of its type belongs to this mix?

The same code asks a network in training, the exported graphs and rules; only the scorer differs.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE
from audio.stems import StemType
from audio.windows import cut_windows
from model.evaluation.metrics import Place, Ranked, rank_of
from model.evaluation.protocols import EvaluationProtocol
from model.evaluation.queries import Query, cut_queries
from model.evaluation.scorer import EmbeddingScorer, Features, MixAndStemEmbedder, StemScorer
from model.evaluation.type_aware import TypeAware
from model.songs import Song
from model.stem_reader import StemReader

Advance = Callable[[int], None]


@dataclass(frozen=True)
class Candidate:
    """One stem that can be found, and what the scorer keeps of it."""

    song: str
    group: str  # source of the song
    stem_type: StemType
    features: Features


@dataclass(frozen=True)
class Scored:
    """A query with the scores [C] of the candidates it was asked among, one of them its own."""

    query: Query
    scores: NDArray[np.float32]
    types: NDArray[np.int64]  # number of each candidate's type
    heard: NDArray[np.bool_]  # whether it is of the query's song, and so in the mix; the true one is not
    true: int
    type_evidence: NDArray[np.float32] | None = None  # [C], counts where all types are ranked

    def of_type(self) -> tuple[NDArray[np.float32], int]:
        """Scores of the candidates of the wanted type, and which of those is the true one."""
        same = self.types == self.query.stem_type.number
        return self.scores[same], int(same[: self.true].sum())

    def of_all_types(self) -> NDArray[np.float32]:
        """Scores of all candidates, and what their types say beside."""
        return self.scores if self.type_evidence is None else self.scores + self.type_evidence


@dataclass(frozen=True)
class Leads:
    """Whether the first of all types has the wanted one: 0 or 1, or the share of tied firsts that have it."""

    with_heard: float  # the stems that play in the mix are among the candidates, as in the paper
    without: float  # they are left out


@dataclass(frozen=True)
class Answer:
    """What one query brought."""

    among_type: Ranked
    among_all: Ranked
    leads: Leads
    leads_by_chance: Leads


def embed_candidates(
    songs: Sequence[Song],
    reader: StemReader,
    scorer: StemScorer,
    protocol: EvaluationProtocol,
    advance: Advance = lambda _: None,
) -> list[Candidate]:
    """Every stem in which something can be heard; `advance` hears of each finished song."""
    found = []
    for song in songs:
        length = reader.length(song)
        begin = round(protocol.candidates_begin(length / SAMPLE_RATE) * SAMPLE_RATE)
        for stem_type, paths in song.stems.items():
            stem = reader.read(paths, begin, max(length - begin, 0))
            if len(cut_windows(stem, protocol.hop_seconds).starts):
                features = scorer.embed_stem(stem, stem_type)
                found.append(Candidate(song.name, song.group, stem_type, features))
        advance(1)
    return found


def score_queries(
    songs: Sequence[Song],
    reader: StemReader,
    scorer: StemScorer,
    candidates: Sequence[Candidate],
    protocol: EvaluationProtocol,
    *,
    all_types: bool = False,
    advance: Advance = lambda _: None,
) -> Iterator[Scored]:
    """Ask every query among the stems of its type, or of all types.

    A query is left out if its own stem is no candidate, or the only one of its type. The other stems of its
    song, which play in the mix, are candidates among all types (as in Stem-JEPA, section 4.3).
    """
    for song in songs:
        for query in cut_queries(song, reader, protocol):
            asked = [one for one in candidates if protocol.relations or not _is_relation(one, query)]
            among = [one for one in asked if all_types or one.stem_type == query.stem_type]
            own = [row for row, one in enumerate(among) if _is_answer(one, query)]
            types = np.array([one.stem_type.number for one in among], np.int64)
            if own and int((types == query.stem_type.number).sum()) > 1:
                features = [one.features for one in among]
                scores, evidence = scorer.scores(query.mix, query.stem_type, features), None
                if all_types and isinstance(scorer, TypeAware):
                    evidence = scorer.type_evidence(query.stem_type, features)
                heard = np.array([one.song == query.song for one in among])
                heard[own[0]] = False
                yield Scored(query, scores, types, heard, own[0], evidence)
        advance(1)


def judge(scored: Scored) -> Answer:
    """Ranks of the true stem, and whether the right type leads."""
    query, scores = scored.query, scored.of_all_types()
    same, true = scored.of_type()
    wanted, others = scored.types == query.stem_type.number, ~scored.heard
    return Answer(
        _ranked(query, rank_of(same, true), len(same)),
        _ranked(query, rank_of(scores, scored.true), len(scores)),
        Leads(_share_of_first(scores, wanted), _share_of_first(scores[others], wanted[others])),
        Leads(float(wanted.mean()), float(wanted[others].mean())),
    )


def _ranked(query: Query, place: Place, candidates: int) -> Ranked:
    return Ranked(query.group, query.stem_type, place.rank, candidates, place.tied, query.song)


def rank_songs(
    songs: Sequence[Song],
    reader: StemReader,
    embedder: MixAndStemEmbedder,
    protocol: EvaluationProtocol,
    advance: Advance = lambda _: None,
) -> list[Ranked]:
    """Ask every query of every song among all stems of its type; `advance` hears of each finished song."""
    scorer = EmbeddingScorer(embedder, "", protocol.hop_seconds)
    candidates = embed_candidates(songs, reader, scorer, protocol)
    answers = score_queries(songs, reader, scorer, candidates, protocol, advance=advance)
    return [judge(scored).among_type for scored in answers]


def _is_answer(candidate: Candidate, query: Query) -> bool:
    return candidate.song == query.song and candidate.stem_type == query.stem_type


def _is_relation(candidate: Candidate, query: Query) -> bool:
    return candidate.group == query.group and candidate.song != query.song


def _share_of_first(scores: NDArray[np.float32], wanted: NDArray[np.bool_]) -> float:
    return float(np.mean(wanted[scores == scores.max()]))
