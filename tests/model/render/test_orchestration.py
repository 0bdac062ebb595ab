import mido
import numpy as np
import pytest

from model.render.orchestration import Rest, plan_rests, silence

CHANNELS = [0, 1, 2, 3, 9]


def plan(seed: int, channels: list[int] | None = None, blocks: int = 4) -> list[Rest]:
    return plan_rests(
        channels or CHANNELS, blocks, 32.0, bar_beats=4.0, generator=np.random.default_rng(seed)
    )


def make_midi(beats: int = 8) -> mido.MidiFile:
    """A note of half a beat on each beat, on channels 0 and 9 of one track."""
    track = mido.MidiTrack([mido.Message("program_change", channel=0, program=5)])
    for _ in range(beats):
        for channel in (0, 9):
            track.append(mido.Message("note_on", channel=channel, note=60, velocity=90))
        track.append(mido.Message("note_off", channel=0, note=60, time=240))
        track.append(mido.Message("note_on", channel=9, note=60, velocity=0))
        track.append(mido.Message("control_change", channel=0, control=1, value=3, time=240))
    return mido.MidiFile(ticks_per_beat=480, tracks=[track])


def list_starts(midi: mido.MidiFile, channel: int) -> list[float]:
    now, starts = 0, []
    for message in midi.tracks[0]:
        now += message.time
        if message.type == "note_on" and message.velocity > 0 and message.channel == channel:
            starts.append(now / 480)
    return starts


def test_a_resting_channel_loses_its_notes_and_others_keep_their_time() -> None:
    midi = make_midi()
    silence(midi, [Rest(2.0, 4.0, frozenset({9}))])
    assert list_starts(midi, 9) == [0, 1, 4, 5, 6, 7]
    assert list_starts(midi, 0) == [0, 1, 2, 3, 4, 5, 6, 7]


def test_ends_of_notes_that_are_gone_go_too_and_controls_stay() -> None:
    midi = make_midi()
    silence(midi, [Rest(0.0, 8.0, frozenset({0}))])
    assert not [m for m in midi.tracks[0] if m.type.startswith("note") and m.channel == 0]
    assert sum(m.type == "control_change" for m in midi.tracks[0]) == 8
    assert sum(m.type == "program_change" for m in midi.tracks[0]) == 1


def test_a_note_that_began_before_a_rest_ends_as_written() -> None:
    midi = make_midi()
    silence(midi, [Rest(0.25, 1.0, frozenset({0}))])
    ends = [m for m in midi.tracks[0] if m.type == "note_off"]
    assert len(ends) == 8


@pytest.mark.parametrize("seed", range(30))
def test_at_least_two_channels_play_in_a_section_and_none_is_away_for_long(seed: int) -> None:
    sections = [rest for rest in plan(seed) if rest.end - rest.start == 32.0]
    for rest in sections:
        assert len(CHANNELS) - len(rest.channels) >= 2
    for channel in CHANNELS:
        assert sum(channel in rest.channels for rest in sections) <= 2


def test_breaks_last_one_bar_before_a_section_ends_and_someone_plays() -> None:
    breaks = [rest for seed in range(30) for rest in plan(seed) if rest.end - rest.start == 4.0]
    assert breaks
    assert all(rest.end % 32 == 0 and 1 <= len(rest.channels) <= 4 for rest in breaks)


def test_a_duo_always_plays() -> None:
    assert [rest for seed in range(20) for rest in plan(seed, [0, 9])] == []


def test_intros_are_thin_more_often_than_what_follows() -> None:
    rests = [rest for seed in range(200) for rest in plan(seed) if rest.end - rest.start == 32.0]
    intros = sum(rest.start == 0 for rest in rests)
    assert intros > sum(rest.start == 32 for rest in rests) * 1.2
