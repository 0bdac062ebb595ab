"""Which songs are alike in key and tempo, and so the hardest to tell apart among other songs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from audio.key import estimate_key
from audio.tempo import estimate_tempo
from model.mixing import mix
from model.songs import Song
from model.stem_reader import StemReader

SAME_TEMPO = 0.06
"""The share that tempi of one tier may differ by: what a DJ's pitch fader takes."""


@dataclass(frozen=True)
class SongFacts:
    """Tempo, and the key as the tonic (0 is C) of its major scale: A minor and C major are both 0."""

    bpm: float | None
    scale: int | None


def learn_facts(songs: Sequence[Song], reader: StemReader) -> dict[str, SongFacts]:
    """Facts of each song by its name; the tempo is estimated only where nothing beside the stems says it."""
    facts = {}
    for song in songs:
        stems = [reader.read(paths, 0, reader.length(song)) for paths in song.stems.values()]
        whole = mix(stems, [1.0] * len(stems))
        bpm = song.bpm
        if bpm is None and (tempo := estimate_tempo(whole)):
            bpm = tempo.bpm
        guess = estimate_key(whole)
        scale = None if guess is None else (guess.key.tonic + 3 * guess.key.minor) % 12
        facts[song.name] = SongFacts(bpm, scale)
    return facts


def are_near(one: SongFacts, other: SongFacts) -> bool:
    """Whether two songs share a scale and a tempo; half or double the tempo is the same pulse."""
    if one.bpm is None or other.bpm is None or one.scale is None or one.scale != other.scale:
        return False
    octaves = math.log2(one.bpm / other.bpm)
    return abs(octaves - round(octaves)) <= math.log2(1 + SAME_TEMPO)
