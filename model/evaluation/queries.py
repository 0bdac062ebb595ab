"""Cuts queries from songs: a mix without one stem, where both it and something else play."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType
from audio.windows import WINDOW_SECONDS
from model.evaluation.protocols import EvaluationProtocol
from model.mixing import is_active, mix
from model.songs import Song
from model.stem_reader import StemReader


@dataclass(frozen=True)
class Query:
    """A mix without one stem, and which one."""

    song: str
    group: str
    stem_type: StemType
    mix: Waveform


def cut_queries(song: Song, reader: StemReader, protocol: EvaluationProtocol) -> Iterator[Query]:
    """Queries of a song: for each of its types, pieces in which that stem and something else play."""
    end = protocol.queries_end(reader.length(song) / SAMPLE_RATE)
    for stem_type in song.types:
        cut = 0
        start = protocol.first_start
        while cut < protocol.per_song and start + WINDOW_SECONDS / 2 < end:
            if query := _query(song, reader, stem_type, start, min(protocol.seconds, end - start)):
                yield query
                cut += 1
            start += protocol.distance


def _query(song: Song, reader: StemReader, stem_type: StemType, start: float, seconds: float) -> Query | None:
    begin, samples = round(start * SAMPLE_RATE), round(seconds * SAMPLE_RATE)
    target = reader.read(song.stems[stem_type], begin, samples)
    context = reader.read(song.without[stem_type], begin, samples) if stem_type in song.without else None
    if context is None:
        others = [
            reader.read(paths, begin, samples) for other, paths in song.stems.items() if other != stem_type
        ]
        context = mix(others, [1.0] * len(others)) if others else np.zeros(samples, np.float32)
    if not (is_active(target) and is_active(context)):
        return None
    return Query(song.name, song.group, stem_type, context)
