"""Synthesised drum strokes: skins as falling sines, metal as inharmonic squares, the rest as shaped noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from audio.decode import SAMPLE_RATE, Waveform

# Ratios of the square oscillators behind the metallic sounds of analogue drum machines.
METAL = (1.0, 1.34, 1.51, 1.83, 2.1, 2.68)
SILENT_AFTER = 6.0

Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Kit:
    """Parameters of a kit; hertz, seconds, and levels against a stroke's body."""

    kick_hertz: float
    kick_sweep: float
    kick_fall: float
    kick_decay: float
    kick_click: float
    snare_hertz: float
    snare_decay: float
    snare_noise: float
    snare_bright: float
    clap_decay: float
    hat_hertz: float
    hat_metal: float
    hat_closed: float
    hat_open: float
    tom_hertz: float
    tom_decay: float
    cymbal_decay: float
    drive: float
    seed: int


def draw_kit(generator: np.random.Generator) -> Kit:
    def draw(low: float, high: float) -> float:
        return float(np.exp(generator.uniform(np.log(low), np.log(high))))

    return Kit(
        kick_hertz=draw(38, 70),
        kick_sweep=draw(60, 500),
        kick_fall=draw(0.008, 0.06),
        kick_decay=draw(0.08, 0.5),
        kick_click=draw(0.03, 0.6),
        snare_hertz=draw(140, 260),
        snare_decay=draw(0.06, 0.25),
        snare_noise=draw(0.4, 2.0),
        snare_bright=draw(900, 3000),
        clap_decay=draw(0.06, 0.2),
        hat_hertz=draw(4500, 6500),
        hat_metal=float(generator.uniform(0.0, 0.9)),
        hat_closed=draw(0.015, 0.06),
        hat_open=draw(0.12, 0.5),
        tom_hertz=draw(70, 120),
        tom_decay=draw(0.12, 0.5),
        cymbal_decay=draw(0.4, 1.5),
        drive=draw(0.5, 4.0),
        seed=int(generator.integers(2**31)),
    )


def strike_skin(
    hertz: float, sweep: float, fall: float, decay: float, *, click: float, noise: Curve
) -> Waveform:
    """A skin: a sine that falls by `sweep` to `hertz`, and a click of noise at its start."""
    time = np.arange(round(decay * SILENT_AFTER * SAMPLE_RATE)) / SAMPLE_RATE
    phase = hertz * time + sweep * fall * (1 - np.exp(-time / fall))
    body = np.sin(2 * np.pi * phase) * np.exp(-time / decay)
    stick = noise[: len(time)] * np.exp(-time / 0.003) * click
    return np.asarray(body + stick, np.float32)


def strike_snare(kit: Kit, hertz: float, noise: Curve) -> Waveform:
    """Two modes of the skin and the wires' noise."""
    time = np.arange(round(kit.snare_decay * SILENT_AFTER * SAMPLE_RATE)) / SAMPLE_RATE
    skin = np.sin(2 * np.pi * hertz * time) + 0.6 * np.sin(2 * np.pi * 1.59 * hertz * time)
    wires = shape_noise(noise[: len(time)], kit.snare_bright, 7500.0)
    body = skin * np.exp(-time / (0.5 * kit.snare_decay))
    return np.asarray(body + kit.snare_noise * wires * np.exp(-time / kit.snare_decay), np.float32)


def clap(kit: Kit, noise: Curve) -> Waveform:
    """Three quick bursts and a tail."""
    time = np.arange(round(kit.clap_decay * SILENT_AFTER * SAMPLE_RATE)) / SAMPLE_RATE
    bursts = sum(np.where(time >= t, np.exp(-(time - t) / 0.006), 0.0) for t in (0.0, 0.010, 0.021))
    tail = np.where(time >= 0.021, 0.6 * np.exp(-(time - 0.021) / kit.clap_decay), 0.0)  # noqa: PLR2004
    return np.asarray(2.0 * shape_noise(noise[: len(time)], 800.0, 2500.0) * (bursts + tail), np.float32)


def strike_metal(hertz: float, decay: float, metal: float, noise: Curve, lowest: float) -> Waveform:
    """Hats and cymbals: squares that share no harmonic, mixed with noise, above `lowest`."""
    time = np.arange(round(decay * SILENT_AFTER * SAMPLE_RATE)) / SAMPLE_RATE
    squares = sum(np.sign(np.sin(2 * np.pi * hertz * ratio * time)) for ratio in METAL) / len(METAL)
    mixed = shape_noise(metal * squares + (1 - metal) * noise[: len(time)], lowest, 7800.0)
    return np.asarray(mixed * np.exp(-time / decay), np.float32)


def strike_wood(hertz: float, decay: float) -> Waveform:
    """Sticks, blocks and bells: two sines that ring shortly."""
    time = np.arange(round(decay * SILENT_AFTER * SAMPLE_RATE)) / SAMPLE_RATE
    modes = np.sin(2 * np.pi * hertz * time) + 0.7 * np.sin(2 * np.pi * 1.48 * hertz * time)
    return np.asarray(modes * np.exp(-time / decay), np.float32)


def shape_noise(noise: Curve, low: float, high: float) -> Curve:
    """Noise between two frequencies in hertz."""
    sections = signal.butter(2, (low, high), "bandpass", fs=SAMPLE_RATE, output="sos")
    return np.asarray(signal.sosfilt(sections, noise))
