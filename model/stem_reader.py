"""Reads pieces of stems: straight from 16 kHz WAV files, through the decoder and a cache for all others."""

import hashlib
import os
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np
import soundfile

from audio.decode import SAMPLE_RATE, UnreadableAudioError, Waveform, decode
from model.songs import Song

WAV = {"WAV", "WAVEX"}


class UnreadableStemError(ValueError):
    """A stem of a data set that is not usable audio; says which file."""


class StemReader:
    """Random access to the stems of songs.

    What is not yet mono 16 kHz WAV is decoded once into `cache`; a song's stem is the sum of its files.
    """

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self._known: dict[Path, tuple[Path, int]] = {}  # path → file to read, its samples
        self._loudest: dict[tuple[Path, ...], float] = {}

    def samples(self, path: Path) -> int:
        """Length of a file at 16 kHz."""
        return self._opened(path)[1]

    def length(self, song: Song) -> int:
        """Samples of the longest stem."""
        return max(self.samples(path) for paths in song.stems.values() for path in paths)

    def loudest(self, paths: tuple[Path, ...]) -> float:
        """RMS of the loudest second of the sum of `paths`."""
        if paths not in self._loudest:
            samples = max(self.samples(path) for path in paths)
            whole = self.read(
                paths, 0, -(-samples // SAMPLE_RATE) * SAMPLE_RATE
            )  # silence fills the last one
            seconds = whole.reshape(-1, SAMPLE_RATE)
            self._loudest[paths] = float(np.sqrt(np.square(seconds).mean(axis=1).max(initial=0.0)))
        return self._loudest[paths]

    def read(self, paths: tuple[Path, ...], start: int, samples: int) -> Waveform:
        """`samples` from `start` of the sum of `paths`, silence beyond their ends: [samples]."""
        total = np.zeros(samples, dtype=np.float32)
        for path in paths:
            self._add(total, self._opened(path)[0], start)
        return total

    def _add(self, total: Waveform, path: Path, start: int) -> None:
        with soundfile.SoundFile(path) as file:
            begin = max(start, 0)
            missing = begin - start  # samples asked for before the file begins
            if begin < file.frames and missing < len(total):
                file.seek(begin)
                piece = file.read(len(total) - missing, dtype="float32")
                total[missing : missing + len(piece)] += piece

    def _opened(self, path: Path) -> tuple[Path, int]:
        if path not in self._known:
            direct = self._direct(path)
            self._known[path] = direct, int(soundfile.info(direct).frames)
        return self._known[path]

    def _direct(self, path: Path) -> Path:
        """A WAV file at 16 kHz with the content of `path`."""
        if _is_ready(path):
            return path
        stat = path.stat()
        name = hashlib.sha256(f"{path.resolve()} {stat.st_mtime_ns} {stat.st_size}".encode()).hexdigest()[:24]
        cached = self.cache / f"{name}.wav"
        if not cached.exists():
            self._fill(path, cached)
        return cached

    def _fill(self, path: Path, cached: Path) -> None:
        self.cache.mkdir(parents=True, exist_ok=True)
        # A name of its own: another thread or process may be filling the same place.
        partial = cached.with_suffix(f".{os.getpid()}-{threading.get_ident()}.partial")
        try:
            waveform = np.clip(decode(path).waveform, -1, 1)
        except UnreadableAudioError as error:
            raise UnreadableStemError(f"{path} cannot be read: {error}") from error
        soundfile.write(partial, waveform, SAMPLE_RATE, subtype="PCM_16", format="WAV")
        partial.replace(cached)


def _is_ready(path: Path) -> bool:
    """Whether a file is mono 16 kHz WAV, to be read as it is."""
    if path.suffix != ".wav":
        return False
    with suppress(soundfile.LibsndfileError):  # the decoder will say what is wrong with it
        facts = soundfile.info(path)
        return bool(facts.format in WAV and facts.samplerate == SAMPLE_RATE and facts.channels == 1)
    return False
