import numpy as np
import pytest

from model.render.midi import Control, Part
from model.render.performance import (
    LARGEST_OFFSET_SECONDS,
    Performance,
    TempoDrift,
    draw_drift,
    draw_performance,
    perform,
)
from tests.model.render.midi_files import make_part

PART = make_part(0, 0, count=100)
STEADY = TempoDrift(60.0)


def play(
    part: Part, player: Performance, drift: TempoDrift = STEADY, stretch: float = 1.0, seed: int = 0
) -> Part:
    return perform(part, drift, stretch, player, np.random.default_rng(seed))


def test_without_a_performance_the_score_is_played() -> None:
    assert np.array_equal(play(PART, Performance()).notes, PART.notes)


def test_an_offset_moves_all_notes_alike() -> None:
    moved = play(PART, Performance(offset=0.01))
    assert np.allclose(moved.notes[:, 0] - PART.notes[:, 0], 0.01)


def test_jitter_spreads_the_starts() -> None:
    moved = play(PART, Performance(jitter=0.01))
    lateness = moved.notes[:, 0] - PART.notes[:, 0]
    assert 0.006 < lateness[1:].std() < 0.014
    assert np.all(np.diff(moved.notes[:, 0]) >= 0)


def test_notes_of_a_chord_stay_together() -> None:
    chords = np.repeat(PART.notes, 3, axis=0) + np.tile([[0, 0, 0, 0], [0, 0, 4, 0], [0, 0, 7, 0]], (100, 1))
    played = play(Part(0, 0, chords), Performance(jitter=0.01)).notes
    starts = played[:, 0].reshape(100, 3)
    assert starts.std(axis=1).mean() < 0.5 * 0.01


def test_velocities_stay_velocities() -> None:
    loud = Part(0, 0, PART.notes * [1, 1, 1, 1.27])
    velocities = play(loud, Performance(velocity_spread=12.0)).notes[:, 3]
    assert velocities.min() >= 1
    assert velocities.max() <= 127
    assert len(set(velocities.tolist())) > 10
    assert np.array_equal(velocities, np.round(velocities))


def test_no_note_starts_before_the_song_or_vanishes() -> None:
    played = play(PART, Performance(offset=-0.012, jitter=0.01)).notes
    assert played[:, 0].min() >= 0
    assert np.all(played[:, 1] > played[:, 0])


@pytest.mark.parametrize("seed", range(10))
def test_a_drift_keeps_both_ends_and_the_order(seed: int) -> None:
    drift = draw_drift(60.0, np.random.default_rng(seed))
    moments = np.linspace(0, 60, 2000)
    reached = drift.apply(moments)
    assert reached[[0, -1]] == pytest.approx([0.0, 60.0], abs=1e-9)
    assert np.all(np.diff(reached) > 0)
    tempo = np.diff(reached) / np.diff(moments)
    assert np.abs(tempo - 1).max() < 0.06


def test_some_songs_keep_their_tempo_and_some_do_not() -> None:
    steady = [not draw_drift(60.0, np.random.default_rng(seed)).waves for seed in range(60)]
    assert 10 < sum(steady) < 50


def test_all_stems_of_a_song_drift_together() -> None:
    drift = TempoDrift(60.0, ((0.012, 15.0, 1.0),))
    first, second = (play(part, Performance(), drift).notes for part in (PART, make_part(1, 33, 40, 100)))
    assert np.array_equal(first[:, 0], second[:, 0])
    assert np.abs(first[:, 0] - PART.notes[:, 0]).max() > 0.01


def test_controllers_move_with_the_notes() -> None:
    part = Part(0, 0, PART.notes, (Control(10.0, 64, 127),))
    drift = TempoDrift(60.0, ((0.01, 20.0, 0.5),))
    (control,) = play(part, Performance(offset=0.01), drift, stretch=1.2).controls
    assert control.seconds == pytest.approx(drift.apply(np.array([10.0]))[0] * 1.2 + 0.01)


def test_another_tempo_is_off_by_the_same() -> None:
    player = Performance(0.005, 0.008, 10.0)
    one, slow = play(PART, player, seed=3).notes, play(PART, player, stretch=1.25, seed=3).notes
    assert np.allclose(slow[1:, 0] - 1.25 * PART.notes[1:, 0], one[1:, 0] - PART.notes[1:, 0])
    assert np.array_equal(one[:, 3], slow[:, 3])


def test_players_differ_within_bounds() -> None:
    players = [draw_performance(np.random.default_rng(seed)) for seed in range(100)]
    assert len(set(players)) == 100
    assert max(abs(player.offset) for player in players) <= LARGEST_OFFSET_SECONDS
    assert max(player.jitter for player in players) <= 0.010
    assert sum(player.jitter < 0.002 for player in players) > 25
