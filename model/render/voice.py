"""A stand-in for sung vocals: a source and filter voice of our own that sings a part's notes on syllables.

A band-limited glottal pulse train and breath noise pass through the formants of vowels that change from
syllable to syllable (source-filter theory, Fant 1960); the filter works on short-time spectra.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import fft, signal

from audio.decode import SAMPLE_RATE, Waveform
from model.render.articulation import Tracks, articulate
from model.render.midi import Part
from model.render.phones import hiss_envelopes, vowel_envelopes
from model.render.sung_line import SungLine, draw_pitch, write_line
from model.render.wavetables import pulse_tables, read_tables

CONTROL_HOP = 32
FRAME, FRAME_HOP = 512, 128
LOWEST_HERTZ, HIGHEST_HERTZ = 50.0, 1500.0
LOW_VOICE, HIGH_VOICE = 50.0, 72.0  # MIDI pitches at which a tract is a man's, a small woman's
DOUBLED_SHARE = 0.25
HANN_OVERLAP = 2.0  # what Hann windows a quarter apart add up to


@dataclass(frozen=True)
class Singer:
    """One voice: tract length, source, habits. Levels are amplitudes against a vowel's."""

    tract: float
    tilt: float
    ring: float
    breath: float
    jitter: float
    shimmer: float
    vibrato_depth: float
    vibrato_rate: float
    consonance: float
    consonant_level: float
    doubling: float  # level of a second take, 0 for none
    doubling_octave: int


def draw_singer(pitch: float, generator: np.random.Generator) -> Singer:
    """A singer for a line around this MIDI pitch."""
    height = float(np.clip((pitch - LOW_VOICE) / (HIGH_VOICE - LOW_VOICE), 0.0, 1.0))
    doubled = generator.random() < DOUBLED_SHARE
    return Singer(
        tract=1.0 + 0.17 * height + float(generator.uniform(-0.07, 0.07)),
        tilt=float(generator.uniform(0.9, 1.7)),
        ring=float(generator.uniform(0.0, 1.6)),
        breath=float(10 ** generator.uniform(-2.4, -1.0)),
        jitter=float(generator.uniform(0.03, 0.12)),
        shimmer=float(generator.uniform(0.02, 0.12)),
        vibrato_depth=float(generator.choice((0.0, 0.15, 0.3, 0.45)) * generator.uniform(0.8, 1.4)),
        vibrato_rate=float(generator.uniform(4.6, 6.4)),
        consonance=float(generator.uniform(0.4, 0.95)),
        consonant_level=float(generator.uniform(0.4, 2.0)),
        doubling=float(generator.uniform(0.3, 0.8)) if doubled else 0.0,
        doubling_octave=int(generator.choice((-12, 0, 0, 0, 12))),
    )


def sing(part: Part, seconds: float, singer: Singer, generator: np.random.Generator) -> Waveform:
    """The part sung, [T] at 16 kHz; of notes that sound together the highest is sung."""
    samples = round(seconds * SAMPLE_RATE)
    if not len(part.notes):
        return np.zeros(samples, np.float32)
    line = write_line(part, singer.consonance, generator)
    takes = generator.spawn(2)
    sound = _record(line, samples, singer, takes[0])
    if singer.doubling:
        second = replace(line, pitches=line.pitches + singer.doubling_octave, starts=line.starts + 0.008)
        other = replace(singer, tract=singer.tract * 1.03, jitter=singer.jitter * 1.5)
        sound += np.float32(singer.doubling) * _record(second, samples, other, takes[1])
    return sound


def _record(line: SungLine, samples: int, singer: Singer, generator: np.random.Generator) -> Waveform:
    """One take of the line."""
    moments = np.arange(samples // CONTROL_HOP + 2) * CONTROL_HOP / SAMPLE_RATE
    tracks = articulate(line, moments, singer.consonant_level)
    hertz = _wander(line, moments, singer, generator)
    places = np.arange(samples) / CONTROL_HOP
    control = np.arange(len(moments))
    phase = np.cumsum(np.interp(places, control, hertz)) / SAMPLE_RATE
    tables = pulse_tables(singer.tilt, LOWEST_HERTZ, HIGHEST_HERTZ)
    band = np.clip(np.log2(hertz / LOWEST_HERTZ), 0, len(tables) - 1).astype(np.int64)
    bands = np.repeat(band, CONTROL_HOP)[:samples]
    shimmer = 1.0 + singer.shimmer * _smooth_noise(len(moments), 0.02, generator)
    voiced = read_tables(tables, bands, phase)
    voiced *= np.interp(places, control, tracks.voiced * shimmer).astype(np.float32)
    noise = generator.standard_normal(samples, np.float32)
    breath = noise * np.interp(places, control, tracks.voiced * singer.breath + tracks.breath).astype(
        np.float32
    )
    hiss = noise * np.interp(places, control, tracks.hissing).astype(np.float32)
    return _filter(voiced + breath, hiss, tracks, singer)


def _wander(
    line: SungLine, moments: NDArray[np.float64], singer: Singer, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Fundamental in hertz at the control rate, with vibrato, a slow drift and jitter."""
    phase = float(generator.uniform(0, 2 * np.pi))
    pitch = draw_pitch(line, moments, (singer.vibrato_depth, singer.vibrato_rate), phase)
    pitch = pitch + 0.08 * _smooth_noise(len(moments), 0.3, generator)
    pitch = pitch + singer.jitter * _smooth_noise(len(moments), 0.008, generator)
    return np.asarray(np.clip(440.0 * 2 ** ((pitch - 69) / 12), LOWEST_HERTZ, HIGHEST_HERTZ))


def _smooth_noise(count: int, seconds: float, generator: np.random.Generator) -> NDArray[np.float64]:
    """Noise of unit variance that changes within about `seconds`, at the control rate."""
    width = max(seconds * SAMPLE_RATE / CONTROL_HOP, 1.0)
    knots = generator.standard_normal(int(count / width) + 3)
    return np.interp(np.arange(count) / width, np.arange(len(knots)), knots)


def _filter(source: Waveform, hiss: Waveform, tracks: Tracks, singer: Singer) -> Waveform:
    """Vowels' formants over the source and consonants' bands over the hiss, frame by frame."""
    hertz: NDArray[np.float64] = np.fft.rfftfreq(FRAME, 1 / SAMPLE_RATE).astype(np.float64)
    window = signal.get_window("hann", FRAME).astype(np.float32)
    padded = [np.pad(sound, (FRAME, FRAME)) for sound in (source, hiss)]
    frames = 1 + (len(padded[0]) - FRAME) // FRAME_HOP
    centres = (np.arange(frames) * FRAME_HOP - FRAME // 2) // CONTROL_HOP
    centres = np.clip(centres, 0, tracks.vowels.shape[0] - 1)
    vowels = np.exp(np.matmul(tracks.vowels[centres], vowel_envelopes(hertz, singer.tract, singer.ring)))
    bands = np.exp(hiss_envelopes(hertz))[tracks.hiss[centres]]
    spectra = fft.rfft(_cut(padded[0], frames) * window) * vowels
    spectra += fft.rfft(_cut(padded[1], frames) * window) * bands
    pieces = fft.irfft(spectra, n=FRAME).reshape(frames, FRAME // FRAME_HOP, FRAME_HOP)
    sound = np.zeros((frames + FRAME // FRAME_HOP - 1, FRAME_HOP), np.float32)
    for quarter in range(FRAME // FRAME_HOP):
        sound[quarter : quarter + frames] += pieces[:, quarter]
    return np.asarray(sound.reshape(-1)[FRAME : FRAME + len(source)] / HANN_OVERLAP, np.float32)


def _cut(sound: Waveform, frames: int) -> NDArray[np.float32]:
    """Overlapping frames [frames, FRAME], without a copy."""
    windows = np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::FRAME_HOP]
    return np.asarray(windows[:frames])
