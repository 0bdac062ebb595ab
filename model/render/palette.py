"""What a rendering may sound like: who plays the stems, and whether as humans play and record them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from audio.stems import StemType


class Engine(StrEnum):
    """What plays a stem."""

    SOUNDFONT = "soundfont"
    ELECTRONIC = "electronic"
    DRUM_MACHINE = "drum machine"
    VOICE = "voice"


@dataclass(frozen=True)
class Palette:
    """Shares (0..1) of the stems of a type that our own instruments play instead of a soundfont's.

    `effects`: each stem is recorded by a chain of its own (equaliser, saturation, room, noise and so on).
    `performance`: notes are timed and struck as a player would, over a tempo that wanders.
    """

    name: str
    drums: float
    bass: float
    vocals: float
    guitar: float
    keys: float
    strings: float
    wind: float
    synth: float
    other: float
    effects: bool
    performance: bool

    def share(self, stem_type: StemType) -> float:
        """Share of the stems of this type that are not played with a soundfont."""
        return float(getattr(self, stem_type.value))


def own_engine(stem_type: StemType) -> Engine:
    """Which of our own instruments plays this type."""
    own = {StemType.DRUMS: Engine.DRUM_MACHINE, StemType.VOCALS: Engine.VOICE}
    return own.get(stem_type, Engine.ELECTRONIC)


PLAIN = Palette(
    "plain",
    drums=0.0,
    bass=0.0,
    vocals=0.0,
    guitar=0.0,
    keys=0.0,
    strings=0.0,
    wind=0.0,
    synth=0.0,
    other=0.0,
    effects=False,
    performance=False,
)
"""Soundfonts alone, every note on time, no effects: how sets to test on are rendered."""

VARIED = Palette(
    "varied",
    drums=0.3,
    bass=0.4,
    vocals=0.85,
    guitar=0.2,
    keys=0.3,
    strings=0.15,
    wind=0.12,
    synth=0.75,
    other=0.3,
    effects=True,
    performance=True,
)
"""How sets to train on are rendered: as little as possible in common between any two stems but the music."""

PALETTES: Mapping[str, Palette] = {palette.name: palette for palette in (PLAIN, VARIED)}
