"""The recording chain of one stem: equaliser, saturation, compression, echo, room, band limit, noise.

Stems are mono: what a mix does with width (panning, stereo chorus, wide rooms) is lost, not imitated.
"""

from dataclasses import dataclass

import numpy as np
from scipy import signal

from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType
from model.render.equaliser import Band, Filter, equalise

DRIVEN = {
    StemType.GUITAR: 0.5,
    StemType.BASS: 0.35,
    StemType.SYNTH: 0.25,
    StemType.DRUMS: 0.25,
    StemType.KEYS: 0.2,
}
RARELY_DRIVEN = 0.1
STRONGLY_DRIVEN = frozenset({StemType.GUITAR, StemType.BASS})
CABINET_HERTZ = (3000.0, 5500.0)
COMPRESSED_SHARE, ROOM_SHARE, EXTRA_ROOM_SHARE, ECHO_SHARE = 0.5, 0.8, 0.15, 0.1
NOISY_SHARE, HUM_SHARE, LIMITED_SHARE, CUT_SHARE = 0.6, 0.12, 0.3, 0.5
HUM_TYPES = frozenset({StemType.GUITAR, StemType.BASS, StemType.KEYS})
BLOCK = 80
QUIET = 1e-6


@dataclass(frozen=True)
class Chain:
    """What is done to a stem. Gains and levels are dB against the stem's peak; 0 seconds or hertz is none."""

    bands: tuple[Band, ...] = ()
    lowest: float = 0.0
    highest: float = 0.0
    drive_db: float = 0.0
    cabinet: float = 0.0
    threshold_db: float = 0.0
    ratio: float = 1.0
    release: float = 0.1
    echo_seconds: float = 0.0
    echo_db: float = -60.0
    room_seconds: float = 0.0
    room_db: float = -60.0
    room_hertz: float = 4000.0
    noise_db: float = -120.0
    noise_tilt: float = 0.0
    hum_db: float = -120.0
    hum_hertz: float = 50.0


def draw_chain(stem_type: StemType, *, dry: bool, generator: np.random.Generator) -> Chain:
    """A chain for a stem of this type; one that comes `dry` from its instrument is put into a room."""
    chance = generator.random(8)
    drive = float(generator.uniform(3, 14))
    strong = stem_type in STRONGLY_DRIVEN and generator.random() < 0.5  # noqa: PLR2004 -- a coin
    driven = chance[0] < DRIVEN.get(stem_type, RARELY_DRIVEN)
    compressed = chance[1] < COMPRESSED_SHARE
    roomy = chance[2] < (ROOM_SHARE if dry else EXTRA_ROOM_SHARE)
    return Chain(
        bands=_draw_bands(generator),
        lowest=float(generator.uniform(20, 120 if stem_type is not StemType.BASS else 45))
        * float(chance[3] < CUT_SHARE),
        highest=float(generator.uniform(3500, 7600)) * float(chance[4] < LIMITED_SHARE),
        drive_db=(drive + 18.0 * strong) * float(driven),
        cabinet=float(generator.uniform(*CABINET_HERTZ)) * float(driven and strong),
        threshold_db=float(generator.uniform(-30, -12)) if compressed else 0.0,
        ratio=float(generator.uniform(1.5, 6)) if compressed else 1.0,
        release=float(generator.uniform(0.04, 0.3)),
        echo_seconds=float(generator.uniform(0.08, 0.45))
        * float(chance[5] < ECHO_SHARE and stem_type is not StemType.BASS),
        echo_db=float(generator.uniform(-22, -9)),
        room_seconds=float(np.exp(generator.uniform(np.log(0.12), np.log(1.4)))) * float(roomy),
        room_db=float(generator.uniform(-26, -8)),
        room_hertz=float(generator.uniform(1500, 7000)),
        noise_db=float(generator.uniform(-85, -58)) if chance[6] < NOISY_SHARE else -120.0,
        noise_tilt=float(generator.uniform(0.0, 1.0)),
        hum_db=float(generator.uniform(-80, -56))
        if chance[7] < HUM_SHARE and stem_type in HUM_TYPES
        else -120.0,
        hum_hertz=float(generator.choice((50.0, 60.0))),
    )


def apply_chain(sound: Waveform, chain: Chain, generator: np.random.Generator) -> Waveform:
    """The sound [T] as recorded; as long as it was."""
    peak = float(np.abs(sound).max(initial=0.0))
    if peak < QUIET:
        return sound
    sound = equalise(sound / np.float32(peak), chain.bands, chain.lowest, 0.0)
    if chain.drive_db:
        sound = saturate(sound, chain.drive_db)
        sound = equalise(sound, (), 0.0, chain.cabinet)
    if chain.ratio > 1:
        sound = compress(sound, chain.threshold_db, chain.ratio, chain.release)
    if chain.echo_seconds:
        sound = _echo(sound, chain)
    if chain.room_seconds:
        sound = _place_in_room(sound, chain, generator)
    sound = equalise(sound, (), 0.0, chain.highest)
    return _add_noise(sound / np.float32(np.abs(sound).max(initial=QUIET)), chain, generator)


def saturate(sound: Waveform, drive_db: float) -> Waveform:
    """Soft clipping at twice the sample rate, so that little folds back; peak 1 stays about 1."""
    drive = np.float32(10 ** (drive_db / 20) / max(float(np.abs(sound).max()), QUIET))
    twice = signal.resample_poly(sound, 2, 1)
    return np.asarray(signal.resample_poly(np.tanh(drive * twice), 1, 2), np.float32)


def compress(sound: Waveform, threshold_db: float, ratio: float, release: float) -> Waveform:
    """Turn down what is louder (RMS in blocks of 5 ms) than the threshold below the loudest block."""
    blocks = -(-len(sound) // BLOCK)
    padded = np.pad(sound, (0, blocks * BLOCK - len(sound))).reshape(blocks, BLOCK)
    level = 10 * np.log10(np.mean(padded**2, axis=1) + QUIET**2)
    over = np.maximum(level - (level.max() + threshold_db), 0.0)
    keep = float(np.exp(-BLOCK / SAMPLE_RATE / release))
    held = signal.lfilter([1 - keep], [1, -keep], over)
    gain = 10 ** (-np.maximum(held, 0.0) * (1 - 1 / ratio) / 20)
    curve = np.interp(np.arange(len(sound)) / BLOCK - 0.5, np.arange(blocks), gain)
    return np.asarray(sound * curve, np.float32)


def _draw_bands(generator: np.random.Generator) -> tuple[Band, ...]:
    low = Band(Filter.LOW_SHELF, float(generator.uniform(80, 300)), float(generator.normal(0, 3)))
    high = Band(Filter.HIGH_SHELF, float(generator.uniform(2000, 5000)), float(generator.normal(0, 4)))
    hertz = np.exp(generator.uniform(np.log(150), np.log(6000), 2)).tolist()
    peaks = [
        Band(Filter.PEAK, h, float(generator.normal(0, 4)), float(generator.uniform(0.5, 2.5))) for h in hertz
    ]
    return (low, high, *peaks)


def _echo(sound: Waveform, chain: Chain) -> Waveform:
    """Three repetitions, each as much quieter as the first."""
    delay = round(chain.echo_seconds * SAMPLE_RATE)
    repeated = sound.copy()
    for number in (1, 2, 3):
        if number * delay < len(sound):
            repeated[number * delay :] += (
                np.float32(10 ** (number * chain.echo_db / 20)) * sound[: -number * delay]
            )
    return repeated


def _place_in_room(sound: Waveform, chain: Chain, generator: np.random.Generator) -> Waveform:
    """Noise that dies away by 60 dB in `room_seconds`, darker than the sound, added to it."""
    samples = round(chain.room_seconds * SAMPLE_RATE)
    decay = np.exp(-np.log(1000) * np.arange(samples) / samples)
    response = equalise(
        (generator.standard_normal(samples) * decay).astype(np.float32), (), 0.0, chain.room_hertz
    )
    response /= np.float32(np.sqrt(np.sum(response**2)) + QUIET)
    wet = signal.oaconvolve(sound, response)[: len(sound)]
    return np.asarray(sound + np.float32(10 ** (chain.room_db / 20)) * wet, np.float32)


def _add_noise(sound: Waveform, chain: Chain, generator: np.random.Generator) -> Waveform:
    """Hiss between white and dark, and the mains' hum with its harmonics."""
    if chain.noise_db > -120:  # noqa: PLR2004 -- none
        noise = generator.standard_normal(len(sound), np.float32)
        dark = signal.lfilter([0.1], [1, -0.9], noise) * 2.3
        mixed = (1 - chain.noise_tilt) * noise + chain.noise_tilt * dark
        sound = sound + (10 ** (chain.noise_db / 20) * mixed).astype(np.float32)
    if chain.hum_db > -120:  # noqa: PLR2004 -- none
        turn = (2 * np.pi * chain.hum_hertz * (np.arange(len(sound)) / SAMPLE_RATE)) % (2 * np.pi)
        hum = np.sin(turn) + 0.5 * np.sin(2 * turn) + 0.4 * np.sin(3 * turn)
        sound = sound + (10 ** (chain.hum_db / 20) * hum).astype(np.float32)
    return np.asarray(sound, np.float32)
