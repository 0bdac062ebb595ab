"""A part as one singer's line: which notes are sung, on which syllables, how the pitch moves between them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.render.gestures import bend_at, loudness_at
from model.render.midi import Notes, Part
from model.render.phones import HISSES, VOWELS

CHORD_SECONDS = 0.04
LEGATO_GAP = 0.09
PHRASE_GAP = 0.35
WIDEST_GLIDE = 7.0
GLIDE_AHEAD = 0.03
NO_CONSONANT, NASAL_CONSONANT, GLIDE_CONSONANT = "", "m", "w"
MELISMA_SHARE, SCOOP_SHARE = 0.15, 0.25
VIBRATO_DELAY, VIBRATO_RISE = 0.22, 0.45

Curve = NDArray[np.float64]


@dataclass(frozen=True)
class SungLine:
    """Notes in order, one at a time, each a syllable: [N] each."""

    part: Part
    starts: Curve
    ends: Curve
    pitches: Curve
    levels: Curve
    vowels: NDArray[np.int64]
    consonants: tuple[str, ...]
    scoops: Curve  # semitones from which a note that is not bound to the last one is reached
    glides: Curve  # seconds of the way from pitch to pitch

    @property
    def gaps(self) -> Curve:
        """Seconds of rest before each note."""
        return np.asarray(self.starts - np.concatenate([[-np.inf], self.ends[:-1]]))


def choose_top_notes(notes: Notes) -> Notes:
    """The notes of a part that one voice can sing: of those that sound together, the highest."""
    line: list[list[float]] = []
    for start, end, pitch, velocity in notes[np.lexsort((-notes[:, 2], notes[:, 0]))].tolist():
        if line and start - line[-1][0] < CHORD_SECONDS:
            continue
        if line and line[-1][1] > start:
            under = line[-1][2] > pitch and line[-1][1] - start > (end - start) / 2
            if under:
                continue
            line[-1][1] = start
        line.append([start, end, pitch, velocity])
    return np.array(line, np.float64).reshape(-1, 4)


def write_line(part: Part, consonance: float, generator: np.random.Generator) -> SungLine:
    """A line with random syllables; `consonance` is the share of them that begin with a consonant.

    The draws depend on the number of notes alone.
    """
    notes = choose_top_notes(part.notes)
    count = len(notes)
    starts, ends = notes[:, 0], notes[:, 1]
    vowels = generator.integers(0, len(VOWELS) - 1, count)
    onsets = _draw_consonants(count, consonance, generator)
    scooped = generator.random(count) < SCOOP_SHARE
    scoops = np.where(scooped, -generator.uniform(0.4, 2.0, count), 0.0)
    glides = generator.uniform(0.012, 0.05, count)
    bound = np.concatenate([[False], starts[1:] - ends[:-1] < LEGATO_GAP])
    melisma = (generator.random(count) < MELISMA_SHARE) & bound
    for number in np.flatnonzero(melisma).tolist():
        vowels[number] = vowels[number - 1]
        onsets[number] = NO_CONSONANT
    levels = (notes[:, 3] / 127.0) * np.sqrt(loudness_at(part, starts))
    return SungLine(part, starts, ends, notes[:, 2], levels, vowels, tuple(onsets), scoops, glides)


def draw_pitch(line: SungLine, moments: Curve, vibrato: tuple[float, float], phase: float) -> Curve:
    """Pitch in semitones (MIDI numbers) at the moments; `vibrato` is (depth in semitones, rate in hertz)."""
    ahead = moments + GLIDE_AHEAD
    place = np.clip(np.searchsorted(line.starts, ahead, side="right") - 1, 0, None)
    since = ahead - line.starts[place]
    step = np.concatenate([[0.0], line.pitches[:-1] - line.pitches[1:]])
    bound = (line.gaps < LEGATO_GAP) & (np.abs(step) <= WIDEST_GLIDE)
    origin = np.where(bound, step, line.scoops)
    pitch = line.pitches[place] + origin[place] * np.exp(-np.maximum(since, 0.0) / line.glides[place])
    depth, rate = vibrato
    swell = np.clip((since - GLIDE_AHEAD - VIBRATO_DELAY) / VIBRATO_RISE, 0.0, 1.0)
    return np.asarray(
        pitch + depth * swell * np.sin(2 * np.pi * rate * moments + phase) + bend_at(line.part, moments)
    )


def _draw_consonants(count: int, consonance: float, generator: np.random.Generator) -> list[str]:
    known = [*HISSES, NASAL_CONSONANT, NASAL_CONSONANT, GLIDE_CONSONANT, GLIDE_CONSONANT]
    drawn = generator.integers(0, len(known), count)
    spoken = generator.random(count) < consonance
    return [known[n] if s else NO_CONSONANT for n, s in zip(drawn.tolist(), spoken.tolist(), strict=True)]
