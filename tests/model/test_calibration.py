"""Scores become shares of pairs that belong together."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.agreement import HARMONY_WEIGHT, RHYTHM_WEIGHT
from audio.stems import StemType
from model.calibration import CALIBRATED_BY, TooFewSongsError, check_songs, fit, score_pairs
from model.card import Calibration
from model.evaluation.protocols import EvaluationProtocol
from model.songs import Song, find_songs
from model.stem_reader import StemReader
from tests.model.fake_embedders import Constant, KnowsTheAnswer, write_pilots
from tests.model.multitracks import TYPES, write_song

ONE_EACH = EvaluationProtocol(per_song=1)


def compatibility(calibration: Calibration, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-(calibration.slope * scores + calibration.intercept))))


def draw(
    slope: float, intercept: float, pairs: int = 40_000
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores of pairs that belong together as often as a logistic says, by seed 0."""
    generator = np.random.default_rng(0)
    scores = generator.uniform(-1, 1, pairs)
    belong = generator.uniform(size=pairs) < 1 / (1 + np.exp(-(slope * scores + intercept)))
    return scores[belong], scores[~belong]


def test_a_known_logistic_is_recovered() -> None:
    calibration = fit(*draw(6.0, 0.0))
    assert calibration.slope == pytest.approx(6.0, rel=0.05)
    assert calibration.intercept == pytest.approx(0.0, abs=0.1)


def test_a_half_is_where_both_kinds_are_as_likely() -> None:
    generator = np.random.default_rng(1)
    calibration = fit(generator.normal(0.7, 0.1, 4000), generator.normal(0.3, 0.1, 4000))
    assert compatibility(calibration, np.array([0.5]))[0] == pytest.approx(0.5, abs=0.05)


def test_the_number_of_pairs_of_a_kind_does_not_count() -> None:
    generator = np.random.default_rng(2)
    together, apart = generator.normal(0.6, 0.2, 3000), generator.normal(0.4, 0.2, 3000)
    even, uneven = fit(together, apart), fit(together, np.tile(apart, 20))
    assert uneven.slope == pytest.approx(even.slope, rel=0.02)
    assert uneven.intercept == pytest.approx(even.intercept, rel=0.02)


def test_compatibility_rises_with_the_score() -> None:
    scores = compatibility(fit(*draw(3.0, -1.0)), np.linspace(-1, 1, 50))
    assert bool((np.diff(scores) > 0).all())
    assert 0 < scores[0] < scores[-1] < 1


def test_kinds_that_do_not_overlap_still_have_a_finite_slope() -> None:
    calibration = fit(np.array([0.8, 0.9]), np.array([0.1, 0.2]))
    assert 0 < calibration.slope < 100
    assert np.isfinite(calibration.intercept)


def test_the_number_of_pairs_is_kept_with_the_figures() -> None:
    calibration = fit(np.array([0.8, 0.9, 0.7]), np.array([0.1, 0.2]))
    assert calibration.pairs == 5
    assert (calibration.reliability["together"], calibration.reliability["apart"]) == (3, 2)


def test_a_fit_of_the_right_form_is_reliable() -> None:
    reliability = fit(*draw(6.0, 0.0)).reliability
    assert reliability["ece"] < 0.01
    assert 0.05 < reliability["brier"] < 0.2
    assert len(reliability["table"]) == 10


def test_a_fit_to_scores_that_tell_nothing_is_a_coin() -> None:
    generator = np.random.default_rng(3)
    reliability = fit(generator.normal(size=3000), generator.normal(size=3000)).reliability
    assert reliability["brier"] == pytest.approx(0.25, abs=0.002)
    assert [one["predicted"] for one in reliability["table"]] == pytest.approx([0.5] * 2, abs=0.03)


@pytest.mark.parametrize(("together", "apart"), [(0, 3), (3, 0), (0, 0)])
def test_pairs_of_both_kinds_are_needed(together: int, apart: int) -> None:
    with pytest.raises(ValueError, match=r"needs pairs of both kinds.*--calibrate"):
        fit(np.zeros(together), np.zeros(apart))


def stems_of(*songs: str) -> list[Song]:
    """Songs of the types that are named, apart by spaces."""
    return [
        Song(str(number), str(number), {StemType(name): (Path("a.wav"),) for name in types.split()})
        for number, types in enumerate(songs)
    ]


@pytest.mark.parametrize("songs", [(), ("drums bass",), ("drums bass", "keys vocals")])
def test_songs_that_share_no_type_give_nothing_to_calibrate_on(songs: tuple[str, ...]) -> None:
    with pytest.raises(TooFewSongsError, match=r"two songs.*share a stem type.*--calibrate SONGS"):
        check_songs(stems_of(*songs))


def test_versions_of_one_song_are_one_song() -> None:
    with pytest.raises(TooFewSongsError, match="not versions of one"):
        check_songs([replace(song, group="tune.mid") for song in stems_of("drums bass", "drums bass")])


def test_a_version_of_a_song_is_no_pair_that_does_not_belong(tmp_path: Path, reader: StemReader) -> None:
    songs = [replace(song, group="tune.mid") for song in write_pilots(tmp_path, songs=2)]
    together, apart = score_pairs(songs, reader, KnowsTheAnswer(), CALIBRATED_BY)
    assert len(together) == len(apart) == 0


def test_one_type_that_two_songs_share_is_enough() -> None:
    check_songs(stems_of("drums bass", "keys bass"))


def test_scores_of_who_knows_the_answer_lie_apart(tmp_path: Path, reader: StemReader) -> None:
    together, apart = score_pairs(write_pilots(tmp_path), reader, KnowsTheAnswer(), ONE_EACH)
    assert len(together) == len(apart) == 4 * len(TYPES)
    # The network's 1 and 0, and at most what a second look adds.
    assert 1.0 <= together.min() <= together.max() <= 1.0 + RHYTHM_WEIGHT + HARMONY_WEIGHT
    assert 0.0 <= apart.min() <= apart.max() <= RHYTHM_WEIGHT + HARMONY_WEIGHT


def test_pairs_get_the_second_look_that_serving_gives(tmp_path: Path, reader: StemReader) -> None:
    """Of a network that tells nothing, what is left are the bonuses: with its own stem a mix agrees."""
    for song in range(4):
        write_song(tmp_path / f"{song}", song)
    together, apart = score_pairs(find_songs(tmp_path), reader, Constant(), ONE_EACH)
    assert np.ptp(together) > 0
    assert together.mean() > apart.mean()


def test_every_recording_is_embedded_once(tmp_path: Path, reader: StemReader) -> None:
    knowing = KnowsTheAnswer()
    score_pairs(write_pilots(tmp_path), reader, knowing, ONE_EACH)
    assert len(knowing.batches) == 4 * len(TYPES)
    assert len(knowing.asked) == 4 * len(TYPES)


def test_every_query_gives_a_pair_of_each_kind(songs: list[Song], reader: StemReader) -> None:
    together, apart = score_pairs(songs, reader, Constant(), ONE_EACH)
    assert len(together) == len(apart) == len(songs) * len(TYPES)


def test_the_other_stem_is_never_the_true_one(tmp_path: Path, reader: StemReader) -> None:
    songs = write_pilots(tmp_path, songs=2)
    _, apart = score_pairs(songs, reader, KnowsTheAnswer(), replace(ONE_EACH, per_song=3))
    assert apart.max() < 1.0


def test_a_single_song_gives_no_pairs(songs: list[Song], reader: StemReader) -> None:
    together, apart = score_pairs(songs[:1], reader, Constant(), ONE_EACH)
    assert len(together) == len(apart) == 0
