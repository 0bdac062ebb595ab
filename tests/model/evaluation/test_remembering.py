"""What has been asked once is not asked again, and nothing else is taken for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.decode import Waveform
from audio.stems import StemType
from model.evaluation.remembering import RememberingScorer
from model.evaluation.scorer import Features
from tests.model.multitracks import noise

BASS, DRUMS = StemType.BASS, StemType.DRUMS
ONE, OTHER = noise(0, 8_000), noise(1, 8_000)


@dataclass
class Counts:
    """A scorer that counts how often it is asked, and to which each answer is another number."""

    label: str = "counts"
    embedded: list[StemType] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)

    def embed_stem(self, stem: Waveform, stem_type: StemType) -> Features:
        self.embedded.append(stem_type)
        return [len(self.embedded)]

    def scores(self, mix: Waveform, stem_type: StemType, stems: Sequence[Features]) -> NDArray[np.float32]:
        self.asked.append(len(stems))
        return np.full(len(stems), len(self.asked), np.float32)


@pytest.fixture
def counts() -> Counts:
    return Counts()


def test_a_stem_is_embedded_once_and_is_one_object(counts: Counts) -> None:
    scorer = RememberingScorer(counts)
    assert scorer.embed_stem(ONE, BASS) is scorer.embed_stem(ONE.copy(), BASS)
    assert counts.embedded == [BASS]


def test_another_sound_or_type_is_another_stem(counts: Counts) -> None:
    scorer = RememberingScorer(counts)
    kept = [scorer.embed_stem(ONE, BASS), scorer.embed_stem(OTHER, BASS), scorer.embed_stem(ONE, DRUMS)]
    assert kept == [[1], [2], [3]]


def test_a_part_of_a_longer_sound_is_told_by_what_is_in_it(counts: Counts) -> None:
    scorer, both = RememberingScorer(counts), np.stack([ONE, OTHER], axis=1)
    assert scorer.embed_stem(both[:, 0], BASS) is scorer.embed_stem(ONE, BASS)
    assert scorer.embed_stem(both[:, 1], BASS) is not scorer.embed_stem(ONE, BASS)


def test_a_mix_is_asked_about_the_same_stems_once(counts: Counts) -> None:
    scorer = RememberingScorer(counts)
    stems = [scorer.embed_stem(sound, BASS) for sound in (ONE, OTHER)]
    first, again = scorer.scores(ONE, BASS, stems), scorer.scores(ONE.copy(), BASS, list(stems))
    np.testing.assert_array_equal(first, again)
    assert counts.asked == [2]


@pytest.mark.parametrize("changed", ["mix", "type", "fewer", "order"])
def test_whatever_is_asked_otherwise_is_asked_anew(counts: Counts, changed: str) -> None:
    scorer = RememberingScorer(counts)
    stems = [scorer.embed_stem(sound, BASS) for sound in (ONE, OTHER)]
    scorer.scores(ONE, BASS, stems)
    scorer.scores(
        OTHER if changed == "mix" else ONE,
        DRUMS if changed == "type" else BASS,
        {"fewer": stems[:1], "order": stems[::-1]}.get(changed, stems),
    )
    assert len(counts.asked) == 2


def test_features_that_look_alike_are_not_mixed_up(counts: Counts) -> None:
    scorer = RememberingScorer(counts)
    scorer.scores(ONE, BASS, [[7]])
    scorer.scores(ONE, BASS, [[7]])
    assert counts.asked == [1, 1]


def test_what_a_caller_does_with_scores_is_not_remembered(counts: Counts) -> None:
    scorer, stems = RememberingScorer(counts), [[1], [2]]
    scorer.scores(ONE, BASS, stems)[:] = 99
    assert scorer.scores(ONE, BASS, stems).tolist() == [1, 1]


def test_it_is_called_like_the_other(counts: Counts) -> None:
    assert RememberingScorer(counts).label == "counts"
