"""Writes a small library of synthetic stems: a song plays its own pitch class, a type its own rhythm."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from audio.stems import StemType

SAMPLE_RATE = 16_000
DEFAULT_TYPES = (StemType.DRUMS, StemType.BASS, StemType.KEYS)
_OCTAVES = {stem_type: 1 + number % 4 for number, stem_type in enumerate(StemType)}
_BEAT_SECONDS = {stem_type: 0.4 + 0.1 * number for number, stem_type in enumerate(StemType)}


def tone(
    hertz: float, seconds: float, *, loudness: float = 0.2, beat_seconds: float = 0.5
) -> NDArray[np.float32]:
    """A decaying note every `beat_seconds`, [T] at 16 kHz."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    decay = np.exp(-3 * (time % beat_seconds))
    return np.asarray(loudness * decay * np.sin(2 * np.pi * hertz * time), np.float32)


def stem_waveform(song: int, stem_type: StemType, seconds: float) -> NDArray[np.float32]:
    """The part of `stem_type` in song number `song`: the song's pitch class, the type's octave and rhythm."""
    hertz = 55.0 * 2 ** (_OCTAVES[stem_type] + (song % 12) / 12)
    # After an octave of songs the pitch classes come again, slower: no two songs have the same files.
    beat_seconds = _BEAT_SECONDS[stem_type] * (1 + song // 12 / 4)
    return tone(hertz, seconds, beat_seconds=beat_seconds)


def mix_waveform(
    song: int, without: StemType, seconds: float, types: Sequence[StemType] = DEFAULT_TYPES
) -> NDArray[np.float32]:
    """All parts of a song but one."""
    parts = [stem_waveform(song, each, seconds) for each in types if each != without]
    return np.asarray(np.sum(parts, axis=0), np.float32)


def write_stem(path: Path, waveform: NDArray[np.float32]) -> Path:
    """Write `waveform` to `path` (the suffix says the format), its folders included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, waveform, SAMPLE_RATE)
    return path


def write_songs(
    folder: Path, songs: int = 3, seconds: float = 20.0, types: Sequence[StemType] = DEFAULT_TYPES
) -> list[Path]:
    """Write `song-00/drums.wav` and so on; returns the files in the order in which they are scanned."""
    return [
        write_stem(folder / f"song-{song:02}" / f"{each}.wav", stem_waveform(song, each, seconds))
        for song in range(songs)
        for each in sorted(types)
    ]
