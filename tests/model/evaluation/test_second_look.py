"""Evaluation asks as serving does: a second look at the best, and at no others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.agreement import Agreement
from audio.decode import SAMPLE_RATE, Waveform
from audio.sketch import sketch
from audio.stems import StemType
from model.evaluation.scorer import Features
from model.evaluation.second_look import LookedAt, SecondLookScorer
from tests.audio.music import make_beat

DRUMS = StemType.DRUMS
TEMPI = (140, 95, 120)
STEMS = [make_beat(bpm, 16.0) for bpm in TEMPI]


@dataclass(frozen=True)
class Says:
    """A network that gives each stem the score it is told to."""

    values: tuple[float, ...]
    label: str = "says"

    def embed_stem(self, stem: Waveform, stem_type: StemType) -> Features:
        return len(stem)

    def scores(self, mix: Waveform, stem_type: StemType, stems: Sequence[Features]) -> NDArray[np.float32]:
        assert all(isinstance(stem, int) for stem in stems)  # its own features, not what a second look keeps
        return np.array(self.values, np.float32)


def ask(values: tuple[float, ...], mix: Waveform, looked_at: int = 50) -> NDArray[np.float32]:
    scorer = SecondLookScorer(Says(values), looked_at)
    return scorer.scores(mix, DRUMS, [scorer.embed_stem(stem, DRUMS) for stem in STEMS])


@pytest.mark.parametrize("tempo", range(len(TEMPI)))
def test_what_agrees_leads_where_the_network_is_undecided(tempo: int) -> None:
    assert int(ask((0.5, 0.5, 0.5), STEMS[tempo]).argmax()) == tempo


def test_bonuses_are_added_to_scores() -> None:
    bonuses = Agreement(sketch(STEMS[0])).bonuses([sketch(stem) for stem in STEMS], DRUMS)
    assert ask((0.1, 0.2, 0.3), STEMS[0]) == pytest.approx(np.array([0.1, 0.2, 0.3]) + bonuses)


def test_of_a_long_mix_the_middle_is_compared_as_in_serving() -> None:
    silence = np.zeros(40 * SAMPLE_RATE, np.float32)
    beat = make_beat(TEMPI[1], 60.0)
    long = np.concatenate([silence, beat, silence])
    np.testing.assert_array_equal(ask((0.5, 0.5, 0.5), long), ask((0.5, 0.5, 0.5), beat[: 60 * SAMPLE_RATE]))
    assert int(ask((0.5, 0.5, 0.5), long).argmax()) == 1


def test_only_the_best_are_looked_at() -> None:
    scores = ask((0.1, 0.2, 0.3), STEMS[0], looked_at=1)
    assert scores[:2] == pytest.approx([0.1, 0.2])
    assert scores[2] > 0.3


def test_each_type_has_its_best_looked_at() -> None:
    """As in serving: what else is asked about takes no stem's second look away."""
    scorer = SecondLookScorer(Says((0.1, 0.9, 0.8)), looked_at=1)
    stems = zip(STEMS, (DRUMS, StemType.BASS, StemType.BASS), strict=True)
    scores = scorer.scores(STEMS[0], DRUMS, [scorer.embed_stem(stem, stem_type) for stem, stem_type in stems])
    assert scores[0] > 0.1
    assert scores[1] > 0.9
    assert scores[2] == pytest.approx(0.8)


def test_who_has_no_windows_stays_last() -> None:
    scores = ask((-np.inf, 0.2, 0.3), STEMS[0])
    assert scores[0] == -np.inf
    assert np.isfinite(scores[1:]).all()


def test_it_has_a_name_of_its_own_and_keeps_the_networks_features() -> None:
    scorer = SecondLookScorer(Says((0.0,)), label="looks twice")
    kept = scorer.embed_stem(STEMS[0], DRUMS)
    assert scorer.label == "looks twice"
    assert isinstance(kept, LookedAt)
    assert kept.features == len(STEMS[0])
