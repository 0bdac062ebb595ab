"""The release that travels with the package."""

from pathlib import Path

import pytest

from model.card import BrokenModelError
from model.weights import WEIGHTS, shipped_weights


def put(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).mkdir(parents=True)
        (root / name / "card.json").touch()
    return root


def test_the_one_release_is_found(tmp_path: Path) -> None:
    assert shipped_weights(put(tmp_path, "compact")) == tmp_path / "compact"


def test_folders_without_a_card_are_no_releases(tmp_path: Path) -> None:
    (tmp_path / "compact.partial").mkdir()
    assert shipped_weights(put(tmp_path, "compact")).name == "compact"


def test_no_release_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BrokenModelError, match=r"found 0\. Reinstall Counterpart, or name a model folder"):
        shipped_weights(tmp_path / "weights")


def test_two_releases_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(BrokenModelError, match="found 2"):
        shipped_weights(put(tmp_path, "compact", "older"))


def test_weights_lie_inside_the_package() -> None:
    assert (WEIGHTS.name, WEIGHTS.parent.name) == ("weights", "model")
