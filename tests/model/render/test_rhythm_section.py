from itertools import pairwise

import numpy as np
import pytest

from model.render.charts import compose_chart
from model.render.rhythm_section import (
    BAR_STEPS,
    BASS_LINES,
    BEATS,
    CRASH,
    INTERVALS,
    KICK,
    write_bass,
    write_drums,
    write_fill,
)

CHART = compose_chart(np.random.default_rng(5), 120.0, 32)


@pytest.mark.parametrize("name", list(BEATS))
def test_patterns_have_sixteen_steps_and_a_kick_on_one(name: str) -> None:
    assert {len(pattern) for pattern in BEATS[name].values()} == {BAR_STEPS}
    assert BEATS[name][KICK][0] == "X"
    assert set("".join(BEATS[name].values())) <= set("Xx.")


def test_bass_lines_have_sixteen_steps() -> None:
    assert {len(line) for line in BASS_LINES} == {BAR_STEPS}
    assert set("".join(BASS_LINES)) <= {".", *INTERVALS}


@pytest.mark.parametrize("seed", range(8))
def test_a_beat_fills_the_song_and_repeats_with_its_section(seed: int) -> None:
    line = write_drums(CHART, np.random.default_rng(seed))
    bars = [sorted((start % 4, key) for start, _, key, _ in line if start // 4 == bar) for bar in range(32)]
    for bar in range(1, 32):
        if CHART.sections[bar] == CHART.sections[bar - 1]:
            assert bars[bar] == bars[bar - 1]
    assert all((0.0, KICK) in bar for bar in bars)
    assert all(1 <= velocity <= 127 for *_, velocity in line)


@pytest.mark.parametrize("seed", range(8))
def test_the_bass_plays_root_octave_or_fifth_of_the_chord(seed: int) -> None:
    for start, length, pitch, _ in write_bass(CHART, np.random.default_rng(seed)):
        chords = CHART.bars[int(start // 4)]
        chord = chords[0] if len(chords) == 1 or start % 4 < 2 else chords[1]
        assert (pitch - chord.root) % 12 in {0, 7}
        assert 28 <= pitch < 60
        assert 0 < length <= 4


def test_a_bass_is_one_voice() -> None:
    line = write_bass(CHART, np.random.default_rng(1))
    assert all(a[0] + a[1] <= b[0] + 1e-9 for a, b in pairwise(line))


def test_a_fill_leads_to_a_crash_on_the_next_section() -> None:
    fill = write_fill(32.0, 2, np.random.default_rng(0))
    *strokes, crash = fill
    assert crash[:3] == (32.0, 0.2, CRASH)
    assert strokes
    assert all(30.0 <= start < 32.0 for start, *_ in strokes)


def test_seeds_write_other_beats() -> None:
    beats = {tuple(write_drums(CHART, np.random.default_rng(seed))[:20]) for seed in range(12)}
    assert len(beats) == 12
