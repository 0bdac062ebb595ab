"""What pairs are made of: waveforms of stems, or spectra of them that were taken once."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from audio.stems import StemType
from audio.windows import WINDOW_SAMPLES
from model.config import Config
from model.mixing import is_active, is_loud, mix, random_gains, random_subset
from model.songs import Song
from model.stem_powers import PHASES, Spectrogram, StemPowers
from model.stem_reader import StemReader

Example = NDArray[np.float32]
"""One side of a pair: a waveform [T], or the image [M, N] that the front end makes of it."""


class Material(Protocol):
    """Cuts both sides of a pair from a song; None where too little plays."""

    def target(self, song: Song, stem_type: StemType, start: int, jitter: int) -> Example | None:
        """A stem's window, `jitter` samples after `start`."""
        ...

    def context(
        self, song: Song, stem_type: StemType, start: int, generator: np.random.Generator
    ) -> Example | None:
        """A random mix of what else plays from `start`, longer than a window by what is searched."""
        ...


def choose_material(reader: StemReader, config: Config, cache: Path) -> Material:
    """What `config` asks for; spectra are kept in `cache`."""
    if config.train.mix_powers:
        return PowerMaterial(StemPowers(reader, config.front_end, cache), config)
    return WaveformMaterial(reader, config)


@dataclass(frozen=True)
class WaveformMaterial:
    """Waveforms [T], summed as they are; the front end comes after."""

    reader: StemReader
    config: Config

    def target(self, song: Song, stem_type: StemType, start: int, jitter: int) -> Example | None:
        """[WINDOW_SAMPLES]."""
        paths = song.stems[stem_type]
        window = self.reader.read(paths, start + jitter, WINDOW_SAMPLES)
        return window if is_active(window, self.reader.loudest(paths)) else None

    def context(
        self, song: Song, stem_type: StemType, start: int, generator: np.random.Generator
    ) -> Example | None:
        """[WINDOW_SAMPLES + what is searched]."""
        samples = WINDOW_SAMPLES + self.config.search_frames * self.config.front_end.hop_samples
        others = [
            waveform
            for other, paths in song.stems.items()
            if other != stem_type
            and is_active(waveform := self.reader.read(paths, start, samples), self.reader.loudest(paths))
        ]
        if not others:
            return None
        chosen = [others[index] for index in random_subset(len(others), generator)]
        return mix(chosen, random_gains(len(chosen), self.config.train.gain_db, generator))


@dataclass(frozen=True)
class PowerMaterial:
    """Log images [M, N] of sums of powers, as the front end would make them of the sum of the waveforms.

    Starts are rounded to frames, jitters to half frames.
    """

    powers: StemPowers
    config: Config

    def target(self, song: Song, stem_type: StemType, start: int, jitter: int) -> Example | None:
        """[M, N] of one window."""
        paths, hop = song.stems[stem_type], self.config.front_end.hop_samples
        frame, phase = divmod(PHASES * round(start / hop) + round(PHASES * jitter / hop), PHASES)
        window = self.powers.read(paths, frame, self.config.front_end.frames, phase)
        return self._image([window], [1.0]) if self._plays(window, paths) else None

    def context(
        self, song: Song, stem_type: StemType, start: int, generator: np.random.Generator
    ) -> Example | None:
        """[M, N + what is searched]."""
        frame = round(start / self.config.front_end.hop_samples)
        frames = self.config.front_end.frames + self.config.search_frames
        others = [
            spectrogram
            for other, paths in song.stems.items()
            if other != stem_type
            and self._plays(spectrogram := self.powers.read(paths, frame, frames), paths)
        ]
        if not others:
            return None
        chosen = [others[index] for index in random_subset(len(others), generator)]
        return self._image(chosen, random_gains(len(chosen), self.config.train.gain_db, generator))

    def _plays(self, piece: Spectrogram, paths: tuple[Path, ...]) -> bool:
        return is_loud(piece.rms, self.powers.loudest(paths))

    @torch.no_grad()
    def _image(self, pieces: Sequence[Spectrogram], gains: Sequence[float]) -> Example:
        """Weighs, adds and levels powers, and takes the logarithm: [M, N]."""
        power, mean_square = np.zeros_like(pieces[0].powers), 0.0
        for piece, gain in zip(pieces, gains, strict=True):
            power += piece.powers * np.float32(gain**2)
            mean_square += gain**2 * piece.rms**2
        front_end = self.powers.front_end
        levelled = torch.from_numpy(power).T * front_end.gain(torch.tensor(mean_square))
        return np.ascontiguousarray(front_end.image(levelled).numpy())
