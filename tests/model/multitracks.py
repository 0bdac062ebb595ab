"""Writes small synthetic multitracks: beats of noise and decaying notes, no two songs alike."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType

TYPES = (StemType.DRUMS, StemType.BASS, StemType.KEYS)
SECONDS = 20.0


def noise(seed: int, samples: int, level: float = 0.1) -> Waveform:
    """White noise of RMS `level`, [samples]."""
    return (level * np.random.default_rng(seed).standard_normal(samples)).astype(np.float32)


def tone(hertz: float, samples: int, level: float = 0.2) -> Waveform:
    """A steady sine, [samples]."""
    phase = 2 * np.pi * hertz * np.arange(samples) / SAMPLE_RATE
    return np.asarray(level * np.sin(phase), np.float32)


def play(stem_type: StemType, song: int, seconds: float = SECONDS) -> Waveform:
    """What a type plays in a song: drums are bursts of noise, all others decaying notes."""
    generator = np.random.default_rng([song, stem_type.number])
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    beat = 0.4 + 0.03 * (song % 7)
    decay: NDArray[np.float64] = np.exp(-6 * (time % beat))
    if stem_type is StemType.DRUMS:
        return np.asarray(0.2 * decay * generator.standard_normal(len(time)), np.float32)
    steps = generator.integers(0, 12, round(seconds / beat) + 2)[(time / beat).astype(np.int64)]
    hertz = 55.0 * 2 ** (stem_type.number % 3 + steps / 12)
    return np.asarray(0.3 * decay * np.sin(2 * np.pi * hertz * time), np.float32)


def write_wav(path: Path, waveform: NDArray[np.float32], sample_rate: int = SAMPLE_RATE) -> Path:
    """Write a WAV file, its folders included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, waveform, sample_rate)
    return path


def write_song(
    folder: Path, number: int, types: Sequence[StemType] = TYPES, seconds: float = SECONDS
) -> Path:
    """Write `<folder>/<type>.wav` for each type."""
    for stem_type in types:
        write_wav(folder / f"{stem_type}.wav", play(stem_type, number, seconds))
    return folder


def names_of_side(*, held_out: bool, share: float) -> Iterator[str]:
    """Song names that fall on one side of a split that holds out `share`."""
    for number in count():
        name = f"song-{number:03}"
        digest = hashlib.sha256(name.encode()).digest()
        if (int.from_bytes(digest[:4]) / 2**32 < share) == held_out:
            yield name
