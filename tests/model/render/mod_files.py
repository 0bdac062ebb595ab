"""Small ProTracker modules for tests: four channels, samples made here."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROWS, CHANNELS, MOST_SAMPLES, MOST_ORDERS = 64, 4, 31, 128
ROW_SECONDS = 0.12  # at the speed and tempo that a module begins with
PATTERN_SECONDS = ROWS * ROW_SECONDS
# Amiga periods of C D E G in the middle octave, where a sample is played at 8,287 Hz.
C, D, E, G = 428, 381, 339, 285
PLAYED_HERTZ = 8287.14

Tone = NDArray[np.int8]


@dataclass(frozen=True)
class Sample:
    """A sample and what it plays: every so many rows one of the periods, on a channel of its own."""

    name: str
    sound: Tone
    channel: int
    every: int
    periods: tuple[int, ...] = (C,)
    loops: bool = True
    first_row: int = 0


@dataclass(frozen=True)
class Cell:
    """What a channel is told in a row of a pattern; `sample` counts from 1, 0 is the channel's last."""

    row: int
    channel: int
    sample: int
    period: int
    effect: int = 0


@dataclass(frozen=True)
class Written:
    """A module as it is written; `orders` are the patterns that are played."""

    samples: Sequence[Sample]
    patterns: Sequence[Sequence[Cell]]
    orders: Sequence[int] = field(default=())


def noise_burst(seconds: float = 0.08) -> Tone:
    count = round(seconds * PLAYED_HERTZ) // 2 * 2
    noise = np.random.default_rng(5).uniform(-120, 120, count) * np.linspace(1, 0, count)
    return noise.astype(np.int8)


def sine(hertz: float, level: float = 100.0) -> Tone:
    """Sixteen cycles of about this pitch when played at `C`, which go on for ever in a loop."""
    cycle = round(PLAYED_HERTZ / hertz)
    return (level * np.sin(2 * np.pi * np.arange(16 * cycle) / cycle)).astype(np.int8)


KICK = Sample("kick", noise_burst(), channel=0, every=4, loops=False)
BASS = Sample("", sine(65.0), channel=1, every=8, periods=(C, D, E, G))
LEAD = Sample("lead", sine(520.0, 60.0), channel=2, every=4, periods=(C, E, G, E))
BAND = (KICK, BASS, LEAD)


def write_band(path: Path, samples: Sequence[Sample] = BAND, patterns: int = 4) -> Path:
    """A module in which each sample plays its notes in every pattern, `PATTERN_SECONDS` each."""
    cells = [
        Cell(row, sample.channel, number, sample.periods[place % len(sample.periods)])
        for number, sample in enumerate(samples, 1)
        for place, row in enumerate(range(sample.first_row, ROWS, sample.every))
    ]
    return write_mod(path, Written(samples, [cells], [0] * patterns))


def write_mod(path: Path, written: Written) -> Path:
    orders = bytes(written.orders or range(len(written.patterns)))
    headers = [_header(sample) for sample in written.samples]
    headers += [bytes(30)] * (MOST_SAMPLES - len(headers))
    parts = [
        b"a test".ljust(20, b"\0"),
        *headers,
        bytes([len(orders), 127]),
        orders.ljust(MOST_ORDERS, b"\0"),
        b"M.K.",
        *(_pattern(cells) for cells in written.patterns),
        *(sample.sound.tobytes() for sample in written.samples),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(parts))
    return path


def _header(sample: Sample) -> bytes:
    words = len(sample.sound) // 2
    loop = (0, words) if sample.loops else (0, 1)
    return sample.name.encode().ljust(22, b"\0") + struct.pack(">HBBHH", words, 0, 64, *loop)


def _pattern(cells: Sequence[Cell]) -> bytes:
    written = bytearray(ROWS * CHANNELS * 4)
    for cell in cells:
        place = 4 * (cell.row * CHANNELS + cell.channel)
        high, low = divmod(cell.period, 256)
        number = (cell.sample & 0xF0) | high, low, (cell.sample & 0x0F) << 4 | cell.effect, 0
        written[place : place + 4] = bytes(number)
    return bytes(written)
