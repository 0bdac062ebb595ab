"""A stem's type from its vectors: learned where types differ, unsure where they do not."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.stems import STEM_TYPES, StemType
from model.type_guess import FILE, TypeGuess, UnreadableTypeGuessError, fit_type_guess

DIMENSION = 12
TYPES = (StemType.DRUMS, StemType.BASS, StemType.KEYS)


def clouds(spread: float, each: int = 60, seed: int = 0) -> tuple[NDArray[np.float32], list[StemType]]:
    """Windows of three types around a centre each, of length one."""
    generator = np.random.default_rng(seed)
    centres = np.eye(DIMENSION)[: len(TYPES)]
    vectors = np.repeat(centres, each, axis=0) + spread * generator.normal(
        size=(each * len(TYPES), DIMENSION)
    )
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), [stem_type for stem_type in TYPES for _ in range(each)]


@pytest.fixture(scope="module")
def guess() -> TypeGuess:
    return fit_type_guess(*clouds(0.1))


@pytest.mark.parametrize("place", range(len(TYPES)))
def test_types_that_sound_different_are_told_apart(guess: TypeGuess, place: int) -> None:
    vectors, types = clouds(0.1, seed=1)
    stem_type, confidence = guess(vectors[60 * place : 60 * (place + 1)])
    assert stem_type is types[60 * place]
    assert confidence > 0.8


def test_a_stem_is_judged_by_all_its_windows(guess: TypeGuess) -> None:
    centres = np.eye(DIMENSION, dtype=np.float32)
    stem_type, confidence = guess(centres[[1, 1, 0]])
    assert stem_type is StemType.BASS
    assert confidence < guess(centres[[1, 1, 1]])[1]


def test_between_types_it_is_unsure(guess: TypeGuess) -> None:
    between = np.full((1, DIMENSION), DIMENSION**-0.5, np.float32)
    assert guess(between)[1] < 0.6


def test_probabilities_of_a_window_sum_to_one(guess: TypeGuess) -> None:
    probabilities = guess.probabilities(clouds(0.5)[0])
    assert probabilities.shape == (180, len(STEM_TYPES))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
    assert probabilities.min() >= 0


def test_types_without_examples_are_not_guessed(guess: TypeGuess) -> None:
    vectors, _ = clouds(0.3, seed=2)
    seen = {stem_type.number for stem_type in TYPES}
    assert set(guess.probabilities(vectors).argmax(axis=1).tolist()) <= seen


def test_a_rare_type_is_learned_beside_a_frequent_one() -> None:
    vectors, types = clouds(0.1)
    kept = np.r_[0:60, 60:64]
    guess = fit_type_guess(vectors[kept], [types[row] for row in kept])
    assert guess(vectors[64:120])[0] is StemType.BASS


def test_the_fit_is_the_same_every_time() -> None:
    first, second = fit_type_guess(*clouds(0.3)), fit_type_guess(*clouds(0.3))
    np.testing.assert_array_equal(first.weights, second.weights)


def test_one_type_alone_is_nothing_to_learn() -> None:
    vectors, _ = clouds(0.1, each=4)
    with pytest.raises(ValueError, match="at least two types"):
        fit_type_guess(vectors, [StemType.DRUMS] * len(vectors))


def test_silence_has_no_type(guess: TypeGuess) -> None:
    with pytest.raises(ValueError, match="without audible windows"):
        guess(np.zeros((0, DIMENSION), np.float32))


def test_what_is_saved_guesses_alike(guess: TypeGuess, tmp_path: Path) -> None:
    guess.save(tmp_path)
    loaded = TypeGuess.load(tmp_path, DIMENSION)
    assert loaded is not None
    vectors, _ = clouds(0.4, seed=3)
    np.testing.assert_array_equal(loaded.probabilities(vectors), guess.probabilities(vectors))


def test_a_release_may_come_without(tmp_path: Path) -> None:
    assert TypeGuess.load(tmp_path, DIMENSION) is None


def test_a_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(UnreadableTypeGuessError, match="Export the model again"):
        TypeGuess.load(tmp_path, DIMENSION)


def test_another_models_classifier_is_refused(guess: TypeGuess, tmp_path: Path) -> None:
    guess.save(tmp_path)
    with pytest.raises(UnreadableTypeGuessError, match="another model"):
        TypeGuess.load(tmp_path, DIMENSION + 1)
