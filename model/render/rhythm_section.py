"""Drums and bass of our own in styles that MMA's dance-band grooves lack: patterns of sixteenths."""

from collections.abc import Mapping

import numpy as np

from model.render.charts import Chart, Chord
from model.render.melody import Line, chord_at

STEPS_PER_BEAT, BAR_STEPS, BAR_BEATS = 4, 16, 4
KICK, SNARE, CLAP, CLOSED_HAT, OPEN_HAT, CRASH, RIDE, SHAKER = 36, 38, 39, 42, 46, 49, 51, 70
FILL_KEYS = (38, 38, 50, 48, 45, 41)
# Each bar has sixteen steps: X a stroke with accent, x one without.
BEATS: Mapping[str, Mapping[int, str]] = {
    "house": {KICK: "X...X...X...X...", CLAP: "....X.......X...", OPEN_HAT: "..x...x...x...x."},
    "disco": {KICK: "X...X...X...X...", SNARE: "....X.......X...", CLOSED_HAT: "xxXxxxXxxxXxxxXx"},
    "rock": {KICK: "X.......X.x.....", SNARE: "....X.......X...", CLOSED_HAT: "X.x.X.x.X.x.X.x."},
    "pop": {KICK: "X..x..X...x.....", SNARE: "....X.......X...", CLOSED_HAT: "x.x.x.x.x.x.x.x."},
    "ballad": {KICK: "X.........x.....", SNARE: "........X.......", RIDE: "x...x...x...x..."},
    "trap": {KICK: "X.....x...X.....", SNARE: "........X.......", CLOSED_HAT: "x.x.x.xxx.x.xxxx"},
    "hip hop": {KICK: "X......x..X.....", SNARE: "....X.......X...", CLOSED_HAT: "x.x.x.x.x.x.x.x."},
    "drum and bass": {KICK: "X.........X.....", SNARE: "....X..x.x..X...", CLOSED_HAT: "x.x.x.x.x.x.x.x."},
    "dembow": {KICK: "X...X...X...X...", SNARE: "...X..X....X..X.", SHAKER: "x.x.x.x.x.x.x.x."},
    "break": {KICK: "X.X.......XX....", SNARE: "....X..x.x..X..x", RIDE: "x.x.x.x.x.x.x.x."},
    "soul": {KICK: "X..X....X..X....", SNARE: "X...X...X...X...", CLOSED_HAT: "x.x.x.x.x.x.x.x."},
    "electro": {KICK: "X..X..X...X.....", CLAP: "....X.......X...", CLOSED_HAT: "xxxxxxxxxxxxxxxx"},
}
# R the chord's root, O its octave, F its fifth.
BASS_LINES = (
    "R...R...R...R...",
    "R.R.R.R.R.R.R.R.",
    "..R...R...R...R.",
    "R..R..R...R..R..",
    "R...........R...",
    "R..O..R.O..R..O.",
    "R.....RF....O.F.",
    "R...............",
    "R..R....R..R..F.",
)
INTERVALS = {"R": 0, "O": 12, "F": 7}
DROPPED_SHARE, ADDED_SHARE = 0.1, 0.04
ACCENT, PLAIN_STROKE = 112, 84


def write_drums(chart: Chart, generator: np.random.Generator) -> Line:
    """A beat for the whole song in 4/4, changed a little, with another hat or ride in other sections."""
    style = BEATS[str(generator.choice(list(BEATS)))]
    written = {letter: _vary(style, generator) for letter in sorted(set(chart.sections))}
    return [
        (bar * BAR_BEATS + step / STEPS_PER_BEAT, 0.2, key, velocity)
        for bar, letter in enumerate(chart.sections)
        for key, step, velocity in written[letter]
    ]


def write_bass(chart: Chart, generator: np.random.Generator) -> Line:
    """A bass line in 4/4 that follows the chords' roots in one or two patterns."""
    lowest = int(generator.integers(28, 36))
    gate = float(generator.uniform(0.5, 0.95))
    patterns = {letter: str(generator.choice(BASS_LINES)) for letter in sorted(set(chart.sections))}
    line: Line = []
    for bar, (chords, letter) in enumerate(zip(chart.bars, chart.sections, strict=True)):
        pattern = patterns[letter]
        steps = [step for step, mark in enumerate(pattern) if mark != "."]
        for step, following in zip(steps, [*steps[1:], BAR_STEPS], strict=True):
            start, length = step / STEPS_PER_BEAT, gate * (following - step) / STEPS_PER_BEAT
            pitch = _root(chord_at(chords, start, BAR_BEATS), lowest) + INTERVALS[pattern[step]]
            line.append((bar * BAR_BEATS + start, length, pitch, ACCENT if step == 0 else PLAIN_STROKE + 10))
    return line


def write_fill(end: float, beats: int, generator: np.random.Generator) -> Line:
    """Sixteenths on snare and toms in the `beats` before the beat `end`, and a crash on it."""
    steps = beats * STEPS_PER_BEAT
    keys = [FILL_KEYS[min(int(n * len(FILL_KEYS) / steps), len(FILL_KEYS) - 1)] for n in range(steps)]
    played = (generator.random(steps) < 0.8).tolist()  # noqa: PLR2004 -- most of the strokes
    line: Line = [
        (end - beats + n / STEPS_PER_BEAT, 0.2, key, int(generator.integers(80, 120)))
        for n, (key, hit) in enumerate(zip(keys, played, strict=True))
        if hit
    ]
    return [*line, (end, 0.2, CRASH, ACCENT)]


def _vary(style: Mapping[int, str], generator: np.random.Generator) -> list[tuple[int, int, int]]:
    """(key, step, velocity) of a bar; weak strokes are left out or added now and then."""
    strokes = []
    for key, pattern in style.items():
        for step, mark in enumerate(pattern):
            dice = generator.random()
            velocity = int(generator.integers(-8, 9)) + (ACCENT if mark == "X" else PLAIN_STROKE)
            if mark == "X" or (mark == "x" and dice > DROPPED_SHARE) or (mark == "." and dice < ADDED_SHARE):
                strokes.append((key, step, velocity))
    return strokes


def _root(chord: Chord, lowest: int) -> int:
    return lowest + (chord.root - lowest) % 12
