"""From syllables to what the voice does over time: voicing, breath, hisses, and the mixture of vowels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.render.phones import HISSES, NASAL, STOPS, VOWELS
from model.render.sung_line import GLIDE_CONSONANT, LEGATO_GAP, NASAL_CONSONANT, PHRASE_GAP, SungLine

ATTACK, RELEASE = 0.018, 0.05
NASAL_SECONDS, NASAL_LEVEL = 0.07, 0.35
GLIDE_SECONDS = 0.06
CLOSURE_SECONDS = 0.035
BREATH_SECONDS, BREATH_LEVEL = 0.22, 0.06
VOWEL_SMOOTHING = 0.02
LONGEST_SHARE = 0.5  # of the note before, what a consonant may take


@dataclass(frozen=True)
class Tracks:
    """What the voice does at each moment [N]; `vowels` [N, vowels] are weights, `hiss` an index."""

    voiced: NDArray[np.float64]
    breath: NDArray[np.float64]
    hissing: NDArray[np.float64]
    hiss: NDArray[np.int64]
    vowels: NDArray[np.float32]


def articulate(line: SungLine, moments: NDArray[np.float64], consonant_level: float) -> Tracks:
    """Tracks for a line: vowels begin on the note, consonants before it, breaths before phrases."""
    count, rate = len(moments), 1.0 / (moments[1] - moments[0])
    voiced, breath, hissing = np.zeros(count), np.zeros(count), np.zeros(count)
    hiss, vowel = np.zeros(count, np.int64), np.zeros(count, np.int64)
    names, hisses = list(VOWELS), list(HISSES)

    def span(start: float, end: float) -> slice:
        return slice(max(round(start * rate), 0), max(round(end * rate), 0))

    gaps = np.minimum(line.gaps, line.starts + 1.0)
    for i, (start, end, level) in enumerate(zip(line.starts, line.ends, line.levels, strict=True)):
        voiced[span(start, end)] = level
        before = line.starts[i - 1] if i else -1.0
        vowel[span(end if i == 0 else before, end)] = line.vowels[i]
        vowel[span(start - max(gaps[i], 0.0) / 2, end + 1.0)] = line.vowels[i]
        room = gaps[i] + LONGEST_SHARE * (start - gaps[i] - before)
        onset = line.consonants[i]
        if gaps[i] > PHRASE_GAP:
            took = min(BREATH_SECONDS, gaps[i] / 2)
            breath[span(start - took - 0.08, start - 0.08)] = BREATH_LEVEL * level
        if onset in HISSES:
            length = min(HISSES[onset].seconds, room)
            closed = length + (CLOSURE_SECONDS if onset in STOPS else 0.01)
            voiced[span(start - min(closed, room), start)] = 0.0
            hissing[span(start - length, start)] = HISSES[onset].level * consonant_level * level
            hiss[span(start - length - 0.02, start + 0.02)] = hisses.index(onset)
        elif onset == NASAL_CONSONANT:
            murmur = span(start - min(NASAL_SECONDS, room), start)
            voiced[murmur], vowel[murmur] = NASAL_LEVEL * level, names.index(NASAL)
        elif onset == GLIDE_CONSONANT:
            vowel[span(start - 0.02, start + min(GLIDE_SECONDS, (end - start) / 3))] = names.index("u")
        elif gaps[i] < LEGATO_GAP and i:
            voiced[span(line.ends[i - 1], start)] = 0.7 * level
    weights = np.eye(len(names), dtype=np.float32)[vowel]
    weights = ndimage.gaussian_filter1d(weights, VOWEL_SMOOTHING * rate, axis=0)
    return Tracks(
        _soften(voiced, rate),
        ndimage.gaussian_filter1d(breath, 0.04 * rate),
        _soften(hissing, rate, 0.004),
        hiss,
        weights,
    )


def _soften(level: NDArray[np.float64], rate: float, seconds: float = ATTACK) -> NDArray[np.float64]:
    """Round off the corners of a level: a rise takes about `seconds`, and is half done at the corner."""
    return np.asarray(ndimage.gaussian_filter1d(level, seconds / 2 * rate))
