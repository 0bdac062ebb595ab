import shutil
from pathlib import Path

import numpy as np
import pytest

from audio.stems import STEM_TYPES, StemType
from audio.windows import WINDOW_SAMPLES
from model.card import BrokenModelError, read_card
from model.render.module_guess import open_guess
from model.render.module_types import GUESSED_TYPES
from model.type_guess import TypeGuess


def write_classifier(release: Path, folder: Path, likelihood: dict[StemType, float]) -> Path:
    """A copy of a release that finds types as likely as told, whatever it hears."""
    shutil.copytree(release, folder)
    bias = np.array([likelihood.get(StemType(name), -9.0) for name in STEM_TYPES], np.float32)
    TypeGuess(np.zeros((read_card(folder).dimension, len(STEM_TYPES)), np.float32), bias).save(folder)
    return folder


def windows(release: Path) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    samples = read_card(release).window_samples
    return np.random.default_rng(1).uniform(-0.1, 0.1, (2, samples)).astype(np.float32)


def test_a_guess_is_the_likeliest_of_the_types_that_may_be_guessed(release: Path, tmp_path: Path) -> None:
    likelihood = {StemType.DRUMS: 9.0, StemType.OTHER: 7.0, StemType.STRINGS: 2.0, StemType.KEYS: 1.0}
    guess = open_guess(write_classifier(release, tmp_path / "release", likelihood))
    assert guess(windows(release)) is StemType.STRINGS


@pytest.mark.parametrize("stem_type", GUESSED_TYPES)
def test_every_type_that_may_be_guessed_can_be(release: Path, tmp_path: Path, stem_type: StemType) -> None:
    guess = open_guess(write_classifier(release, tmp_path / "release", {stem_type: 3.0}))
    assert guess(windows(release)) is stem_type


def test_a_release_that_cannot_guess_is_refused_in_words(release: Path, tmp_path: Path) -> None:
    shutil.copytree(release, tmp_path / "release")
    (tmp_path / "release" / "types.npz").unlink(missing_ok=True)
    with pytest.raises(BrokenModelError, match=r"cannot guess types\. Give a release that has types\.npz"):
        open_guess(tmp_path / "release")


def test_windows_are_as_long_as_a_releases(release: Path) -> None:
    assert read_card(release).window_samples == WINDOW_SAMPLES
