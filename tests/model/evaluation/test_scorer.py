"""Scoring stems with an embedder: as serving does, at the best lag of each stem."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.alignment import AGREEMENT
from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType
from audio.windows import WINDOW_SAMPLES, WINDOW_SECONDS, choose_sections, cut_windows
from model.evaluation.averaged_scorer import AveragedScorer
from model.evaluation.scorer import EmbeddingScorer, ask, ask_sections
from model.overhang import Queries
from tests.model.fake_embedders import Constant
from tests.model.multitracks import noise

HOP = 4000  # a quarter of a second
BASS = StemType.BASS


@dataclass
class Listens:
    """Knows a window by its first samples, wherever in a recording it is."""

    query_hop_samples: int = HOP

    def queries(self, mix: Waveform, stem_type: StemType) -> Queries:
        filled = np.pad(mix, (0, max(WINDOW_SAMPLES - len(mix), -len(mix) % self.query_hop_samples)))
        starts = range(0, len(filled) - WINDOW_SAMPLES + 1, self.query_hop_samples)
        heard = self._known(np.stack([filled[start : start + WINDOW_SAMPLES] for start in starts]))
        return Queries.in_a_row(heard, self.query_hop_samples / SAMPLE_RATE)

    def candidate_vectors(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        return self._known(windows)

    @staticmethod
    def _known(windows: NDArray[np.float32]) -> NDArray[np.float32]:
        heard = windows[:, :1000]
        return np.asarray(heard / np.maximum(np.linalg.norm(heard, axis=1, keepdims=True), 1e-9), np.float32)


SCORER = EmbeddingScorer(Listens(), "listens")


def test_the_stem_that_was_played_with_the_mix_scores_highest() -> None:
    recordings = [noise(seed, 30 * SAMPLE_RATE) for seed in range(4)]
    stems = [SCORER.embed_stem(one, BASS) for one in recordings]
    asked = recordings[2][SAMPLE_RATE * 5 // 4 : SAMPLE_RATE * 85 // 4]
    assert int(np.argmax(SCORER.scores(asked, BASS, stems))) == 2


def test_windows_that_agree_on_a_lag_add_their_evidence() -> None:
    """A 20-second mix holds four windows of the stem at its true lag, each of them worth 1."""
    recording = noise(0, 40 * SAMPLE_RATE)
    (score,) = SCORER.scores(recording[: 20 * SAMPLE_RATE], BASS, [SCORER.embed_stem(recording, BASS)])
    assert score == pytest.approx(4 ** (1 - AGREEMENT), abs=0.05)


def test_a_stem_without_audible_windows_fits_nothing() -> None:
    silent = SCORER.embed_stem(np.zeros(20 * SAMPLE_RATE, np.float32), BASS)
    heard = SCORER.embed_stem(noise(0, 20 * SAMPLE_RATE), BASS)
    scores = SCORER.scores(noise(0, 20 * SAMPLE_RATE), BASS, [silent, heard, silent])
    assert np.isneginf(scores).tolist() == [True, False, True]


def test_a_silent_mix_finds_nothing_instead_of_something() -> None:
    stems = [SCORER.embed_stem(noise(seed, 10 * SAMPLE_RATE), BASS) for seed in range(2)]
    assert np.isneginf(SCORER.scores(np.zeros(160_000, np.float32), BASS, stems)).all()


def test_rests_of_a_mix_do_not_ask() -> None:
    """Queries in the rest fit every stem here: would they ask, the score would be above nought."""

    class RestsFitEverything(Constant):
        query_hop_samples = WINDOW_SAMPLES

        def queries(self, mix: Waveform, stem_type: StemType) -> Queries:
            return Queries.in_a_row(np.array([[0, 0, 0, 0], [1, 1, 1, 1]], np.float32), WINDOW_SECONDS)

    scorer = EmbeddingScorer(RestsFitEverything(), "rests")
    mix = np.concatenate([noise(0, WINDOW_SAMPLES), np.zeros(WINDOW_SAMPLES, np.float32)])
    stem = scorer.embed_stem(noise(1, WINDOW_SAMPLES), BASS)
    assert scorer.scores(mix, BASS, [stem]).tolist() == [0.0]
    assert scorer.scores(noise(0, 2 * WINDOW_SAMPLES), BASS, [stem]).tolist() == [4.0]


def test_windows_that_begin_before_the_mix_keep_their_places() -> None:
    """Two windows of the stem lie 4 s apart, and so do the queries that know them: they agree on a lag."""
    first = -8

    class BeginsEarlier(Constant):
        query_hop_samples = HOP

        def __init__(self, apart: int) -> None:
            self.apart = apart  # in hops

        def queries(self, mix: Waveform, stem_type: StemType) -> Queries:
            vectors = np.zeros((24, 4), np.float32)
            vectors[2, 0] = vectors[2 + self.apart, 1] = 1
            return Queries.in_a_row(vectors, HOP / SAMPLE_RATE, first)

        def candidate_vectors(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
            return np.eye(4, dtype=np.float32)[: len(windows)]

    mix, stem = noise(0, 12 * SAMPLE_RATE), noise(1, 12 * SAMPLE_RATE)
    _, hops = ask(BeginsEarlier(16), mix, BASS)
    assert hops.tolist() == list(range(first, first + 24))
    scores = []
    for apart in (16, 15):
        scorer = EmbeddingScorer(BeginsEarlier(apart), "earlier")
        scores += scorer.scores(mix, BASS, [scorer.embed_stem(stem, BASS)]).tolist()
    assert scores[0] == pytest.approx(2 / 2**AGREEMENT)
    assert scores[1] == pytest.approx(1 / 1**AGREEMENT, abs=0.5)
    assert scores[1] < scores[0]


def test_a_single_query_asks_with_the_whole_mix_even_if_that_begins_with_a_rest() -> None:
    scorer = EmbeddingScorer(Constant(), "one query")
    stem = scorer.embed_stem(noise(1, WINDOW_SAMPLES), BASS)
    late = np.concatenate([np.zeros(WINDOW_SAMPLES, np.float32), noise(0, WINDOW_SAMPLES)])
    assert scorer.scores(late, BASS, [stem]).tolist() == [4.0]


def test_stems_are_scored_in_blocks_as_they_are_together() -> None:
    stems = [SCORER.embed_stem(noise(seed, (10 + seed) * SAMPLE_RATE), BASS) for seed in range(5)]
    mix = noise(3, 12 * SAMPLE_RATE)
    together = SCORER.scores(mix, BASS, stems)
    np.testing.assert_array_equal(together, [SCORER.scores(mix, BASS, [stem])[0] for stem in stems])


def test_queries_that_lie_further_apart_than_windows_keep_their_places() -> None:
    """A network that asks every 8 s only: window 2 of the stem lies where its second query does."""
    scorer = EmbeddingScorer(Listens(query_hop_samples=WINDOW_SAMPLES), "sparse")
    recording = noise(0, 3 * WINDOW_SAMPLES)
    (score,) = scorer.scores(recording, BASS, [scorer.embed_stem(recording, BASS)])
    assert score == pytest.approx(3 ** (1 - AGREEMENT), abs=0.01)


def test_a_long_mix_asks_with_the_sections_that_serving_would_ask_with() -> None:
    mix = noise(0, 200 * SAMPLE_RATE)
    queries, hops = ask_sections(Listens(), mix, BASS)
    starts = [round(start * SAMPLE_RATE) // HOP for start, _ in choose_sections(mix, step_samples=HOP)]
    offsets = range(8 * SAMPLE_RATE // HOP + 1)  # where a window can begin in a section of 16 s
    assert hops.tolist() == [start + offset for start in starts for offset in offsets]
    for row in (0, 40, len(hops) - 1):
        heard = Listens().candidate_vectors(mix[None, hops[row] * HOP : hops[row] * HOP + WINDOW_SAMPLES])
        np.testing.assert_array_equal(queries[row], heard[0])


def test_a_mix_of_one_section_asks_as_a_whole() -> None:
    mix = noise(0, 24 * SAMPLE_RATE)
    for found, whole in zip(ask_sections(Listens(), mix, BASS), ask(Listens(), mix, BASS), strict=True):
        np.testing.assert_array_equal(found, whole)


def test_sections_that_meet_ask_once_at_the_place_that_they_share() -> None:
    _, hops = ask_sections(Listens(), noise(0, 241 * SAMPLE_RATE // 10), BASS)
    assert hops.tolist() == list(range(16 * SAMPLE_RATE // HOP + 1))


def test_sections_of_a_long_mix_agree_on_one_lag() -> None:
    recordings = [noise(seed, 200 * SAMPLE_RATE) for seed in range(3)]
    stems = [SCORER.embed_stem(one, BASS) for one in recordings]
    scores = SCORER.scores(recordings[1][SAMPLE_RATE:], BASS, stems)
    pairs = 2 * len(choose_sections(recordings[1][SAMPLE_RATE:], step_samples=HOP))
    assert int(np.argmax(scores)) == 1
    assert scores[1] >= pairs ** (1 - AGREEMENT) - 0.05  # two windows of each section lie on a lag, or three


def test_windows_are_those_that_the_indexer_cuts() -> None:
    stem = noise(0, 21 * SAMPLE_RATE)
    embedded = EmbeddingScorer(Listens(), "listens", window_hop_seconds=2.0).embed_stem(stem, BASS)
    np.testing.assert_array_equal(embedded.starts, cut_windows(stem, 2.0).starts)
    assert len(embedded.vectors) == len(embedded.starts)


def test_an_average_knows_a_recording_whatever_the_order() -> None:
    scorer = AveragedScorer(Listens(query_hop_samples=WINDOW_SAMPLES), "averaged")
    recording = noise(0, 3 * WINDOW_SAMPLES)
    turned = np.roll(recording, WINDOW_SAMPLES)
    stems = [scorer.embed_stem(one, BASS) for one in (turned, noise(1, 3 * WINDOW_SAMPLES))]
    scores = scorer.scores(recording, BASS, stems)
    assert scores[0] == pytest.approx(1.0, abs=1e-5)
    assert abs(float(scores[1])) < 0.2


def test_an_average_of_nothing_fits_nothing() -> None:
    scorer = AveragedScorer(Listens(), "averaged")
    silence = np.zeros(WINDOW_SAMPLES, np.float32)
    stems = [scorer.embed_stem(one, BASS) for one in (silence, noise(0, WINDOW_SAMPLES))]
    assert np.isneginf(scorer.scores(noise(0, WINDOW_SAMPLES), BASS, stems)).tolist() == [True, False]
    assert np.isneginf(scorer.scores(silence, BASS, stems)).all()
