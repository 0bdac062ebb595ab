"""Rankings of all types know what a stem sounds like; rankings of one type do not change."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.decode import Waveform
from audio.stems import STEM_TYPES, StemType
from model.evaluation.protocols import EvaluationProtocol
from model.evaluation.retrieval import embed_candidates, judge, score_queries
from model.evaluation.scorer import Features, StemVectors
from model.evaluation.second_look import LookedAt, SecondLookScorer
from model.evaluation.type_aware import LEAST, WEIGHT, TypeAware, TypeAwareScorer
from model.songs import find_songs
from model.stem_reader import StemReader
from model.type_guess import TypeGuess
from tests.model.multitracks import noise, write_song

SURE = 20.0  # logit
TYPES = len(STEM_TYPES)
GUESS = TypeGuess(SURE * np.eye(TYPES, dtype=np.float32), np.zeros(TYPES, np.float32))


def sounds_like(stem_type: StemType, windows: int = 2) -> StemVectors:
    vectors = np.tile(np.eye(TYPES, dtype=np.float32)[stem_type.number], (windows, 1))
    return StemVectors(vectors, np.arange(windows, dtype=np.float64))


@dataclass
class FindsAllAlike:
    """A scorer to which every stem fits alike, and sounds like what it is."""

    label: str = "alike"

    def embed_stem(self, stem: Waveform, stem_type: StemType) -> StemVectors:
        return sounds_like(stem_type, windows=2 if stem.any() else 0)

    def scores(self, mix: Waveform, stem_type: StemType, stems: Sequence[Features]) -> NDArray[np.float32]:
        assert all(isinstance(stem, StemVectors) for stem in stems)
        return np.zeros(len(stems), np.float32)


def keep(scorer: TypeAwareScorer, *stem_types: StemType) -> list[Features]:
    return [scorer.embed_stem(noise(0, 16_000), stem_type) for stem_type in stem_types]


@pytest.mark.parametrize("wanted", list(StemType))
def test_what_sounds_like_the_wanted_type_gains_on_all_others(wanted: StemType) -> None:
    scorer = TypeAwareScorer(FindsAllAlike(), GUESS)
    evidence = scorer.type_evidence(wanted, keep(scorer, *StemType))
    assert int(evidence.argmax()) == wanted.number
    others = np.delete(evidence, wanted.number)
    np.testing.assert_allclose(others, WEIGHT * np.log(LEAST), rtol=1e-5)


def test_evidence_is_of_the_mean_probability_of_a_stems_windows() -> None:
    scorer = TypeAwareScorer(FindsAllAlike(), GUESS)
    two = np.vstack([sounds_like(StemType.BASS, 1).vectors, sounds_like(StemType.KEYS, 1).vectors])
    scorer = replace(scorer, first=_Keeps(StemVectors(two, np.zeros(2))))
    evidence = scorer.type_evidence(StemType.BASS, keep(scorer, StemType.BASS))
    assert evidence == pytest.approx([WEIGHT * np.log(0.5)], rel=1e-3)


def test_scores_are_those_of_the_other_scorer() -> None:
    scorer = TypeAwareScorer(FindsAllAlike(), GUESS)
    scores = scorer.scores(noise(1, 16_000), StemType.BASS, keep(scorer, StemType.BASS, StemType.KEYS))
    assert scores.tolist() == [0.0, 0.0]


def test_a_stem_without_windows_is_of_no_type() -> None:
    scorer = TypeAwareScorer(FindsAllAlike(), GUESS)
    silent = scorer.embed_stem(np.zeros(16_000, np.float32), StemType.BASS)
    assert scorer.type_evidence(StemType.BASS, [silent]) == pytest.approx([WEIGHT * np.log(LEAST)])


def test_it_reads_the_vectors_below_a_second_look() -> None:
    scorer = TypeAwareScorer(SecondLookScorer(FindsAllAlike()), GUESS)
    (kept,) = keep(scorer, StemType.KEYS)
    assert isinstance(kept.features, LookedAt)  # type: ignore[attr-defined]  # features are opaque
    assert scorer.type_evidence(StemType.KEYS, [kept])[0] > WEIGHT * np.log(0.9)


def test_the_right_type_leads_and_ranks_within_it_stay(tmp_path: Path, reader: StemReader) -> None:
    for number in range(3):
        write_song(tmp_path / f"song-{number}", number)
    songs, protocol = find_songs(tmp_path), EvaluationProtocol(per_song=1)

    def ask(scorer: FindsAllAlike | TypeAwareScorer) -> list[tuple[float, float, float]]:
        candidates = embed_candidates(songs, reader, scorer, protocol)
        asked = score_queries(songs, reader, scorer, candidates, protocol, all_types=True)
        answers = [judge(scored) for scored in asked]
        return [(one.leads.with_heard, one.among_all.rank, one.among_type.rank) for one in answers]

    plain, aware = ask(FindsAllAlike()), ask(TypeAwareScorer(FindsAllAlike(), GUESS))
    assert all(leads < 1 for leads, _, _ in plain)
    assert all(leads == 1 for leads, _, _ in aware)
    assert all(after < before for (_, before, _), (_, after, _) in zip(plain, aware, strict=True))
    assert [within for _, _, within in plain] == [within for _, _, within in aware]


def test_only_scorers_that_guess_are_type_aware() -> None:
    assert isinstance(TypeAwareScorer(FindsAllAlike(), GUESS), TypeAware)
    assert not isinstance(FindsAllAlike(), TypeAware)


@dataclass
class _Keeps:
    """A scorer that keeps what it is given of any stem."""

    kept: StemVectors
    label: str = "keeps"

    def embed_stem(self, stem: Waveform, stem_type: StemType) -> StemVectors:
        return self.kept

    def scores(self, mix: Waveform, stem_type: StemType, stems: Sequence[Features]) -> NDArray[np.float32]:
        return np.zeros(len(stems), np.float32)
