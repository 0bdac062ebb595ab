"""Lines over a chord chart: a lead that repeats its motifs and leans on chord tones, a pad, an arpeggio."""

from collections.abc import Sequence

import numpy as np

from model.render.charts import Chart, Chord, split_bar

# Start beat, length in beats, pitch, velocity.
Line = list[tuple[float, float, int, int]]
PHRASE_BARS = 4
STEPS = (-2, -1, -1, 0, 1, 1, 2)
LEAPS = (-4, -3, 3, 4)
LEAP_SHARE, REST_SHARE = 0.15, 0.12


def write_lead(chart: Chart, beats: int, lowest: int, generator: np.random.Generator) -> Line:
    """A melody: each section has its rhythm motif, played again with other notes; phrases end in a rest."""
    rhythms = {letter: _draw_rhythms(beats, generator) for letter in sorted(set(chart.sections))}
    scale = [p for p in range(lowest, lowest + 22) if p % 12 in chart.scale]
    place, line = len(scale) // 2, []
    for bar, chords in enumerate(chart.bars):
        motifs = rhythms[chart.sections[bar]]
        closing = bar % PHRASE_BARS == PHRASE_BARS - 1
        for start, length in motifs[2 if closing else bar % 2]:
            move = generator.choice(LEAPS if generator.random() < LEAP_SHARE else STEPS)
            place = int(np.clip(place + int(move), 0, len(scale) - 1))
            if length >= 1.0 or start == 0.0:
                place = _lean_on(chord_at(chords, start, beats), scale, place)
            velocity = int(generator.integers(78, 112))
            line.append((bar * beats + start, 0.92 * length, scale[place], velocity))
    return line


def write_pad(chart: Chart, beats: int, lowest: int) -> Line:
    """Chord tones held as long as the chord, in the octave above `lowest`."""
    line: Line = []
    for bar, chords in enumerate(chart.bars):
        for start, length, chord in split_bar(chords, beats):
            line += [(bar * beats + start, 0.97 * length, p, 76) for p in _voice(chord, lowest)]
    return line


def write_arpeggio(chart: Chart, beats: int, lowest: int, generator: np.random.Generator) -> Line:
    """Broken chords in one figure for the whole song."""
    step = float(generator.choice((0.25, 0.5, 0.5)))
    figure = generator.integers(0, 5, size=round(beats / step))
    line: Line = []
    for bar, chords in enumerate(chart.bars):
        for number, tone in enumerate(figure.tolist()):
            pitches = _voice(chord_at(chords, number * step, beats), lowest)
            pitch = pitches[tone % len(pitches)] + 12 * (tone // len(pitches))
            line.append((bar * beats + number * step, 0.9 * step, pitch, 96 if number == 0 else 80))
    return line


def write_stabs(chart: Chart, beats: int, lowest: int, generator: np.random.Generator) -> Line:
    """Short chords in one rhythm of eighths for the whole song, often off the beat."""
    eighths = generator.random(2 * beats) < np.tile([0.3, 0.65], beats)
    eighths[int(generator.integers(2 * beats))] = True
    line: Line = []
    for bar, chords in enumerate(chart.bars):
        for number in np.flatnonzero(eighths).tolist():
            start = 0.5 * number
            pitches = _voice(chord_at(chords, start, beats), lowest)
            line += [(bar * beats + start, 0.3, pitch, 92) for pitch in pitches]
    return line


def write_riff(chart: Chart, beats: int, lowest: int, generator: np.random.Generator) -> Line:
    """A figure of two bars, with gaps, that returns with each section and bends to its chords."""
    steps = 4 * 2 * beats
    riffs = {}
    for letter in sorted(set(chart.sections)):
        played = np.flatnonzero(generator.random(steps) < np.tile([0.6, 0.12, 0.35, 0.12], 2 * beats))
        riffs[letter] = [(step, int(generator.integers(0, 4))) for step in played.tolist()]
    line: Line = []
    for bar, (chords, letter) in enumerate(zip(chart.bars, chart.sections, strict=True)):
        half = 4 * beats * (bar % 2)
        for step, tone in [(s - half, t) for s, t in riffs[letter] if 0 <= s - half < 4 * beats]:
            pitches = _voice(chord_at(chords, step / 4, beats), lowest)
            pitch = pitches[tone % len(pitches)] + 12 * (tone // len(pitches))
            line.append((bar * beats + step / 4, 0.22, pitch, 100 if step % 4 == 0 else 84))
    return line


def chord_at(chords: tuple[Chord, ...], beat: float, beats: int) -> Chord:
    """The chord of a bar that sounds at a beat of it."""
    return [chord for start, _, chord in split_bar(chords, beats) if start <= beat][-1]


def _draw_rhythms(beats: int, generator: np.random.Generator) -> list[list[tuple[float, float]]]:
    """Three bars of (start, length): question, answer, and a close that stops early."""
    busy = float(generator.uniform(0.15, 0.8))
    question, answer = _draw_rhythm(beats, busy, generator), _draw_rhythm(beats, busy, generator)
    return [question, answer, [(0.0, max(1.0, beats / 2))]]


def _draw_rhythm(beats: int, busy: float, generator: np.random.Generator) -> list[tuple[float, float]]:
    rhythm, start = [], 0.0
    while start < beats - 0.01:
        length = 0.5 if generator.random() < busy else float(generator.choice((1.0, 1.5, 2.0)))
        length = min(length, beats - start)
        if generator.random() > REST_SHARE or start == 0.0:
            rhythm.append((start, length))
        start += length
    return rhythm


def _lean_on(chord: Chord, scale: Sequence[int], place: int) -> int:
    """The nearest place of the scale that is a tone of the chord; the same place if there is none."""
    tones = [i for i, pitch in enumerate(scale) if pitch % 12 in chord.pitch_classes]
    return min(tones, key=lambda i: abs(i - place), default=place)


def _voice(chord: Chord, lowest: int) -> list[int]:
    return sorted(lowest + (pitch_class - lowest) % 12 for pitch_class in chord.pitch_classes)
