"""Every scorer under every protocol, on the same queries."""

import copy
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.decode import Waveform
from audio.stems import StemType
from model.embedder import Embedder
from model.evaluation.averaged_scorer import AveragedScorer
from model.evaluation.metrics import chance, recall_at
from model.evaluation.protocols import PROTOCOLS, EvaluationProtocol
from model.evaluation.remembering import RememberingScorer
from model.evaluation.runs import (
    WAYS,
    NoQueriesError,
    Plan,
    ReleaseScorers,
    ScorerOf,
    run_experiments,
    run_submixes,
)
from model.evaluation.scorer import EmbeddingScorer, MixAndStemEmbedder, StemScorer
from model.evaluation.second_look import SecondLookScorer
from model.evaluation.type_aware import TypeAwareScorer
from model.overhang import Queries
from model.songs import Song, find_songs
from model.stem_reader import StemReader
from model.type_guess import TypeGuess
from tests.model.fake_embedders import Constant, KnowsTheAnswer, write_pilots
from tests.model.multitracks import TYPES, write_song, write_wav

ONE_EACH = EvaluationProtocol(per_song=1)
PLAN = Plan([ONE_EACH])


def contestant(embedder: MixAndStemEmbedder, label: str) -> ScorerOf:
    def scorer_of(protocol: EvaluationProtocol) -> StemScorer:
        return EmbeddingScorer(embedder, label, protocol.hop_seconds)

    return scorer_of


def test_every_scorer_answers_the_same_queries_in_the_same_order(tmp_path: Path, reader: StemReader) -> None:
    contestants = [contestant(KnowsTheAnswer(), "knows"), contestant(Constant(), "constant")]
    per_type, all_types = run_experiments(write_pilots(tmp_path), reader, contestants, PLAN)
    assert (per_type.among, all_types.among) == ("per type", "all types")
    for experiment in (per_type, all_types):
        knows, constant = experiment.evaluations
        assert (knows.label, constant.label) == ("knows", "constant")
        assert [(one.group, one.stem_type) for one in knows.results] == [
            (one.group, one.stem_type) for one in constant.results
        ]
    assert recall_at(1)(per_type.evaluations[0].results) == 1.0
    ranked = per_type.evaluations[1].results
    assert recall_at(1)(ranked) == pytest.approx(chance(ranked)["R@1"])
    assert {one.song for one in ranked} == {song.name for song in write_pilots(tmp_path)}
    assert per_type.evaluations[0].leads == ()
    assert len(all_types.evaluations[0].leads) == len(all_types.leads_by_chance) == 4 * len(TYPES)


def test_protocols_that_share_candidates_embed_them_once(tmp_path: Path, reader: StemReader) -> None:
    songs = write_pilots(tmp_path, songs=2, seconds=40.0)
    knowing = KnowsTheAnswer()
    protocols = [ONE_EACH, replace(ONE_EACH, seconds=5.0), PROTOCOLS["aligned"], PROTOCOLS["other-section"]]
    plan = Plan(protocols, all_types=False)
    found = run_experiments(songs, reader, [contestant(knowing, "knows")], plan)
    assert [one.protocol.name for one in found] == ["shifted", "shifted", "aligned", "other-section"]
    assert len(knowing.batches) == 2 * (2 * len(TYPES))


def test_progress_comes_to_what_the_plan_says(tmp_path: Path, reader: StemReader) -> None:
    songs = write_pilots(tmp_path, songs=3)
    plan = Plan([ONE_EACH, replace(ONE_EACH, seconds=5.0)], all_types=False, k_way=True)
    heard: dict[str, int] = {}

    def hear(label: str, songs: int) -> None:
        heard[label] = heard.get(label, 0) + songs

    contestants = [contestant(Constant(), "one"), contestant(Constant(), "other")]
    run_experiments(songs, reader, contestants, plan, lambda label: partial(hear, label))
    run_submixes(songs, reader, contestants, ONE_EACH, lambda label: partial(hear, label))
    assert heard == {"one": plan.steps(3), "other": plan.steps(3)}


def test_a_single_song_gives_nothing_to_ask(tmp_path: Path, reader: StemReader) -> None:
    write_song(tmp_path / "only", 0)
    with pytest.raises(NoQueriesError, match=r"Nothing can be asked of .* two songs that share a stem type"):
        run_experiments(find_songs(tmp_path), reader, [contestant(Constant(), "one")], PLAN)


def test_silent_songs_give_nothing_to_ask(tmp_path: Path, reader: StemReader) -> None:
    for name in ("a/bass", "a/keys", "b/bass", "b/keys"):
        write_wav(tmp_path / f"{name}.wav", np.zeros(160_000, np.float32))
    with pytest.raises(NoQueriesError):
        run_experiments(find_songs(tmp_path), reader, [contestant(Constant(), "one")], PLAN)


def test_songs_too_short_for_another_section_are_said_to_be(tmp_path: Path, reader: StemReader) -> None:
    songs = write_pilots(tmp_path, songs=2, seconds=15.0)
    plan = Plan([PROTOCOLS["other-section"]])
    with pytest.raises(NoQueriesError, match=r"\(other-section\).* longer than about 19 seconds"):
        run_experiments(songs, reader, [contestant(Constant(), "one")], plan)


def test_submixes_are_asked_aligned_and_shifted_for_every_number(tmp_path: Path, reader: StemReader) -> None:
    songs = write_pilots(tmp_path, songs=9)
    found = run_submixes(
        songs, reader, [contestant(KnowsTheAnswer(), "knows")], replace(ONE_EACH, seconds=8.0)
    )
    assert [(one.protocol.name, one.ways) for one in found] == [
        (name, ways) for name in ("aligned", "shifted") for ways in WAYS
    ]
    assert [one.missing is None for one in found] == [True, False, False] * 2
    assert all(recall_at(1)(one.evaluations[0].results) == 1.0 for one in found if one.missing is None)


def kind(scorer: StemScorer) -> type:
    return type(scorer.first if isinstance(scorer, RememberingScorer) else scorer)


def test_a_time_average_is_averaged_over_whole_songs_only(embedder: Embedder, vit_embedder: Embedder) -> None:
    whole, shifted = PROTOCOLS["musdb18"], PROTOCOLS["shifted"]
    averages, keeps_order = ReleaseScorers(vit_embedder, "vit"), ReleaseScorers(embedder, "tiny")
    assert kind(averages.alone(whole)) is AveragedScorer
    assert kind(averages.alone(shifted)) is EmbeddingScorer
    assert kind(keeps_order.alone(whole)) is EmbeddingScorer


def test_an_ensemble_is_of_the_kind_of_its_members(vit_embedder: Embedder) -> None:
    whole, together = PROTOCOLS["musdb18"], copy.copy(vit_embedder)
    together.card = replace(vit_embedder.card, config={"members": [vit_embedder.card.config] * 2})
    assert kind(ReleaseScorers(together, "two").alone(whole)) is AveragedScorer


def test_what_is_served_gets_a_second_look(embedder: Embedder, vit_embedder: Embedder) -> None:
    whole, shifted = PROTOCOLS["musdb18"], PROTOCOLS["shifted"]
    served = ReleaseScorers(embedder, "tiny").served(shifted)
    assert isinstance(served, SecondLookScorer)
    assert kind(served.first) is EmbeddingScorer
    assert served.label == "tiny"
    averaged = ReleaseScorers(vit_embedder, "vit").served(whole)
    assert isinstance(averaged, AveragedScorer)
    assert averaged.label == "vit"


def test_what_guesses_types_does_so_among_all_types(embedder: Embedder) -> None:
    guesses = copy.copy(embedder)
    guesses.guess_type = TypeGuess(
        np.zeros((embedder.card.dimension, 9), np.float32), np.zeros(9, np.float32)
    )
    served = ReleaseScorers(guesses, "tiny").served(PROTOCOLS["shifted"])
    assert isinstance(served, TypeAwareScorer)
    assert isinstance(served.first, SecondLookScorer)
    assert served.label == "tiny"


def test_what_is_served_and_the_network_alone_embed_everything_once(
    tmp_path: Path, embedder: Embedder, reader: StemReader
) -> None:
    songs, counts = write_pilots(tmp_path, songs=2, seconds=12.0), Counting(embedder)
    counted = copy.copy(embedder)
    counted.queries, counted.candidate_vectors = counts.queries, counts.candidate_vectors  # type: ignore[method-assign]
    release = ReleaseScorers(counted, "tiny")
    (per_type,) = run_experiments(
        songs, reader, [release.served, release.alone], Plan([ONE_EACH], all_types=False)
    )
    assert [one.label for one in per_type.evaluations] == ["tiny", "tiny, network alone"]
    assert counts.asked == counts.embedded == 2 * len(TYPES)


def test_they_answer_as_if_each_were_asked_alone(
    tmp_path: Path, embedder: Embedder, reader: StemReader
) -> None:
    songs, release = write_pilots(tmp_path, songs=3), ReleaseScorers(embedder, "tiny")
    plan = Plan([ONE_EACH, PROTOCOLS["aligned"]])
    together = run_experiments(songs, reader, [release.served, release.alone], plan)
    one_by_one = [
        run_experiments(songs, reader, [alone], plan)
        for alone in (ReleaseScorers(embedder, "tiny").served, contestant(embedder, "tiny, network alone"))
    ]
    for number, experiment in enumerate(together):
        assert experiment.evaluations == [alone[number].evaluations[0] for alone in one_by_one]


def test_ranks_within_a_type_are_the_same_whatever_else_is_asked_about(
    tmp_path: Path, embedder: Embedder, reader: StemReader
) -> None:
    songs = write_pilots(tmp_path, songs=4)

    def looks_once(protocol: EvaluationProtocol) -> StemScorer:
        return SecondLookScorer(EmbeddingScorer(embedder, "", protocol.hop_seconds), looked_at=1)

    ranks = [
        run_experiments(songs, reader, [looks_once], Plan([ONE_EACH], all_types=all_types))[0].evaluations
        for all_types in (False, True)
    ]
    assert ranks[0] == ranks[1]


class Counting:
    """How often an embedder was asked."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder, self.asked, self.embedded = embedder, 0, 0

    def queries(self, mix: Waveform, stem_type: StemType) -> Queries:
        self.asked += 1
        return self.embedder.queries(mix, stem_type)

    def candidate_vectors(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        self.embedded += 1
        return self.embedder.candidate_vectors(windows)


def test_musdb18_as_it_is_laid_out(
    tmp_path: Path, embedder: Embedder, vit_embedder: Embedder, reader: StemReader
) -> None:
    """Stems of both splits, whole songs, all stems of all songs as candidates, the query's own among them."""
    songs = write_musdb18(tmp_path)
    contestants = [ReleaseScorers(embedder, "tiny").alone, ReleaseScorers(vit_embedder, "vit").alone]
    _, all_types = run_experiments(songs, reader, contestants, Plan([PROTOCOLS["musdb18"]]))
    for evaluation in all_types.evaluations:
        assert len(evaluation.results) == 3 * 4
        assert {one.candidates for one in evaluation.results} == {3 * 4}


def write_musdb18(root: Path) -> list[Song]:
    for number, name in enumerate(("train/A - One", "train/B - Two", "test/C - Three")):
        for stem in ("drums", "bass", "other", "vocals", "mixture"):
            generator = np.random.default_rng([number, len(stem)])
            write_wav(
                root / name / f"{stem}.wav", 0.1 * generator.standard_normal(160_000).astype(np.float32)
            )
    return find_songs(root)


def test_evaluating_needs_no_pytorch() -> None:
    script = "import sys, model.evaluation.command; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=300).returncode == 0  # noqa: S603 - our own
