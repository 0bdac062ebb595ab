"""What is evaluated: whoever says how well stems fit a mix, be it a network, exported graphs or a rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from audio.alignment import align_windows
from audio.audible import are_windows_audible
from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType
from audio.windows import HOP_SECONDS, WINDOW_SAMPLES, choose_sections, cut_windows, is_silent
from model.overhang import Queries

Features = object
"""What a scorer keeps of a stem: its own business."""


class StemScorer(Protocol):
    """Ranks stems by how well they fit a mix."""

    @property
    def label(self) -> str:
        """Name of its row in tables."""
        ...

    def embed_stem(self, stem: Waveform, stem_type: StemType) -> Features:
        """What is kept of a whole stem [T] at 16 kHz."""
        ...

    def scores(self, mix: Waveform, stem_type: StemType, stems: Sequence[Features]) -> NDArray[np.float32]:
        """How well each of `stems` fits `mix` [T] as its `stem_type`: [C], higher fits better."""
        ...


class MixAndStemEmbedder(Protocol):
    """A network, in training or exported: queries for a mix, candidates for stems."""

    @property
    def query_hop_samples(self) -> int:
        """Distance of neighbouring queries."""
        ...

    def queries(self, mix: Waveform, stem_type: StemType) -> Queries:
        """What a mix [T] asks with."""
        ...

    def candidate_vectors(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """[B, T] → [B, D]."""
        ...


@dataclass(frozen=True)
class StemVectors:
    """A stem's audible windows as an index holds them."""

    vectors: NDArray[np.float32]  # [V, D]
    starts: NDArray[np.float64]  # [V] seconds


class EmbeddingScorer:
    """Scores as serving does: dense queries against sparse stem windows, each stem at its best lag."""

    def __init__(
        self, embedder: MixAndStemEmbedder, label: str, window_hop_seconds: float = HOP_SECONDS
    ) -> None:
        self.embedder, self.label, self.window_hop_seconds = embedder, label, window_hop_seconds

    def embed_stem(self, stem: Waveform, stem_type: StemType) -> StemVectors:  # noqa: ARG002 - rules may use it
        """Vectors of the windows that the indexer would cut."""
        windows = cut_windows(stem, self.window_hop_seconds)
        if not len(windows.starts):
            return StemVectors(np.zeros((0, 0), np.float32), windows.starts)
        return StemVectors(self.embedder.candidate_vectors(windows.samples), windows.starts)

    def scores(self, mix: Waveform, stem_type: StemType, stems: Sequence[Features]) -> NDArray[np.float32]:
        """Evidence at each stem's best lag [C]; minus infinity for a stem without audible windows."""
        queries, hops = ask_sections(self.embedder, mix, stem_type)
        hop = self.embedder.query_hop_samples
        # One clock for both: a query's hop, but no more than a stem window's.
        clock = min(hop, round(self.window_hop_seconds * SAMPLE_RATE))
        query_places = hops * hop // clock
        known = [cast("StemVectors", stem) for stem in stems]
        result = np.full(len(known), -np.inf, np.float32)
        if not len(queries):
            return result
        rows = [row for row, one in enumerate(known) if len(one.starts)]
        if rows:
            heard = [known[row] for row in rows]
            owners = np.repeat(np.arange(len(heard)), [len(one.starts) for one in heard])
            vectors = np.concatenate([one.vectors for one in heard])
            places = np.rint(np.concatenate([one.starts for one in heard]) * SAMPLE_RATE / clock)
            found = align_windows(queries, query_places, vectors, owners, places.astype(np.int64))
            result[rows] = found.scores
        return result


def ask(
    embedder: MixAndStemEmbedder, mix: Waveform, stem_type: StemType
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Queries [K, D] of what plays in a mix [T], and after how many hops each begins [K]; none in silence.

    A window that begins before the mix has a negative number. A single query asks with the whole mix: a
    network that averages over time gives one, however long it is.
    """
    queries = embedder.queries(mix, stem_type)
    starts = np.rint(queries.starts * SAMPLE_RATE).astype(np.int64)
    if len(starts) == 1:
        audible = np.array([not is_silent(mix)])
    else:
        audible = are_windows_audible(mix, WINDOW_SAMPLES, starts)
    return queries.vectors[audible], starts[audible] // embedder.query_hop_samples


def ask_sections(
    embedder: MixAndStemEmbedder, mix: Waveform, stem_type: StemType
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """`ask` of the sections that serving asks of a mix [T]; one that is not long is one section, whole."""
    hop = embedder.query_hop_samples
    sections = choose_sections(mix, step_samples=hop)
    if not sections:
        return np.zeros((0, 0), np.float32), np.zeros(0, np.int64)
    asked = [ask(embedder, samples, stem_type) for _, samples in sections]
    begins = [round(start * SAMPLE_RATE) // hop for start, _ in sections]
    hops = np.concatenate([begin + each for begin, (_, each) in zip(begins, asked, strict=True)])
    # Sections that lie a window apart share a place.
    hops, once = np.unique(hops, return_index=True)
    return np.concatenate([queries for queries, _ in asked])[once], hops
