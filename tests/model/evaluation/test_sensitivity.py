"""Curves from trials."""

import math
from collections.abc import Mapping

import numpy as np
import pytest

from audio.stems import StemType
from model.evaluation.sensitivity import Curve, describe_curves, draw_curves
from model.evaluation.sensitivity_trials import Trial
from model.evaluation.sensitivity_variants import Change

RIVALS = (0.0, 2.0)  # mean 1, standard deviation 1


def trial(
    own: float = 5.0,
    changed: Mapping[Change, float] | None = None,
    shifted: Mapping[float, float] | None = None,
    stem_type: StemType = StemType.KEYS,
    group: str = "a",
) -> Trial:
    rivals = np.array(RIVALS, np.float32)
    return Trial("a", group, stem_type, own, rivals, ("b", "c"), changed or {}, shifted or {})


def up(semitones: float, score: float) -> dict[Change, float]:
    return {Change("transpose", semitones): score}


def only(curves: list[Curve]) -> Curve:
    (curve,) = curves
    return curve


def test_points_are_in_order_with_the_unchanged_stem_among_them() -> None:
    curve = only(draw_curves([trial(changed={**up(1, 3.0), **up(-2, 1.0)})]))
    assert (curve.kind, curve.stems) == ("transpose", "pitched")
    assert [point.value for point in curve.points] == [-2, 0, 1]


def test_scores_are_in_deviations_above_other_songs() -> None:
    curve = only(draw_curves([trial(own=5.0, changed=up(1, 3.0))]))
    assert [point.score.value for point in curve.points] == [4.0, 2.0]


def test_recall_is_that_of_the_changed_stem() -> None:
    trials = [trial(changed=up(1, 3.0)), trial(changed=up(1, 1.5)), trial(changed=up(1, 1.5))]
    unchanged, changed = only(draw_curves(trials)).points
    assert unchanged.recall.value == 1
    assert changed.recall.value == pytest.approx(1 / 3)


def test_how_often_the_unchanged_stem_is_preferred() -> None:
    trials = [trial(changed=up(1, score)) for score in (3.0, 5.0, 6.0, 4.0)]
    unchanged, changed = only(draw_curves(trials)).points
    assert unchanged.preferred.value == 0.5
    assert changed.preferred.value == pytest.approx((1 + 0.5 + 0 + 1) / 4)


def test_all_points_are_about_the_same_queries() -> None:
    trials = [trial(changed={**up(1, 3.0), **up(2, 2.0)}), trial(changed=up(1, 0.0))]
    assert {point.queries for point in only(draw_curves(trials)).points} == {1}


def test_a_stretch_of_one_is_the_unchanged_stem() -> None:
    curve = only(draw_curves([trial(changed={Change("stretch", 0.8): 1.0, Change("stretch", 1.25): 2.0})]))
    assert [point.value for point in curve.points] == [0.8, 1.0, 1.25]
    assert [point.score.value for point in curve.points] == [0.0, 4.0, 1.0]


def test_drums_are_kept_apart_and_not_transposed() -> None:
    changed = {**up(1, 3.0), Change("stretch", 0.9): 2.0}
    trials = [trial(changed=changed), trial(changed=changed, stem_type=StemType.DRUMS)]
    assert [(one.kind, one.stems) for one in draw_curves(trials)] == [
        ("transpose", "pitched"),
        ("stretch", "pitched"),
        ("stretch", "drums"),
    ]


def test_shifts_are_held_against_the_true_place_not_against_the_best() -> None:
    curve = only(draw_curves([trial(own=9.0, shifted={-1.0: 2.0, 0.0: 5.0, 1.0: 5.0})]))
    assert curve.kind == "shift"
    assert [point.score.value for point in curve.points] == [1.0, 4.0, 4.0]
    assert [point.preferred.value for point in curve.points] == [1.0, 0.5, 0.5]


def test_a_lag_at_which_nothing_is_heard_is_as_bad_as_the_worst_rival() -> None:
    curve = only(draw_curves([trial(shifted={0.0: 5.0, 4.0: -math.inf})]))
    assert [point.score.value for point in curve.points] == [4.0, -1.0]


def test_a_stem_that_fits_worse_than_every_rival_keeps_its_score() -> None:
    unchanged, changed = only(draw_curves([trial(own=-3.0, changed=up(1, -4.0))])).points
    assert (unchanged.score.value, changed.score.value) == (-4.0, -5.0)
    assert (unchanged.preferred.value, changed.preferred.value) == (0.5, 1.0)


def test_rivals_that_do_not_differ_leave_scores_as_they_are() -> None:
    same = Trial("a", "a", StemType.KEYS, 5.0, np.ones(2, np.float32), ("b", "c"), up(1, 3.0))
    assert [point.score.value for point in only(draw_curves([same])).points] == [4.0, 2.0]


def test_intervals_are_over_songs() -> None:
    wins, loses = up(1, 3.0), up(1, 1.0)
    one_song = [trial(changed=wins), trial(changed=loses)]
    two_songs = [trial(changed=wins, group="a"), trial(changed=loses, group="b")]
    alone, both = (only(draw_curves(trials)).points[1].recall for trials in (one_song, two_songs))
    assert (alone.value, alone.low, alone.high) == (0.5, None, None)
    assert (both.low, both.high) == (0, 1)


def test_no_trials_no_curves() -> None:
    assert draw_curves([]) == []
    assert draw_curves([trial()]) == []


def test_curves_become_plain_data() -> None:
    (described,) = describe_curves(draw_curves([trial(changed=up(1, 3.0))]))
    assert described["kind"] == "transpose"
    assert described["points"][1]["score"] == {"value": 2.0, "low": None, "high": None}
