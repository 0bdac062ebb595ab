"""Stems of known type, as the guess of types learns from them and is judged by them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.decode import Waveform
from audio.stems import STEM_TYPES, StemType
from model.overhang import Queries
from model.songs import Song, find_songs
from model.stem_reader import StemReader
from model.type_guess import TypeGuess, fit_type_guess
from model.typed_windows import guessed_right, typed_windows
from tests.model.multitracks import noise, write_wav


class LevelEmbedder:
    """Embeds a window by how loud it is: loud ones lie on one axis, soft ones on another."""

    query_hop_samples = 500

    def queries(self, mix: Waveform, stem_type: StemType) -> Queries:
        raise AssertionError("Types are guessed from stems alone.")

    def candidate_vectors(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        loud = np.sqrt(np.square(windows).mean(axis=1)) > 0.1
        return np.stack([loud, ~loud], axis=1).astype(np.float32)


def write_songs(root: Path, levels: Sequence[tuple[float, float]], seconds: int = 30) -> list[Song]:
    """Songs whose drums and bass are noise at a level each."""
    for number, (drums, bass) in enumerate(levels):
        write_wav(root / f"{number}" / "drums.wav", noise(number, seconds * 16_000, drums))
        write_wav(root / f"{number}" / "bass.wav", noise(50 + number, seconds * 16_000, bass))
    return find_songs(root)


@pytest.fixture
def loud_drums() -> TypeGuess:
    """Takes all that is loud for drums and the rest for bass."""
    weights = np.zeros((2, len(STEM_TYPES)), np.float32)
    weights[0, StemType.DRUMS.number] = weights[1, StemType.BASS.number] = 20.0
    return TypeGuess(weights, np.zeros(len(STEM_TYPES), np.float32))


def test_every_window_comes_with_the_type_of_its_stem(tmp_path: Path, reader: StemReader) -> None:
    songs = write_songs(tmp_path, [(0.3, 0.03), (0.3, 0.03)])
    vectors, types = typed_windows(songs, reader, LevelEmbedder())
    assert len(vectors) == len(types) == 2 * 2 * 3  # two songs, two stems, windows at 0, 12 and 24 s
    for vector, stem_type in zip(vectors, types, strict=True):
        assert vector.tolist() == ([1, 0] if stem_type is StemType.DRUMS else [0, 1])


def test_what_is_learned_on_songs_guesses_their_types(tmp_path: Path, reader: StemReader) -> None:
    songs = write_songs(tmp_path, [(0.3, 0.03), (0.25, 0.02)])
    guess = fit_type_guess(*typed_windows(songs, reader, LevelEmbedder()))
    assert guessed_right(guess, songs, reader, LevelEmbedder())["right"] == 1.0


def test_silence_is_no_window_to_learn_from(tmp_path: Path, reader: StemReader) -> None:
    songs = write_songs(tmp_path, [(0.0, 0.0)])
    with pytest.raises(ValueError, match="No stem can be heard"):
        typed_windows(songs, reader, LevelEmbedder())


def test_the_share_that_is_guessed_right_is_counted_by_stems(
    tmp_path: Path, reader: StemReader, loud_drums: TypeGuess
) -> None:
    songs = write_songs(tmp_path, [(0.3, 0.03), (0.3, 0.3)])
    assert guessed_right(loud_drums, songs, reader, LevelEmbedder()) == {
        "stems": 4,
        "right": 0.75,
        "sure_stems": 4,
        "sure_right": 0.75,
    }


def test_without_stems_nothing_was_right(loud_drums: TypeGuess, reader: StemReader) -> None:
    counts = guessed_right(loud_drums, [], reader, LevelEmbedder())
    assert counts == {"stems": 0, "right": 0.0, "sure_stems": 0, "sure_right": 0.0}
