"""Play a part on an electronic instrument: each distinct tone is made once, its copies are placed in time."""

from collections.abc import Mapping

import numpy as np

from audio.decode import SAMPLE_RATE, Waveform
from model.render.gestures import Curve, hold_by_pedal, loudness_at
from model.render.midi import Part
from model.render.timbres import Timbre
from model.render.tones import make_tone

FORCES = 3
LONGEST_TONE_SECONDS = 8.0
LOUDNESS_EXPONENT = 1.4
QUIETEST_RELEASE = 5.0  # time constants until a release is cut off

# A tone is known by its pitch and the bucket of its velocity.
Tone = tuple[int, int]


def play_electronic(part: Part, seconds: float, timbre: Timbre) -> Waveform:
    """The part played, [T] at 16 kHz."""
    sound = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    notes = hold_by_pedal(part)
    gains = (notes[:, 3] / 127) ** LOUDNESS_EXPONENT * loudness_at(part, notes[:, 0])
    tails = _release_curve(timbre)
    keys = [(int(pitch), int(velocity * FORCES / 128)) for pitch, velocity in notes[:, 2:].tolist()]
    lengths = np.minimum(notes[:, 1] - notes[:, 0], LONGEST_TONE_SECONDS)
    tones = _make_tones(keys, lengths, len(tails) / SAMPLE_RATE, timbre)
    for key, start, length, gain in zip(
        keys, notes[:, 0].tolist(), lengths.tolist(), gains.tolist(), strict=True
    ):
        held = round(length * SAMPLE_RATE)
        place = round(start * SAMPLE_RATE)
        tone = tones[key][: held + len(tails)] * np.float32(gain)
        tone[held:] *= tails[: len(tone) - held]
        room = sound[place : place + len(tone)]
        room += tone[: len(room)]
    return sound


def _make_tones(keys: list[Tone], lengths: Curve, tail: float, timbre: Timbre) -> Mapping[Tone, Waveform]:
    longest: dict[Tone, float] = {}
    for key, length in zip(keys, lengths.tolist(), strict=True):
        longest[key] = max(longest.get(key, 0.0), length)
    return {
        (pitch, force): make_tone(
            timbre, 440.0 * 2 ** ((pitch - 69) / 12), (force + 0.5) / FORCES, length + tail
        )
        for (pitch, force), length in longest.items()
    }


def _release_curve(timbre: Timbre) -> Waveform:
    steps = np.linspace(0.0, QUIETEST_RELEASE, round(timbre.release * QUIETEST_RELEASE * SAMPLE_RATE) + 2)
    return np.exp(-steps).astype(np.float32) * np.linspace(1, 0, len(steps), dtype=np.float32)
