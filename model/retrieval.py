"""The retrieval task that serving performs, as an experiment: which stem of its type belongs to this mix?

The same code asks a network in training and the exported graphs; only the embedder differs.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType
from audio.windows import HOP_SECONDS, WINDOW_SAMPLES, cut_windows
from model.metrics import Ranked, rank_of
from model.mixing import is_active, mix
from model.songs import Song
from model.stem_reader import StemReader


class MixAndStemEmbedder(Protocol):
    """What is evaluated: queries for a mix, candidates for stems."""

    def query_vectors(self, mix: Waveform, stem_type: StemType) -> NDArray[np.float32]:
        """[T] → [K, D]."""
        ...

    def candidate_vectors(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """[B, T] → [B, D]."""
        ...


@dataclass(frozen=True)
class Protocols:
    """How queries are cut from songs.

    By default `shifted`: a query begins where no stem window does, so that timing is found by search.
    """

    first_start: float = 1.37  # seconds
    seconds: float = 20.0
    distance: float = 24.0  # from one query of a song to the next
    per_song: int = 3
    hop_seconds: float = HOP_SECONDS  # of the candidates' windows


@dataclass(frozen=True)
class Query:
    """A mix without one stem, and which one."""

    song: str
    stem_type: StemType
    mix: Waveform


@dataclass(frozen=True)
class Candidates:
    """The stems of one type: vectors of their windows, and whose they are."""

    songs: tuple[str, ...]  # [C]
    vectors: NDArray[np.float32]  # [windows, D]
    owners: NDArray[np.int64]  # [windows], index into songs

    def scores(self, queries: NDArray[np.float32]) -> NDArray[np.float32]:
        """Each stem's best over its windows and the query vectors [K, D]: [C]."""
        best = np.full(len(self.songs), -np.inf, dtype=np.float32)
        np.maximum.at(best, self.owners, (queries @ self.vectors.T).max(axis=0))
        return best


def embed_candidates(
    songs: Sequence[Song],
    reader: StemReader,
    embedder: MixAndStemEmbedder,
    stem_type: StemType,
    hop_seconds: float = HOP_SECONDS,
) -> Candidates:
    """Embed the stems of one type, window by window as the indexer does."""
    names: list[str] = []
    vectors: list[NDArray[np.float32]] = []
    owners: list[int] = []
    for song in songs:
        if stem_type not in song.stems:
            continue
        stem = reader.read(song.stems[stem_type], 0, reader.length(song))
        windows = cut_windows(stem, hop_seconds)
        if len(windows.starts):
            vectors.append(embedder.candidate_vectors(windows.samples))
            owners += [len(names)] * len(windows.starts)
            names.append(song.name)
    if not names:
        return Candidates((), np.zeros((0, 0), np.float32), np.zeros(0, np.int64))
    return Candidates(tuple(names), np.concatenate(vectors), np.array(owners))


def cut_queries(song: Song, reader: StemReader, protocol: Protocols) -> Iterator[Query]:
    """Queries of a song: for each of its types, pieces in which that stem and something else play."""
    length = reader.length(song) / SAMPLE_RATE
    for stem_type in song.types:
        cut = 0
        start = protocol.first_start
        while cut < protocol.per_song and start + WINDOW_SAMPLES / SAMPLE_RATE / 2 < length:
            if query := _query(song, reader, stem_type, start, min(protocol.seconds, length - start)):
                yield query
                cut += 1
            start += protocol.distance


def rank_songs(
    songs: Sequence[Song],
    reader: StemReader,
    embedder: MixAndStemEmbedder,
    protocol: Protocols,
    advance: Callable[[int], None] = lambda _: None,
) -> list[Ranked]:
    """Ask every query of every song among all stems of its type; `advance` hears of each finished song."""
    types = sorted({stem_type for song in songs for stem_type in song.types}, key=lambda one: one.number)
    hop = protocol.hop_seconds
    candidates = {stem_type: embed_candidates(songs, reader, embedder, stem_type, hop) for stem_type in types}
    results: dict[str, list[Ranked]] = defaultdict(list)
    for song in songs:
        for query in cut_queries(song, reader, protocol):
            if (among := candidates[query.stem_type]) and song.name in among.songs and len(among.songs) > 1:
                scores = among.scores(embedder.query_vectors(query.mix, query.stem_type))
                rank = rank_of(scores, among.songs.index(song.name))
                results[song.name].append(Ranked(song.group, query.stem_type, rank, len(scores)))
        advance(1)
    return [ranked for name in results for ranked in results[name]]


def _query(song: Song, reader: StemReader, stem_type: StemType, start: float, seconds: float) -> Query | None:
    begin, samples = round(start * SAMPLE_RATE), round(seconds * SAMPLE_RATE)
    target = reader.read(song.stems[stem_type], begin, samples)
    context = reader.read(song.without[stem_type], begin, samples) if stem_type in song.without else None
    if context is None:
        others = [
            reader.read(paths, begin, samples) for other, paths in song.stems.items() if other != stem_type
        ]
        context = mix(others, [1.0] * len(others)) if others else np.zeros(samples, np.float32)
    return Query(song.name, stem_type, context) if is_active(target) and is_active(context) else None
