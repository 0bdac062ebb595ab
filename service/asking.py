"""From a mix to query vectors: the region that is asked about, its sections, the context, the predictor."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from audio.audible import are_windows_audible
from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType
from audio.windows import choose_sections
from library.search import Queries
from service.stopwatch import Stopwatch

SHORTEST_SECONDS: Final = 2.0

Latents = Any
"""A mix after the context encoder, in a form that is the embedder's own business."""


class UnusableMixError(ValueError):
    """The file is audio, but there is nothing in it to ask with."""


class EmbedderCard(Protocol):
    """What the service tells about the model; `model.card.ModelCard` is one."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def sample_rate(self) -> int: ...
    @property
    def window_samples(self) -> int: ...
    @property
    def query_hop_samples(self) -> int: ...


class MixEmbedder(Protocol):
    """The half of `model.embedder.Embedder` that asks."""

    @property
    def card(self) -> EmbedderCard: ...
    @property
    def provider(self) -> str: ...
    def embed_context(self, waveform: Waveform, /) -> Latents: ...
    def predict(self, latents: Latents, stem_type: StemType, /) -> Queries: ...
    def embed_stems(self, windows: NDArray[np.float32], /) -> NDArray[np.float32]: ...
    def compatibility(self, scores: NDArray[np.float32], /) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class SectionQueries:
    """The query vectors of all sections of a mix; `starts` count from the start of the mix.

    Those of a short region may lie before it: its windows hang over its ends.
    """

    vectors: NDArray[np.float32]
    starts: NDArray[np.float64]


def cut_region(waveform: Waveform, start: float, seconds: float | None) -> Waveform:
    """The part of the mix [T] that is asked about.

    Raises:
        UnusableMixError: it is shorter than two seconds or not inside the mix.
    """
    first = round(start * SAMPLE_RATE)
    region = waveform[first:] if seconds is None else waveform[first : first + round(seconds * SAMPLE_RATE)]
    if start and not len(region):
        raise UnusableMixError(
            f"The region starts at {start:g} s, but the mix ends at {len(waveform) / SAMPLE_RATE:.1f} s. "
            "Choose an earlier start."
        )
    if len(region) < SHORTEST_SECONDS * SAMPLE_RATE:
        what = "mix" if len(region) == len(waveform) else "region of the mix"
        raise UnusableMixError(
            f"The {what} is {_floor(len(region) / SAMPLE_RATE)} s long, and a search needs at least "
            "2 seconds. Send a longer one."
        )
    return region


def _floor(seconds: float) -> str:
    """As many seconds, not a tenth more: what is too short never reads as long enough."""
    return f"{math.floor(10 * seconds) / 10:.1f}"


@dataclass(frozen=True, slots=True)
class EncodedSection:
    """A section of a mix after the context encoder, ready for any stem type."""

    start: float
    """Seconds from the start of the mix."""
    samples: Waveform
    latents: Latents

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        values = getattr(self.latents, "values", self.latents)
        return self.samples.nbytes + int(getattr(values, "nbytes", 0))


def ask_mix(
    embedder: MixEmbedder,
    region: Waveform,
    region_start: float,
    types: Iterable[StemType],
    stopwatch: Stopwatch,
) -> dict[StemType, SectionQueries]:
    """Query vectors for each type; each section of `region` [T] goes through the context encoder once.

    Raises:
        UnusableMixError: the region is silent.
    """
    sections = encode_sections(embedder, region, region_start, stopwatch)
    return predict_queries(embedder, sections, types, stopwatch)


def encode_sections(
    embedder: MixEmbedder, region: Waveform, region_start: float, stopwatch: Stopwatch
) -> tuple[EncodedSection, ...]:
    """The sections of `region` [T] after the context encoder, which need not run again for other types.

    Raises:
        UnusableMixError: the region is silent.
    """
    sections = choose_sections(region, step_samples=embedder.card.query_hop_samples)
    if not sections:
        raise UnusableMixError(
            f"The {'region of the mix' if region_start else 'mix'} is silent, at least when its channels are "
            "added up, so nothing can be found that fits it. Send one with sound."
        )
    encoded = []
    for start, samples in sections:
        with stopwatch.step("context"):
            latents = embedder.embed_context(samples)
        # A copy: a view would keep the whole mix in memory.
        encoded.append(EncodedSection(region_start + start, samples.copy(), latents))
    return tuple(encoded)


def predict_queries(
    embedder: MixEmbedder,
    sections: Sequence[EncodedSection],
    types: Iterable[StemType],
    stopwatch: Stopwatch,
) -> dict[StemType, SectionQueries]:
    """Query vectors for each type. Windows in which nothing plays ask nothing: they would only add noise."""
    found = {}
    for stem_type in types:
        with stopwatch.step("predict"):
            found[stem_type] = _join(
                [
                    _keep_audible(
                        each.start, each.samples, embedder.predict(each.latents, stem_type), embedder.card
                    )
                    for each in sections
                ]
            )
    return found


def _keep_audible(start: float, section: Waveform, queries: Queries, card: EmbedderCard) -> SectionQueries:
    """The queries whose windows of `section` [T] play; `start` is where the section begins in the mix."""
    starts = np.rint(queries.starts * card.sample_rate).astype(np.int64)
    kept = np.flatnonzero(
        are_windows_audible(section, card.window_samples, starts) if len(starts) > 1 else np.ones(len(starts))
    )
    return SectionQueries(queries.vectors[kept], start + queries.starts[kept])


def _join(answers: list[SectionQueries]) -> SectionQueries:
    starts = np.concatenate([queries.starts for queries in answers])
    # Sections that lie a window apart share a place.
    _, once = np.unique(starts, return_index=True)
    return SectionQueries(np.concatenate([queries.vectors for queries in answers])[once], starts[once])
