"""Single tones of an electronic timbre: subtractive, frequency modulation, plucked string, organ."""

import numpy as np
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE, Waveform
from model.render.timbres import Shape, Synthesis, Timbre
from model.render.wavetables import (
    CYCLE,
    TOP_HERTZ,
    Tables,
    count_harmonics,
    make_tables,
    read_tables,
    steady_phase,
)

CUTOFFS = 10
OCTAVES_OPEN = 6.0
# A drawbar organ's 16', 5 1/3', 8', 4', 2 2/3', 2', 1 3/5', 1 1/3', 1' as multiples of the fundamental.
DRAWBARS = (0.5, 1.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
MOST_PARTIALS = 40
QUIETEST_DRAWBAR = 0.05

Curve = NDArray[np.float64]


def make_tone(timbre: Timbre, hertz: float, force: float, seconds: float) -> Waveform:
    """A tone struck with `force` 0..1, held for all of `seconds`; it has its attack and decay, no release."""
    samples = round(seconds * SAMPLE_RATE)
    match timbre.synthesis:
        case Synthesis.SUBTRACTIVE:
            tone = _subtract(timbre, hertz, force, samples)
        case Synthesis.FM:
            tone = _modulate(timbre, hertz, force, samples)
        case Synthesis.ORGAN:
            tone = _pull_drawbars(timbre, hertz, samples)
        case Synthesis.PLUCKED:
            return _pluck(timbre, hertz, force, samples)
    return tone * _envelope(timbre, samples)


def _envelope(timbre: Timbre, samples: int) -> Waveform:
    """Rise, then decay to the sustained level; an organ just rises."""
    time = np.arange(samples, dtype=np.float32) / SAMPLE_RATE
    rise = np.minimum(time / max(timbre.attack, 1e-4), 1.0)
    if timbre.synthesis is Synthesis.ORGAN:
        return np.asarray(rise, np.float32)
    fall = timbre.sustain + (1.0 - timbre.sustain) * np.exp(
        -np.maximum(time - timbre.attack, 0.0) / timbre.decay
    )
    return np.asarray(rise * fall, np.float32)


def _phase(timbre: Timbre, hertz: float, samples: int, start: float) -> Curve:
    if not timbre.vibrato:
        return steady_phase(hertz, samples, start)
    time = np.arange(samples) / SAMPLE_RATE
    swell = timbre.vibrato * np.clip(time / 0.5 - 0.5, 0.0, 1.0)
    bend = 2 ** (swell * np.sin(2 * np.pi * timbre.vibrato_rate * time) / 12)
    return np.asarray(np.cumsum(hertz * bend) / SAMPLE_RATE + start)


def _subtract(timbre: Timbre, hertz: float, force: float, samples: int) -> Waveform:
    """Oscillators in unison through a resonant low-pass filter that closes after the stroke."""
    tables = _filtered_cycles(timbre, hertz)
    time = np.arange(samples, dtype=np.float32) / SAMPLE_RATE
    opening = timbre.sweep * np.exp(-time / timbre.sweep_decay) + timbre.touch * (force - 0.5)
    place = np.clip((np.log2(timbre.cutoff) + opening) / OCTAVES_OPEN, 0.0, 0.999) * (CUTOFFS - 1)
    row = place.astype(np.int64)
    share = (place - row).astype(np.float32)
    row *= CYCLE
    flat = tables.reshape(-1)
    starts = np.random.default_rng(timbre.seed).random(timbre.voices + 1)
    spread = np.linspace(-0.5, 0.5, timbre.voices) * timbre.detune if timbre.voices > 1 else np.zeros(1)
    pitches = [(hertz * 2 ** (s / 12), 1.0) for s in spread.tolist()]
    pitches += [(hertz / 2, timbre.sub)] if timbre.sub else []
    tone = np.zeros(samples, np.float32)
    for (pitch, level), start in zip(pitches, starts.tolist(), strict=False):
        places = row + ((_phase(timbre, pitch, samples, start) * CYCLE).astype(np.int64) & (CYCLE - 1))
        dark = flat[places]
        tone += np.float32(level) * (dark + share * (flat[places + CYCLE] - dark))
    return tone / np.float32(np.sqrt(len(pitches)))


def _filtered_cycles(timbre: Timbre, hertz: float) -> Tables:
    """The wave through the filter at cutoffs from the fundamental upwards, [CUTOFFS, CYCLE]."""
    harmonics = np.arange(1, count_harmonics(hertz * 2 ** (timbre.detune / 24)) + 1, dtype=np.float64)
    odd = harmonics % 2
    wave = {
        Shape.SAW: 1 / harmonics,
        Shape.SQUARE: odd / harmonics,
        Shape.TRIANGLE: odd / harmonics**2,
        Shape.PULSE: np.sin(0.22 * np.pi * harmonics) / harmonics,
    }[timbre.shape]
    cutoffs = 2 ** np.linspace(0.0, OCTAVES_OPEN, CUTOFFS)
    ratio = harmonics / cutoffs[:, None]
    gain = 1 / np.sqrt((1 - ratio**2) ** 2 + (ratio / timbre.resonance) ** 2)
    return make_tables(wave * gain ** (timbre.poles / 2))


def _modulate(timbre: Timbre, hertz: float, force: float, samples: int) -> Waveform:
    """Two-operator frequency modulation (Chowning 1973), its index falling; kept below the Nyquist rate."""
    time = np.arange(samples, dtype=np.float32) / SAMPLE_RATE
    ratio = min(timbre.fm_ratio, max(1.0, np.floor(TOP_HERTZ / (2 * hertz))))
    # Carson's rule: the highest side band lies at about carrier + (index + 1) * modulator.
    allowed = max((TOP_HERTZ / hertz - 1.0) / ratio - 1.0, 0.0)
    brightness = min(timbre.fm_index * 2 ** (timbre.touch * (force - 0.5)) / max(1.0, ratio / 2), allowed)
    index = np.float32(brightness) * (0.3 + 0.7 * np.exp(-time / np.float32(timbre.sweep_decay)))
    turn = (2 * np.pi * (_phase(timbre, hertz, samples, 0.0) % 2.0)).astype(np.float32)
    return np.asarray(np.sin(turn + index * np.sin(np.float32(ratio) * turn)), np.float32)


def _pull_drawbars(timbre: Timbre, hertz: float, samples: int) -> Waveform:
    """Sines at the drawbars' footages; the fundamental is always there."""
    amplitudes = np.zeros((1, 2 * count_harmonics(hertz)))
    for footage, level in zip(DRAWBARS, timbre.drawbars, strict=True):
        harmonic = round(2 * footage)
        if harmonic <= amplitudes.shape[1]:
            amplitudes[0, harmonic - 1] = level if level > QUIETEST_DRAWBAR else 0.0
    amplitudes[0, 1] = max(amplitudes[0, 1], 0.7)
    # The table's first harmonic is the 16' stop, an octave below the key.
    phase = _phase(timbre, hertz / 2, samples, 0.0)
    return read_tables(make_tables(amplitudes), np.zeros(samples, np.int64), phase)


def _pluck(timbre: Timbre, hertz: float, force: float, samples: int) -> Waveform:
    """A string plucked at a place; partial h dies away at a rate that grows with h.

    All partials are powers of one decaying complex tone, so each costs one multiplication a sample.
    """
    partials = min(count_harmonics(hertz), MOST_PARTIALS)
    numbers = np.arange(1, partials + 1)
    rolloff = timbre.cutoff * 2 ** (timbre.touch * (force - 0.5))
    levels = np.sin(np.pi * numbers * timbre.pluck_place) / numbers / (1 + (numbers / rolloff) ** 2)
    # Low strings ring longer.
    slowness = timbre.decay * (200.0 / hertz) ** 0.4
    first, each = 1.0 / slowness, timbre.pluck_damping / slowness
    time = np.arange(samples) / SAMPLE_RATE
    turn = np.exp((2j * np.pi * hertz - each) * time).astype(np.complex64)
    partial = np.exp(-first * time).astype(np.complex64) * turn
    tone = np.zeros(samples, np.float32)
    for level in levels.tolist():
        tone += np.float32(level) * partial.imag
        partial *= turn
    return np.asarray(tone * np.minimum(time / max(timbre.attack, 1e-4), 1.0), np.float32)
