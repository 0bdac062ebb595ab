"""Spectra of stems, taken once: a mix then costs additions, where it cost a sixth of a training step.

The power of a sum is taken for the sum of the powers. That holds on average over the phases of two sounds,
which say nothing about whether they belong together.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import torch
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE, Waveform
from model.config_sections import FrontEndConfig
from model.front_end import build_front_end
from model.stem_reader import StemReader

PHASES = 2  # grids of frames, half a hop apart: a target need not begin on a frame of its context
STEPS_PER_NEPER = 10.0  # of the stored logarithm: 0.43 dB, finer than what the random equaliser adds
QUIETEST_LOG = -19.0  # stored as 0: 80 dB below a steady tone at the level that the front end brings to

Powers = NDArray[np.float32]
"""Power in each bin of each frame: [N, M]."""


@dataclass(frozen=True)
class Piece:
    """Frames of a stem: `frames` from frame `start`, each `tempo` frames after the one before it.

    Frame n of phase p begins at sample (n · tempo + p / PHASES) · hop after that of `start`, or at the stored
    one that is nearest: at most a quarter of a hop from there.
    """

    paths: tuple[Path, ...]  # of the files that the stem is the sum of
    start: int
    frames: int
    phase: int = 0
    tempo: float = 1.0


@dataclass(frozen=True)
class _Kept:
    """Files of a stem's spectra."""

    levels: Path  # logarithms of powers: [PHASES, N, M], a byte each
    squares: Path  # mean squares: [PHASES, N]


class StemPowers:
    """Random access to the spectra of stems, which are kept in `folder`, a byte a number.

    A stem's frames at twice the density, so that a piece can begin at any half frame.
    """

    def __init__(self, reader: StemReader, config: FrontEndConfig, folder: Path) -> None:
        self.reader, self.config, self.folder = reader, config, folder
        self.front_end, self.hop = build_front_end(config), config.hop_samples
        self._files: dict[tuple[Path, ...], _Kept] = {}
        self._squares: dict[tuple[Path, ...], NDArray[np.float32]] = {}
        self._loudest: dict[tuple[Path, ...], float] = {}
        self._table = np.exp(np.arange(256, dtype=np.float32) / STEPS_PER_NEPER + QUIETEST_LOG)
        self._table[0] = 0.0

    def read(self, piece: Piece) -> Powers:
        """[N, M], silence beyond the ends of the stem."""
        # Opened anew each time (0.1 ms): a data set has more stems than a process may have files open.
        levels = np.load(self._kept(piece.paths).levels, mmap_mode="r")
        inside, phases, frames = _stored(piece, levels.shape[1])
        powers = np.zeros((piece.frames, levels.shape[2]), np.float32)
        powers[inside] = self._table[levels[phases, frames]]
        return powers

    def rms(self, piece: Piece) -> float:
        """Root mean square of a piece, silence beyond the ends of the stem included."""
        mean_squares = self._mean_squares(piece.paths)
        _, phases, frames = _stored(piece, mean_squares.shape[1])
        return float(np.sqrt(mean_squares[phases, frames].sum() / piece.frames))

    def loudest(self, paths: tuple[Path, ...]) -> float:
        """RMS of the loudest second of the sum of `paths`."""
        if paths not in self._loudest:
            squares, second = self._mean_squares(paths)[0], round(SAMPLE_RATE / self.hop)
            seconds = np.pad(squares, (0, -len(squares) % second)).reshape(-1, second)
            self._loudest[paths] = float(np.sqrt(seconds.mean(axis=1).max(initial=0.0)))
        return self._loudest[paths]

    def _mean_squares(self, paths: tuple[Path, ...]) -> NDArray[np.float32]:
        """[PHASES, N], small enough to be kept in memory."""
        if paths not in self._squares:
            self._squares[paths] = np.load(self._kept(paths).squares)
        return self._squares[paths]

    def _kept(self, paths: tuple[Path, ...]) -> _Kept:
        """Where a stem's spectra are; taken now, if they are not there yet."""
        if paths not in self._files:
            name = self._name(paths)
            kept = _Kept(self.folder / f"{name}.levels.npy", self.folder / f"{name}.squares.npy")
            if not (kept.levels.exists() and kept.squares.exists()):
                self._fill(paths, kept)
            self._files[paths] = kept
        return self._files[paths]

    def _name(self, paths: tuple[Path, ...]) -> str:
        """Changes with the files and with the front end; one place for the cache of a sum of files."""
        stats = [(str(path.resolve()), path.stat().st_mtime_ns, path.stat().st_size) for path in paths]
        return hashlib.sha256(repr((stats, self.config, PHASES)).encode()).hexdigest()[:24]

    def _fill(self, paths: tuple[Path, ...], kept: _Kept) -> None:
        length = max(self.reader.samples(path) for path in paths)
        whole = self.reader.read(paths, 0, -(-length // self.hop) * self.hop)
        phases = [self._analyse(np.roll(whole, -phase * self.hop // PHASES)) for phase in range(PHASES)]
        self.folder.mkdir(parents=True, exist_ok=True)
        _write(kept.squares, np.stack([mean_squares for _, mean_squares in phases]))
        _write(kept.levels, np.stack([stored for stored, _ in phases]))

    @torch.no_grad()
    def _analyse(self, waveform: Waveform) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Stored logarithms [N, M] and mean squares [N] of [T]."""
        power = self.front_end.power(torch.from_numpy(waveform)[None])[0].T.numpy()
        logs = np.log(np.maximum(power, np.exp(QUIETEST_LOG)))
        stored = np.clip(np.rint((logs - QUIETEST_LOG) * STEPS_PER_NEPER), 0, 255).astype(np.uint8)
        return stored, np.square(waveform).reshape(-1, self.hop).mean(axis=1)


def _stored(piece: Piece, length: int) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
    """Which frames of a piece lie within a stem of `length` frames, and their stored phases and frames."""
    steps = np.rint(PHASES * piece.tempo * np.arange(piece.frames)).astype(np.int64)
    places = PHASES * piece.start + piece.phase + steps
    inside = (places >= 0) & (places < PHASES * length)
    frames, phases = np.divmod(places[inside], PHASES)
    return inside, phases, frames


def _write(path: Path, array: NDArray[np.generic]) -> None:
    """Whole or not at all, whoever else is writing it."""
    partial = path.with_name(f"{path.stem}.{uuid4().hex}.partial.npy")
    np.save(partial, array)
    partial.replace(path)
