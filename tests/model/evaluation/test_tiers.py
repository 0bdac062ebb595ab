"""Hard-negative tiers from hand-made trials."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from audio.stems import StemType
from model.evaluation.sensitivity_trials import SHIFTS, Trial
from model.evaluation.sensitivity_variants import Change
from model.evaluation.tiers import Tier, describe_tiers, measure_tiers
from model.evaluation.tiers_facts import SongFacts

FACTS = {
    "a": SongFacts(120.0, 0),
    "near": SongFacts(124.0, 0),
    "far": SongFacts(150.0, 0),
    "other key": SongFacts(120.0, 5),
}
RIVALS = ("near", "far", "other key")


def trial(
    own: float = 5.0,
    rivals: Sequence[float] = (0.0, 1.0, 2.0),
    *,
    changed: Mapping[Change, float] | None = None,
    shifted: Mapping[float, float] | None = None,
    sections: Sequence[float] = (math.nan,),
    stem_type: StemType = StemType.KEYS,
) -> Trial:
    here, *elsewhere = sections
    scores = np.array(rivals, np.float32)
    return Trial(
        "a", "a", stem_type, own, scores, RIVALS, changed or {}, shifted or {}, here, tuple(elsewhere)
    )


def tier(name: str, *trials: Trial) -> Tier | None:
    return next((one for one in measure_tiers(trials, FACTS) if one.name == name), None)


def test_against_other_songs_the_true_one_must_be_first_of_all() -> None:
    found = tier("other songs", trial(5.0), trial(1.5))
    assert found is not None
    assert (found.queries, found.ways, found.chance) == (2, 4, 0.25)
    assert found.accuracy.value == 0.5
    assert found.pairs.value == pytest.approx((3 + 2) / 6)


def test_a_shared_first_place_counts_in_part() -> None:
    found = tier("other songs", trial(2.0))
    assert found is not None
    assert found.accuracy.value == 0.5
    assert found.pairs.value == pytest.approx(2.5 / 3)


def test_near_songs_share_key_and_tempo() -> None:
    found = tier("other songs, same key and tempo", trial(1.0, rivals=(0.0, 3.0, 3.0)))
    assert found is not None
    assert (found.ways, found.accuracy.value, found.chance) == (2, 1, 0.5)


def test_without_a_near_song_there_is_no_such_tier() -> None:
    facts = {**FACTS, "near": SongFacts(None, 0)}
    assert "other songs, same key and tempo" not in {one.name for one in measure_tiers([trial()], facts)}


def test_transpositions_of_a_pitched_stem_are_one_tier() -> None:
    changed = {Change("transpose", -1): 4.0, Change("transpose", 6): 6.0, Change("stretch", 0.9): 9.0}
    found = tier("itself, transposed", trial(changed=changed))
    assert found is not None
    assert (found.ways, found.accuracy.value, found.pairs.value) == (3, 0, 0.5)


def test_transpositions_beyond_half_an_octave_and_of_drums_do_not_count() -> None:
    changed = {Change("transpose", 7): 9.0, Change("transpose", 1): 1.0}
    found = tier("itself, transposed", trial(changed=changed))
    assert found is not None
    assert (found.ways, found.accuracy.value) == (2, 1)
    assert tier("itself, transposed", trial(changed=changed, stem_type=StemType.DRUMS)) is None


@pytest.mark.parametrize(
    ("factor", "counts"),
    [(0.75, False), (0.8, True), (0.95, True), (0.98, False), (1.05, True), (1.25, False)],
)
def test_stretches_by_a_twentieth_to_a_fifth_are_one_tier(factor: float, counts: bool) -> None:
    found = tier("itself, stretched", trial(changed={Change("stretch", factor): 1.0}))
    assert (found is not None) == counts


def test_shifts_by_part_of_a_beat_are_held_against_the_true_place() -> None:
    shifted = dict.fromkeys(SHIFTS, 1.0) | {0.0: 3.0, 1.0: 9.0, -4.0: 9.0, 0.125: 9.0}
    found = tier("itself, shifted by part of a beat", trial(own=0.0, shifted=shifted))
    assert found is not None
    assert (found.ways, found.accuracy.value, found.pairs.value) == (7, 1, 1)


def test_an_offbeat_that_fits_better_loses_the_choice() -> None:
    shifted = dict.fromkeys(SHIFTS, 1.0) | {0.0: 3.0, 0.5: 4.0}
    found = tier("itself, shifted by part of a beat", trial(shifted=shifted))
    assert found is not None
    assert found.accuracy.value == 0
    assert found.pairs.value == pytest.approx(5 / 6)


def test_other_sections_are_compared_with_the_section_of_the_mix() -> None:
    found = tier("itself, another section", trial(own=0.0, sections=(3.0, 1.0, 2.0)))
    assert found is not None
    assert (found.ways, found.accuracy.value) == (3, 1)


def test_tiers_that_no_trial_knows_are_left_out() -> None:
    assert [one.name for one in measure_tiers([trial()], FACTS)] == [
        "other songs",
        "other songs, same key and tempo",
    ]
    assert measure_tiers([], FACTS) == []


def test_tiers_become_plain_data() -> None:
    described = describe_tiers(measure_tiers([trial()], FACTS))[0]
    assert described["name"] == "other songs"
    assert described["accuracy"] == {"value": 1.0, "low": None, "high": None}
