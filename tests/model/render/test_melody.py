import numpy as np
import pytest

from model.render.charts import Chart, Chord, compose_chart
from model.render.melody import Line, write_arpeggio, write_lead, write_pad, write_riff, write_stabs

CHART = compose_chart(np.random.default_rng(5), 120.0, 32)
TWO_CHORDS = Chart("C major", (0, 2, 4, 5, 7, 9, 11), 120.0, ((Chord(0, ""), Chord(7, "7")),), "A")


def lead(seed: int = 0, beats: int = 4, chart: Chart = CHART) -> Line:
    return write_lead(chart, beats, 60, np.random.default_rng(seed))


@pytest.mark.parametrize("beats", [2, 3, 4, 5, 6])
def test_a_lead_stays_within_song_and_voice(beats: int) -> None:
    line = lead(beats=beats)
    assert min(start for start, *_ in line) >= 0
    assert max(start + length for start, length, *_ in line) <= beats * len(CHART.bars)
    assert all(60 <= pitch < 82 for _, _, pitch, _ in line)


def test_a_lead_is_one_voice_in_the_scale() -> None:
    line = lead()
    ends = [start + length for start, length, *_ in line]
    assert all(end <= following[0] for end, following in zip(ends, line[1:], strict=False))
    assert {pitch % 12 for _, _, pitch, _ in line} <= set(CHART.scale)


def test_long_notes_are_chord_tones_where_the_scale_has_one() -> None:
    for start, length, pitch, _ in lead():
        (chord, *rest) = CHART.bars[int(start // 4)]
        if length > 0.9 and not rest and set(chord.pitch_classes) <= set(CHART.scale):
            assert pitch % 12 in chord.pitch_classes


def test_the_rhythm_of_a_section_returns_with_it() -> None:
    chart = next(
        c
        for c in (compose_chart(np.random.default_rng(s), 120.0, 32) for s in range(50))
        if c.sections[::8] == "AABA"
    )
    starts = [start for start, *_ in lead(chart=chart)]
    first = [start for start in starts if start < 32]
    assert [start - 32 for start in starts if 32 <= start < 64] == first
    assert [start - 96 for start in starts if start >= 96] == first


def test_a_phrase_ends_in_a_rest() -> None:
    for bar in range(3, 32, 4):
        assert all(start == 4 * bar for start, *_ in lead() if 4 * bar <= start < 4 * bar + 4)


def test_the_same_seed_writes_the_same_lead() -> None:
    assert lead(3) == lead(3) != lead(4)


def test_a_pad_holds_the_tones_of_each_chord() -> None:
    line = write_pad(TWO_CHORDS, 4, 48)
    assert sorted(pitch % 12 for start, _, pitch, _ in line if start == 0) == [0, 4, 7]
    assert sorted(pitch % 12 for start, _, pitch, _ in line if start == 2) == [2, 5, 7, 11]
    assert all(48 <= pitch < 60 for _, _, pitch, _ in line)


def test_an_arpeggio_breaks_the_chord_that_sounds() -> None:
    for start, _, pitch, _ in write_arpeggio(TWO_CHORDS, 4, 60, np.random.default_rng(1)):
        assert pitch % 12 in TWO_CHORDS.bars[0][start >= 2].pitch_classes


def test_an_arpeggio_repeats_its_figure_in_every_bar() -> None:
    chart = Chart("C major", TWO_CHORDS.scale, 120.0, ((Chord(0, ""),),) * 4, "AAAA")
    line = write_arpeggio(chart, 4, 60, np.random.default_rng(2))
    bars = [[(start % 4, pitch) for start, _, pitch, _ in line if start // 4 == bar] for bar in range(4)]
    assert bars[0] == bars[1] == bars[2] == bars[3]


def test_leads_differ_in_how_busy_they_are() -> None:
    counts = [len(lead(seed)) for seed in range(20)]
    assert max(counts) > 1.5 * min(counts)


def test_velocities_are_those_of_a_player() -> None:
    lines = [lead(), write_pad(CHART, 4, 48), write_arpeggio(CHART, 4, 60, np.random.default_rng(0))]
    assert all(1 <= velocity <= 127 for line in lines for *_, velocity in line)
    assert len({velocity for *_, velocity in lines[0]}) > 10


def test_stabs_are_short_chords_in_one_rhythm() -> None:
    chart = Chart("C major", TWO_CHORDS.scale, 120.0, ((Chord(0, ""),),) * 4, "AAAA")
    line = write_stabs(chart, 4, 52, np.random.default_rng(1))
    bars = [[(start % 4, pitch) for start, _, pitch, _ in line if start // 4 == bar] for bar in range(4)]
    assert bars[0] == bars[1] == bars[3]
    assert bars[0]
    assert {pitch % 12 for _, _, pitch, _ in line} == {0, 4, 7}
    assert all(length < 0.5 for _, length, *_ in line)


def test_a_riff_returns_every_two_bars_and_plays_chord_tones() -> None:
    chart = Chart("C major", TWO_CHORDS.scale, 120.0, ((Chord(0, ""),),) * 8, "A" * 8)
    line = write_riff(chart, 4, 50, np.random.default_rng(2))
    pairs = [[(start % 8, pitch) for start, _, pitch, _ in line if start // 8 == pair] for pair in range(4)]
    assert pairs[0] == pairs[1] == pairs[3]
    assert pairs[0]
    assert {pitch % 12 for _, _, pitch, _ in line} <= {0, 4, 7}
