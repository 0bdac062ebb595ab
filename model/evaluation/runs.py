"""Songs and scorers in, outcomes out: every scorer under every protocol, on the same queries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from model.embedder import Embedder
from model.evaluation.averaged_scorer import AveragedScorer
from model.evaluation.experiments import Among, Evaluation, Experiment, SubmixExperiment
from model.evaluation.protocols import EvaluationProtocol
from model.evaluation.remembering import RememberingScorer
from model.evaluation.retrieval import Advance, Answer, Candidate, embed_candidates, judge, score_queries
from model.evaluation.scorer import EmbeddingScorer, StemScorer
from model.evaluation.second_look import SecondLookScorer
from model.evaluation.submixes import cut_pairs, rank_submixes
from model.evaluation.type_aware import TypeAwareScorer
from model.songs import Song
from model.stem_reader import StemReader

ScorerOf = Callable[[EvaluationProtocol], StemScorer]
"""The scorer that a contestant uses under a protocol."""

WAYS = (8, 16, 64)


class NoQueriesError(ValueError):
    """Songs from which no query with at least two candidates can be cut."""


@dataclass(frozen=True)
class Plan:
    """What is to be found out."""

    protocols: Sequence[EvaluationProtocol]
    all_types: bool = True
    k_way: bool = False

    def steps(self, songs: int) -> int:
        """What one scorer's progress comes to: a song is told of when embedded, and when asked about."""
        pools = len({one.other_section for one in self.protocols})
        return songs * (pools + len(self.protocols) + (2 if self.k_way else 0))


@dataclass(frozen=True)
class ReleaseScorers:
    """How a release answers, as it is served and by its network alone: the network is asked once for both."""

    embedder: Embedder
    label: str
    _networks: dict[EvaluationProtocol, StemScorer] = field(default_factory=dict)

    def served(self, protocol: EvaluationProtocol) -> StemScorer:
        """With a second look; averages over whole songs have none. Types have a say among all types."""
        network, guess_type = self.alone(protocol), self.embedder.guess_type
        if isinstance(network, AveragedScorer):
            return AveragedScorer(self.embedder, self.label)
        looks_twice = SecondLookScorer(network, label=self.label)
        return TypeAwareScorer(looks_twice, guess_type) if guess_type else looks_twice

    def alone(self, protocol: EvaluationProtocol) -> StemScorer:
        """The network: averaged over whole songs if its head averages anyway."""
        if protocol not in self._networks:
            self._networks[protocol] = self._network(f"{self.label}, network alone", protocol)
        return self._networks[protocol]

    def _network(self, label: str, protocol: EvaluationProtocol) -> StemScorer:
        config = self.embedder.card.config
        first = config["members"][0] if "members" in config else config  # an ensemble's members have one kind
        if protocol.whole_songs and first.get("head", {}).get("kind") == "time_average":
            return AveragedScorer(self.embedder, label)
        return RememberingScorer(EmbeddingScorer(self.embedder, label, protocol.hop_seconds))


def run_experiments(
    songs: Sequence[Song],
    reader: StemReader,
    contestants: Sequence[ScorerOf],
    plan: Plan,
    advance: Callable[[str], Advance] = lambda _: lambda _: None,
) -> list[Experiment]:
    """Every contestant under every protocol; `advance(label)` is told of its finished songs.

    Raises:
        NoQueriesError: nothing can be asked of the songs under some protocol.
    """
    answered: list[list[tuple[str, list[Answer]]]] = [[] for _ in plan.protocols]
    for scorer_of in contestants:
        pools: dict[tuple[bool, type[StemScorer]], list[Candidate]] = {}
        for protocol, outcomes in zip(plan.protocols, answered, strict=True):
            scorer = scorer_of(protocol)
            tell = advance(scorer.label)
            pool = protocol.other_section, type(scorer)
            if pool not in pools:
                pools[pool] = embed_candidates(songs, reader, scorer, protocol, tell)
            asked = score_queries(
                songs, reader, scorer, pools[pool], protocol, all_types=plan.all_types, advance=tell
            )
            outcomes.append((scorer.label, [judge(scored) for scored in asked]))
            if not outcomes[-1][1]:
                raise NoQueriesError(_nothing_to_ask(protocol))
    among: list[Among] = ["per type", "all types"] if plan.all_types else ["per type"]
    return [
        _experiment(protocol, kind, outcomes)
        for protocol, outcomes in zip(plan.protocols, answered, strict=True)
        for kind in among
    ]


def run_submixes(
    songs: Sequence[Song],
    reader: StemReader,
    contestants: Sequence[ScorerOf],
    protocol: EvaluationProtocol,
    advance: Callable[[str], Advance] = lambda _: lambda _: None,
) -> list[SubmixExperiment]:
    """K-way choices with aligned and shifted contexts, for queries as long as the protocol's."""
    experiments = []
    for name, first_start in (("aligned", 0.0), ("shifted", EvaluationProtocol.first_start)):
        cut = replace(protocol, name=name, first_start=first_start, other_section=False)
        pairs = cut_pairs(songs, reader, cut)
        found = []
        for scorer_of in contestants:
            scorer = scorer_of(cut)
            found.append((scorer.label, rank_submixes(pairs, scorer, WAYS)))
            advance(scorer.label)(len(songs))
        groups = len({pair.group for pair in pairs})
        for ways in WAYS:
            evaluations = [Evaluation(label, results[ways]) for label, results in found]
            experiments.append(SubmixExperiment(cut, ways, groups, evaluations))
    return experiments


def _experiment(
    protocol: EvaluationProtocol, among: Among, outcomes: Sequence[tuple[str, Sequence[Answer]]]
) -> Experiment:
    if among == "per type":
        return Experiment(
            protocol, among, [Evaluation(label, [one.among_type for one in all_]) for label, all_ in outcomes]
        )
    evaluations = [
        Evaluation(label, [one.among_all for one in answers], [one.leads for one in answers])
        for label, answers in outcomes
    ]
    return Experiment(protocol, among, evaluations, [one.leads_by_chance for one in outcomes[0][1]])


def _nothing_to_ask(protocol: EvaluationProtocol) -> str:
    least = "about 19" if protocol.other_section else "6"
    return (
        f"Nothing can be asked of these songs ({protocol.name}). It needs two songs that share a stem type, "
        f"each longer than {least} seconds and with something else playing."
    )
