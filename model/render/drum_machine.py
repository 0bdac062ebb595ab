"""Play a drum part on a synthesised kit, by the keys of General MIDI's percussion map."""

import numpy as np

from audio.decode import SAMPLE_RATE, Waveform
from model.render.drum_sounds import (
    Kit,
    clap,
    strike_metal,
    strike_skin,
    strike_snare,
    strike_wood,
)
from model.render.gestures import Curve, loudness_at
from model.render.midi import Part

NOISE_SECONDS = 10.0
LOUDNESS_EXPONENT = 1.6
OPEN_HAT, CLOSING_HATS = 46, frozenset({42, 44})
CHOKE_SECONDS = 0.008
HATS = {42: "hat_closed", 44: "hat_closed", 46: "hat_open"}
TOMS = {
    41: 1.0,
    43: 1.2,
    45: 1.45,
    47: 1.7,
    48: 2.0,
    50: 2.4,
    60: 4.4,
    61: 3.2,
    62: 3.4,
    63: 3.2,
    64: 2.5,
    65: 3.6,
    66: 2.8,
}
CYMBALS = {49: 1.0, 57: 0.9, 52: 0.8, 55: 0.4, 51: 0.7, 59: 0.7, 53: 0.5}
WOODS = {
    37: 1700,
    56: 560,
    67: 1250,
    68: 900,
    75: 2450,
    76: 1150,
    77: 840,
    80: 3700,
    81: 3700,
    53: 2900,
    31: 1500,
    33: 1000,
    34: 2000,
}
SHAKERS = {54: 0.06, 69: 0.04, 70: 0.03, 82: 0.05, 73: 0.05, 74: 0.15, 71: 0.1, 72: 0.2, 58: 0.2}
LEVELS = {
    "kick": 1.0,
    "snare": 0.9,
    "clap": 0.7,
    "hat": 0.3,
    "tom": 0.8,
    "cymbal": 0.45,
    "wood": 0.4,
    "shaker": 0.25,
}
LEVEL_RANGE = (0.6, 1.1)


def play_drums(part: Part, seconds: float, kit: Kit) -> Waveform:
    """The part played, [T] at 16 kHz; each key's stroke is made once. A closed hat silences an open one."""
    sound = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    notes = part.notes
    gains = (notes[:, 3] / 127) ** LOUDNESS_EXPONENT * loudness_at(part, notes[:, 0])
    strokes = {key: make_stroke(kit, key) for key in sorted(set(notes[:, 2].astype(int).tolist()))}
    closings = notes[np.isin(notes[:, 2], list(CLOSING_HATS)), 0]
    for (start, _, pitch, _), gain in zip(notes.tolist(), gains.tolist(), strict=True):
        stroke = strokes[int(pitch)] * np.float32(gain)
        if int(pitch) == OPEN_HAT:
            stroke = _choke(stroke, start, closings)
        place = round(start * SAMPLE_RATE)
        room = sound[place : place + len(stroke)]
        room += stroke[: len(room)]
    return sound


def make_stroke(kit: Kit, key: int) -> Waveform:
    """One stroke on a key, its peak the level of its kind; unknown keys sound as wood blocks."""
    random = np.random.default_rng([kit.seed, key])
    level = random.uniform(*LEVEL_RANGE)
    kind, stroke = _strike(kit, key, random.standard_normal(round(NOISE_SECONDS * SAMPLE_RATE)))
    return np.asarray(stroke * (level * LEVELS[kind] / np.abs(stroke).max()), np.float32)


def _strike(kit: Kit, key: int, noise: Curve) -> tuple[str, Waveform]:
    """The kind of drum that a key is, and its sound."""
    match key:
        case 35 | 36:
            sweep = kit.kick_sweep * (1.0 if key == 36 else 0.7)  # noqa: PLR2004 -- General MIDI keys
            click = kit.kick_click / 2
            kick = strike_skin(kit.kick_hertz, sweep, kit.kick_fall, kit.kick_decay, click=click, noise=noise)
            struck = "kick", np.tanh(kit.drive * kick)
        case 38 | 40:
            hertz = kit.snare_hertz * (1.0 if key == 38 else 1.15)  # noqa: PLR2004 -- General MIDI keys
            struck = "snare", strike_snare(kit, hertz, noise)
        case 39:
            struck = "clap", clap(kit, noise)
        case _ if key in HATS:
            decay = float(getattr(kit, HATS[key]))
            struck = "hat", strike_metal(kit.hat_hertz / 8, decay, kit.hat_metal, noise, kit.hat_hertz)
        case _ if key in TOMS:
            hertz, click = kit.tom_hertz * TOMS[key], kit.kick_click / 4
            struck = "tom", strike_skin(hertz, 0.6 * hertz, 0.04, kit.tom_decay, click=click, noise=noise)
        case _ if key in CYMBALS:
            decay = kit.cymbal_decay * CYMBALS[key]
            struck = "cymbal", strike_metal(kit.hat_hertz / 11, decay, kit.hat_metal / 2, noise, 2500.0)
        case _ if key in SHAKERS:
            struck = "shaker", strike_metal(700.0, SHAKERS[key], 0.0, noise, 4000.0)
        case _:
            struck = "wood", strike_wood(float(WOODS.get(key, 1000)), 0.05)
    return struck


def _choke(stroke: Waveform, start: float, closings: Curve) -> Waveform:
    following = closings[closings > start]
    if not len(following):
        return stroke
    held = round((following[0] - start) * SAMPLE_RATE)
    fade = np.exp(-np.arange(max(len(stroke) - held, 0)) / (CHOKE_SECONDS * SAMPLE_RATE)).astype(np.float32)
    stroke[held:] *= fade
    return stroke
