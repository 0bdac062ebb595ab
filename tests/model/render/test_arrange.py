from collections.abc import Sequence

import numpy as np
import pytest

from audio.stems import StemType
from model.render.arrange import StemPlan, arrange_stems
from model.render.fluidsynth import DRUM_BANK, Preset
from model.render.midi import Part
from tests.model.render.midi_files import ClickPlayer, make_part

BAND = (make_part(0, 33, 40), make_part(1, 0, 60), make_part(9, 0, 36))
LEAD = make_part(2, 81, 84)
BACKING = make_part(3, 90, 55)


class PlainPresets:
    """A soundfont with the first program of each family and one drum kit."""

    def has_preset(self, preset: Preset) -> bool:
        return preset.program == 0 if preset.bank == DRUM_BANK else preset.program % 8 == 0


def arrange(parts: Sequence[Part], seed: int = 0) -> list[StemPlan]:
    return arrange_stems(parts, ClickPlayer(), 2, np.random.default_rng(seed))


def find_singing_seed(parts: Sequence[Part]) -> int:
    return next(s for s in range(50) if StemType.VOCALS in {p.stem_type for p in arrange(parts, s)})


def test_parts_of_one_type_are_one_stem() -> None:
    plans = arrange([*BAND, make_part(4, 16, 70)])
    assert [plan.stem_type for plan in plans] == [StemType.DRUMS, StemType.BASS, StemType.KEYS]
    assert len(plans[2].voices) == 2


def test_a_type_with_hardly_a_note_is_left_out() -> None:
    plans = arrange([*BAND, make_part(4, 73, count=7)])
    assert StemType.WIND not in {plan.stem_type for plan in plans}


def test_stems_draw_soundfont_room_and_level_each_on_its_own() -> None:
    plans = [plan for seed in range(12) for plan in arrange(BAND, seed)]
    assert {plan.soundfont for plan in plans} == {0, 1}
    assert any(plans[i].soundfont != plans[i + 1].soundfont for i in range(0, len(plans), 3))
    assert len({plan.room for plan in plans}) == len({plan.peak for plan in plans}) == len(plans)


def test_all_voices_of_a_stem_play_its_soundfont() -> None:
    for plan in arrange([*BAND, make_part(4, 16, 70)], seed=3):
        assert {voice.preset.soundfont for voice in plan.voices} == {plan.soundfont}


def test_the_same_seed_arranges_the_same() -> None:
    first, second = arrange(BAND, 7), arrange(BAND, 7)
    assert [(p.soundfont, p.room, p.peak) for p in first] == [(p.soundfont, p.room, p.peak) for p in second]
    assert [p.voices[0].preset for p in first] == [p.voices[0].preset for p in second]


@pytest.mark.parametrize("seed", range(20))
def test_a_preset_that_is_missing_gives_way_to_the_written_program(seed: int) -> None:
    plans = arrange_stems(BAND, PlainPresets(), 1, np.random.default_rng(seed))
    drums, bass, keys = (plan.voices[0].preset for plan in plans)
    assert drums == Preset(0, DRUM_BANK, 0)
    assert PlainPresets().has_preset(bass) or bass.program == 33
    assert PlainPresets().has_preset(keys) or keys.program == 0


def test_half_of_the_songs_have_their_highest_melody_sung() -> None:
    sung = [
        plan.voices[0].part
        for seed in range(60)
        for plan in arrange([*BAND, LEAD, BACKING], seed)
        if plan.stem_type is StemType.VOCALS
    ]
    assert 18 <= len(sung) <= 42
    assert {part.channel for part in sung} == {LEAD.channel}


def test_a_sung_melody_is_where_singers_are() -> None:
    parts = [*BAND, LEAD, BACKING]
    plans = arrange(parts, find_singing_seed(parts))
    vocals = next(plan for plan in plans if plan.stem_type is StemType.VOCALS)
    assert set(vocals.voices[0].part.notes[:, 2]) == {72}


def test_a_low_melody_is_sung_higher() -> None:
    parts = [*BAND, make_part(2, 57, 38), make_part(3, 60, 36)]
    plans = arrange(parts, find_singing_seed(parts))
    vocals = next(plan for plan in plans if plan.stem_type is StemType.VOCALS)
    assert set(vocals.voices[0].part.notes[:, 2]) == {62}


def test_the_only_part_of_a_type_is_not_taken_away_from_a_small_band() -> None:
    types = {plan.stem_type for seed in range(30) for plan in arrange([*BAND, LEAD], seed)}
    assert StemType.VOCALS not in types


def test_a_song_that_is_sung_is_left_as_it_is() -> None:
    choir = make_part(5, 52, 60)
    for seed in range(20):
        plans = arrange([*BAND, LEAD, BACKING, choir], seed)
        assert [len(plan.voices) for plan in plans if plan.stem_type is StemType.VOCALS] == [1]


def test_chords_are_no_melody() -> None:
    chords = make_part(2, 81, 84)
    thick = Part(2, 81, np.repeat(chords.notes, 3, axis=0))
    types = {plan.stem_type for seed in range(30) for plan in arrange([*BAND, thick, BACKING], seed)}
    leads = [
        plan.voices[0].part.channel
        for seed in range(30)
        for plan in arrange([*BAND, thick, BACKING], seed)
        if plan.stem_type is StemType.VOCALS
    ]
    assert StemType.VOCALS in types
    assert set(leads) == {BACKING.channel}


def test_a_stem_of_a_large_band_may_lose_its_only_lead_to_the_voice() -> None:
    parts = [*BAND, LEAD, make_part(4, 27, 52), make_part(5, 48, 50)]
    types = {plan.stem_type for seed in range(30) for plan in arrange(parts, seed)}
    assert StemType.VOCALS in types


def test_drums_and_bass_are_never_sung() -> None:
    parts = [*BAND, make_part(4, 34, 90), make_part(5, 16, 50)]
    sung = [
        plan.voices[0].part.channel
        for seed in range(30)
        for plan in arrange(parts, seed)
        if plan.stem_type is StemType.VOCALS
    ]
    assert set(sung) <= {1, 5}


def test_levels_within_a_stem_stay_velocities() -> None:
    loud = make_part(1, 0, 60)
    for seed in range(20):
        for plan in arrange([*BAND, Part(4, 16, loud.notes * [1, 1, 1, 1.27])], seed):
            velocities = np.concatenate([voice.part.notes[:, 3] for voice in plan.voices])
            assert velocities.min() >= 1
            assert velocities.max() <= 127
            assert np.array_equal(velocities, np.round(velocities))


def test_arranging_leaves_the_song_as_it_was() -> None:
    part = make_part(1, 0, 60)
    before = part.notes.copy()
    arrange([*BAND, part, LEAD, BACKING], seed=4)
    assert np.array_equal(part.notes, before)


def test_sends_and_rooms_stay_within_what_a_synth_takes() -> None:
    for plan in (plan for seed in range(30) for plan in arrange(BAND, seed)):
        room = plan.room
        assert all(0 <= value <= 1 for value in (room.size, room.damping, room.width, room.level))
        assert all(0 <= send <= 127 for voice in plan.voices for send in (voice.reverb, voice.chorus))
        assert 0.25 < plan.peak <= 0.9
