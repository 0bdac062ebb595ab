"""What tests measure of a sound: pitch, onsets, the share of its energy in a band."""

import numpy as np

from audio.decode import SAMPLE_RATE, Waveform
from model.render.midi import Part


def cut(sound: Waveform, start: float, end: float) -> Waveform:
    return sound[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]


def measure_midi_pitch(sound: Waveform, near: float) -> float:
    """MIDI pitch within four semitones of `near`, by autocorrelation with a parabola through its top."""
    spectrum = np.fft.rfft(sound * np.hanning(len(sound)), 4 * len(sound))
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)
    hertz = 440 * 2 ** ((near - 69) / 12)
    first, last = round(SAMPLE_RATE / hertz / 1.26), round(SAMPLE_RATE / hertz * 1.26) + 1
    lag = first + int(np.argmax(correlation[first : last + 1]))
    before, top, after = correlation[lag - 1 : lag + 2]
    lag_exact = lag + 0.5 * (before - after) / (before - 2 * top + after)
    return float(69 + 12 * np.log2(SAMPLE_RATE / lag_exact / 440))


def find_onset(sound: Waveform, share: float = 0.25) -> float:
    """Seconds until the sound first reaches a share of its peak."""
    return int(np.flatnonzero(np.abs(sound) > share * np.abs(sound).max())[0]) / SAMPLE_RATE


def band_share(sound: Waveform, low: float, high: float) -> float:
    power = np.abs(np.fft.rfft(sound)) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    return float(power[(hertz >= low) & (hertz < high)].sum() / power.sum())


def make_scale(pitches: list[int], gap: float = 1.0, length: float = 0.6, channel: int = 0) -> Part:
    """One note after another, `gap` seconds apart."""
    starts = 0.5 + gap * np.arange(len(pitches))
    columns = [starts, starts + length, np.array(pitches), np.full(len(pitches), 100)]
    return Part(channel, 0, np.stack(columns, axis=1).astype(np.float64))
