"""What pairs are made of: waveforms of stems, or spectra of them that were taken once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from audio.stems import StemType
from audio.windows import WINDOW_SAMPLES
from model.config import Config
from model.key_and_tempo import AS_WRITTEN, KeyAndTempo, move_bins
from model.mixing import is_active, is_loud, mix, random_gains, random_subset
from model.recorded_sound import RecordedSound
from model.songs import Song
from model.stem_powers import PHASES, Piece, Powers, StemPowers
from model.stem_reader import StemReader

Example = NDArray[np.float32]
"""One side of a pair: a waveform [T], or the image [M, N] that the front end makes of it."""


@dataclass(frozen=True)
class Cut:
    """Where a side of a pair is cut from, and what of it is wanted."""

    song: Song
    stem_type: StemType  # of the pair's target, which a context lacks
    start: int  # sample of the song
    change: KeyAndTempo = AS_WRITTEN


class Material(Protocol):
    """Cuts both sides of a pair from a song; None where too little plays."""

    def target(self, cut: Cut, jitter: int, generator: np.random.Generator) -> Example | None:
        """A stem's window, `jitter` samples after the start."""
        ...

    def context(self, cut: Cut, generator: np.random.Generator) -> Example | None:
        """A random mix of what else plays from the start, longer than a window by what is searched."""
        ...


def choose_material(reader: StemReader, config: Config, cache: Path) -> Material:
    """What `config` asks for; spectra are kept in `cache`."""
    if config.train.mix_powers:
        return PowerMaterial(StemPowers(reader, config.front_end, cache), config)
    return WaveformMaterial(reader, config)


@dataclass(frozen=True)
class WaveformMaterial:
    """Waveforms [T], summed as they are; the front end comes after. They stay in their key and tempo."""

    reader: StemReader
    config: Config

    def target(self, cut: Cut, jitter: int, _: np.random.Generator) -> Example | None:
        """[WINDOW_SAMPLES]."""
        paths = cut.song.stems[cut.stem_type]
        window = self.reader.read(paths, cut.start + jitter, WINDOW_SAMPLES)
        return window if is_active(window, self.reader.loudest(paths)) else None

    def context(self, cut: Cut, generator: np.random.Generator) -> Example | None:
        """[WINDOW_SAMPLES + what is searched]."""
        samples = WINDOW_SAMPLES + self.config.search_frames * self.config.front_end.hop_samples
        others = [
            waveform
            for other, paths in cut.song.stems.items()
            if other != cut.stem_type
            and is_active(waveform := self.reader.read(paths, cut.start, samples), self.reader.loudest(paths))
        ]
        if not others:
            return None
        chosen = [others[index] for index in random_subset(len(others), generator)]
        return mix(chosen, random_gains(len(chosen), self.config.train.gain_db, generator))


@dataclass(frozen=True)
class PowerMaterial:
    """Log images [M, N] of sums of powers, as the front end would make them of the sum of the waveforms.

    Starts are rounded to frames, jitters to half frames. Key, tempo and recording may be changed on the way.
    """

    powers: StemPowers
    config: Config

    def target(self, cut: Cut, jitter: int, generator: np.random.Generator) -> Example | None:
        """[M, N] of one window."""
        hop = self.config.front_end.hop_samples
        frame, phase = divmod(PHASES * round(cut.start / hop) + round(PHASES * jitter / hop), PHASES)
        piece = self._piece(cut, cut.stem_type, frame, self.config.front_end.frames, phase)
        return self._image(cut, {cut.stem_type: piece}, [1.0], generator) if self._plays(piece) else None

    def context(self, cut: Cut, generator: np.random.Generator) -> Example | None:
        """[M, N + what is searched]."""
        frame = round(cut.start / self.config.front_end.hop_samples)
        frames = self.config.front_end.frames + self.config.search_frames
        others = [
            (other, piece)
            for other in cut.song.stems
            if other != cut.stem_type and self._plays(piece := self._piece(cut, other, frame, frames))
        ]
        if not others:
            return None
        chosen = dict(others[index] for index in random_subset(len(others), generator))
        gains = random_gains(len(chosen), self.config.train.gain_db, generator)
        return self._image(cut, chosen, gains, generator)

    def _piece(self, cut: Cut, stem_type: StemType, frame: int, frames: int, phase: int = 0) -> Piece:
        return Piece(cut.song.stems[stem_type], frame, frames, phase, cut.change.tempo)

    def _plays(self, piece: Piece) -> bool:
        return is_loud(self.powers.rms(piece), self.powers.loudest(piece.paths))

    @torch.no_grad()
    def _image(
        self,
        cut: Cut,
        pieces: Mapping[StemType, Piece],
        gains: Sequence[float],
        generator: np.random.Generator,
    ) -> Example:
        """Moves powers to the key of the cut, weighs, adds and levels them, takes the logarithm: [M, N]."""
        weights = [gain**2 for gain in gains]
        weighed = [
            np.float32(weight) * self._moved(cut, stem_type, piece)
            for weight, (stem_type, piece) in zip(weights, pieces.items(), strict=True)
        ]
        power: Powers = np.sum(weighed, axis=0)
        mean_square = float(np.dot(weights, [self.powers.rms(piece) ** 2 for piece in pieces.values()]))
        if self.config.train.recorded:
            sound = RecordedSound.random(self.config.front_end, generator)
            heard = sound(power, self.config.front_end.hop_samples)
            # The bins cover the spectrum about evenly, so their sum stands for the energy.
            mean_square *= float(heard.sum() / max(power.sum(), np.finfo(np.float32).tiny))
            power = heard
        front_end = self.powers.front_end
        levelled = torch.from_numpy(power).T * front_end.gain(torch.tensor(mean_square))
        return np.ascontiguousarray(front_end.image(levelled).numpy())

    def _moved(self, cut: Cut, stem_type: StemType, piece: Piece) -> Powers:
        bins = cut.change.bins(stem_type, self.config.front_end.bins_per_octave)
        return move_bins(self.powers.read(piece), bins)
