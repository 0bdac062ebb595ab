"""Outcomes of an evaluation: who answered which queries under which protocol, and how well."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from audio.windows import HOP_SECONDS
from model.evaluation.metrics import Ranked
from model.evaluation.protocols import EvaluationProtocol
from model.evaluation.retrieval import Leads

ALL = "all types"
Among = Literal["per type", "all types"]


@dataclass(frozen=True)
class Evaluation:
    """Outcomes of one scorer."""

    label: str
    results: Sequence[Ranked]
    leads: Sequence[Leads] = ()  # [Q] only among all types

    def by_type(self) -> Mapping[str, Sequence[Ranked]]:
        """Results of all types together first, then of each type that has any."""
        types = sorted({result.stem_type for result in self.results})
        each = {name: [result for result in self.results if result.stem_type == name] for name in types}
        return {ALL: self.results, **each}


@dataclass(frozen=True)
class Experiment:
    """All scorers under one protocol, on the same queries in the same order; at least one of them."""

    protocol: EvaluationProtocol
    among: Among
    evaluations: Sequence[Evaluation]
    leads_by_chance: Sequence[Leads] = ()  # [Q] only among all types

    @property
    def title(self) -> str:
        """What was asked, and among what."""
        results = self.evaluations[0].results
        counted = f"{len(results)} queries, {count_sources(results)} sources"
        return f"{describe(self.protocol)}, {self.among}: {counted}"


@dataclass(frozen=True)
class SubmixExperiment:
    """All scorers on K-way choices between submixes; no results where there are too few songs."""

    protocol: EvaluationProtocol
    ways: int  # K
    sources: int  # groups that pairs could be cut from
    evaluations: Sequence[Evaluation]

    @property
    def missing(self) -> str | None:
        """Why there are no results, if so."""
        if self.ways <= self.sources:
            return None
        return f"{self.sources} sources of songs are too few: {self.ways} are needed"


def describe(protocol: EvaluationProtocol) -> str:
    """A protocol, the length of its queries, who is no candidate, and windows as no index has them."""
    length = "whole songs" if protocol.whole_songs else f"{protocol.seconds:g} s"
    hop = "" if protocol.hop_seconds == HOP_SECONDS else f", windows {protocol.hop_seconds:g} s apart"
    return f"{protocol.name}, {length}{hop}" + ("" if protocol.relations else ", without relations")


def count_sources(results: Sequence[Ranked]) -> int:
    """Sources of songs, which the bootstrap resamples."""
    return len({result.group for result in results})
