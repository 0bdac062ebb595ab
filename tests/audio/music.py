"""Simple music made here: clicks, scales, chords and noise at 16 kHz mono."""

from collections.abc import Sequence

import numpy as np

from audio.decode import SAMPLE_RATE, Waveform

MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
MINOR_SCALE = (0, 2, 3, 5, 7, 8, 10)


def make_noise(seconds: float, level: float = 0.1, seed: int = 0) -> Waveform:
    generator = np.random.default_rng(seed)
    return generator.normal(0, level, round(seconds * SAMPLE_RATE)).astype(np.float32)


def make_hit(seconds: float = 0.25, seed: int = 0) -> Waveform:
    """Noise that dies away: a drum."""
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (make_noise(seconds, 0.5, seed) * np.exp(-times * 40)).astype(np.float32)


def make_beat(bpm: float, seconds: float, pattern: Sequence[float] = (1.0, 0.0, 0.6, 0.0)) -> Waveform:
    """Hits on the half-beats of a bar's pattern, each entry one half-beat's level."""
    waveform = np.zeros(round(seconds * SAMPLE_RATE), dtype=np.float32)
    step = 30 / bpm
    for number in range(int(seconds / step)):
        start = round(number * step * SAMPLE_RATE)
        room = waveform[start : start + SAMPLE_RATE // 4]
        room += make_hit(seed=number)[: len(room)] * np.float32(pattern[number % len(pattern)])
    return waveform


def make_note(pitch: float, seconds: float, harmonics: int = 5) -> Waveform:
    """A plucked note at a MIDI pitch, with overtones."""
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    wave = sum(np.sin(2 * np.pi * hertz * k * times) / k for k in range(1, harmonics + 1))
    return np.asarray(0.2 * wave * np.exp(-2 * times), dtype=np.float32)


def make_cadence(tonic: int, scale: Sequence[int], seconds: float = 1.0, tuning: float = 0.0) -> Waveform:
    """The chords I, IV, V, I twice, each over its root in the bass; `tonic` 0 (C) to 11."""
    chords = []
    for degree in (0, 3, 4, 0) * 2:
        steps = [scale[(degree + third) % 7] for third in (0, 2, 4)]
        pitches = [48 + tonic + steps[0], *(60 + tonic + step for step in steps)]
        chords.append(np.sum([make_note(pitch + tuning, seconds) for pitch in pitches], axis=0))
    return np.concatenate(chords).astype(np.float32)
