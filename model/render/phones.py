"""Sounds of speech as spectral envelopes: vowels and nasals by their formants, hisses and bursts by bands."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# First three formants in hertz: averages of men's American English vowels (Peterson and Barney 1952).
VOWELS: Mapping[str, tuple[float, float, float]] = {
    "i": (270, 2290, 3010),
    "e": (530, 1840, 2480),
    "ae": (660, 1720, 2410),
    "a": (730, 1090, 2440),
    "o": (570, 840, 2410),
    "u": (300, 870, 2240),
    "uh": (640, 1190, 2390),
    "er": (490, 1350, 1690),
    "m": (250, 1050, 2200),
}
"""The last is a nasal: a low murmur, its higher formants damped."""
NASAL = "m"
NASAL_BANDWIDTH = 4.0
# A tube closed at one end resonates at odd multiples of 500 Hz: what lies above the third formant.
UPPER_FORMANTS = (3500.0, 4500.0, 5500.0, 6500.0, 7500.0)
BANDWIDTHS = (70.0, 90.0, 120.0, 170.0, 220.0, 280.0, 340.0, 400.0)
RING_HERTZ, RING_WIDTH = 2900.0, 500.0


@dataclass(frozen=True)
class Hiss:
    """Noise of a consonant: its band's centre and width in hertz, its length in seconds, its level."""

    centre: float
    width: float
    seconds: float
    level: float


HISSES: Mapping[str, Hiss] = {
    "s": Hiss(6500, 1500, 0.09, 0.5),
    "sh": Hiss(3600, 1300, 0.09, 0.5),
    "f": Hiss(5000, 4000, 0.07, 0.15),
    "h": Hiss(1500, 2500, 0.06, 0.15),
    "t": Hiss(4500, 2000, 0.022, 0.8),
    "k": Hiss(2000, 900, 0.028, 0.8),
    "p": Hiss(900, 900, 0.018, 0.6),
}
STOPS = frozenset({"t", "k", "p"})

Envelopes = NDArray[np.float32]


def vowel_envelopes(hertz: NDArray[np.float64], scale: float, ring: float) -> Envelopes:
    """Log amplitude [vowels, frequencies]; `scale` shortens the tract, `ring` is a singer's formant, 0..1."""
    shine = ring * np.exp(-(((hertz / scale - RING_HERTZ) / RING_WIDTH) ** 2))
    rows = []
    for name, formants in VOWELS.items():
        damping = NASAL_BANDWIDTH if name == NASAL else 1.0
        pairs = zip((*formants, *UPPER_FORMANTS), BANDWIDTHS, strict=True)
        gains = [_resonance(hertz, f * scale, b * (damping if f > formants[0] else 1.0)) for f, b in pairs]
        rows.append(np.sum(gains, axis=0) + shine)
    envelopes = np.array(rows)
    # Vowels are about as loud as one another: the loudest frequencies count.
    envelopes -= np.log(np.sqrt(np.mean(np.exp(2 * envelopes[:, hertz < RING_HERTZ]), axis=1)))[:, None]
    return envelopes.astype(np.float32)


def hiss_envelopes(hertz: NDArray[np.float64]) -> Envelopes:
    """Log amplitude [hisses, frequencies]."""
    rows = [-0.5 * np.minimum(((hertz - h.centre) / (0.7 * h.width)) ** 2, 30.0) for h in HISSES.values()]
    return np.array(rows, np.float32)


def _resonance(hertz: NDArray[np.float64], formant: float, bandwidth: float) -> NDArray[np.float64]:
    """Log gain of a formant in cascade, 0 at zero hertz (Fant 1960, the conjugate pole pair)."""
    half = bandwidth / 2
    below = np.sqrt((hertz - formant) ** 2 + half**2)
    above = np.sqrt((hertz + formant) ** 2 + half**2)
    return np.asarray(np.log((formant**2 + half**2) / (below * above)))
