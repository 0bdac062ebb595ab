"""Windows of songs whose types are known: to fit the guess of types on, and to see how often it is right."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from audio.stems import StemType
from audio.windows import cut_windows
from model.evaluation.scorer import MixAndStemEmbedder
from model.songs import Song
from model.stem_reader import StemReader
from model.type_guess import TypeGuess

HOP_SECONDS = 12.0  # neighbouring windows of a stem teach little that is new
SURE = 0.8


def typed_windows(
    songs: Sequence[Song], reader: StemReader, embedder: MixAndStemEmbedder
) -> tuple[NDArray[np.float32], list[StemType]]:
    """Candidate vectors [N, D] of all stems of `songs`, and the type of each.

    Raises:
        ValueError: nothing can be heard in them.
    """
    vectors, types = [], []
    for stem_type, of_stem in _stems(songs, reader, embedder):
        vectors.append(of_stem)
        types += [stem_type] * len(of_stem)
    if not vectors:
        raise ValueError("No stem can be heard, so no type can be learned. Give a folder of songs.")
    return np.concatenate(vectors), types


def guessed_right(
    guess: TypeGuess, songs: Sequence[Song], reader: StemReader, embedder: MixAndStemEmbedder
) -> dict[str, float | int]:
    """Share of stems whose type is guessed right, of how many; the same of those that it is sure of."""
    outcomes = [(*guess(vectors), stem_type) for stem_type, vectors in _stems(songs, reader, embedder)]
    sure = [guessed is true for guessed, confidence, true in outcomes if confidence >= SURE]
    right = [guessed is true for guessed, _, true in outcomes]
    return {
        "stems": len(right),
        "right": round(float(np.mean(right)), 4) if right else 0.0,
        "sure_stems": len(sure),
        "sure_right": round(float(np.mean(sure)), 4) if sure else 0.0,
    }


def _stems(
    songs: Sequence[Song], reader: StemReader, embedder: MixAndStemEmbedder
) -> Iterator[tuple[StemType, NDArray[np.float32]]]:
    for song in songs:
        for stem_type, paths in song.stems.items():
            windows = cut_windows(reader.read(paths, 0, reader.length(song)), HOP_SECONDS)
            if len(windows.starts):
                yield stem_type, embedder.candidate_vectors(windows.samples)
