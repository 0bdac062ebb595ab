"""Embedders without a network, for what is asked of one: they stand for `MixAndStemEmbedder`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType
from model.overhang import Queries
from model.songs import Song, find_songs
from tests.model.multitracks import TYPES, tone, write_wav

PILOTS = 12
LISTENED = 16_000  # samples in which a song is recognised


def pilot(song: int, samples: int, level: float = 0.1) -> Waveform:
    """The tone by which `KnowsTheAnswer` recognises a song, whatever else plays."""
    return tone(500.0 * (song + 1), samples, level)


def write_pilots(
    root: Path, songs: int = 4, seconds: float = 20.0, types: Sequence[StemType] = TYPES
) -> list[Song]:
    """Songs in which every stem is the pilot of its song."""
    for song in range(songs):
        for stem_type in types:
            write_wav(root / f"{song:02}" / f"{stem_type}.wav", pilot(song, round(seconds * SAMPLE_RATE)))
    return find_songs(root)


@dataclass
class KnowsTheAnswer:
    """Recognises the songs whose stems are `pilot`s; remembers what it was asked."""

    query_hop_samples: int = 500
    asked: list[tuple[Waveform, StemType]] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)

    def queries(self, mix: Waveform, stem_type: StemType) -> Queries:
        self.asked.append((mix, stem_type))
        return Queries.in_a_row(self._recognise(mix)[None], 0.03125)

    def candidate_vectors(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        self.batches.append(len(windows))
        return np.stack([self._recognise(window) for window in windows])

    @staticmethod
    def _recognise(waveform: Waveform) -> NDArray[np.float32]:
        phase = 2j * np.pi * 500.0 / SAMPLE_RATE * np.arange(LISTENED)
        heard = [abs(np.exp(-phase * (song + 1)) @ waveform[:LISTENED]) for song in range(PILOTS)]
        return np.asarray(np.arange(PILOTS) == int(np.argmax(heard)), np.float32)


class Constant:
    """Finds everything equally good."""

    query_hop_samples = 500

    def queries(self, mix: Waveform, stem_type: StemType) -> Queries:
        return Queries.in_a_row(np.ones((1, 4), np.float32), 0.03125)

    def candidate_vectors(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.ones((len(windows), 4), np.float32)


class Guesses:
    """Draws its vectors."""

    query_hop_samples = 500

    def __init__(self, seed: int = 0) -> None:
        self.generator = np.random.default_rng(seed)

    def queries(self, mix: Waveform, stem_type: StemType) -> Queries:
        return Queries.in_a_row(self._draw(1), 0.03125)

    def candidate_vectors(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        return self._draw(len(windows))

    def _draw(self, count: int) -> NDArray[np.float32]:
        return self.generator.standard_normal((count, 16)).astype(np.float32)
