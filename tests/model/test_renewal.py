"""Releases exported anew from their own graphs."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

from audio.stems import STEM_TYPES, StemType
from audio.windows import WINDOW_SAMPLES
from model.card import BrokenModelError, Calibration, read_card, write_card
from model.cli import model as commands
from model.embedder import Embedder
from model.ensemble import Ensemble
from model.export import OccupiedFolderError, Release, export
from model.half_precision import rounded
from model.renewal import renew_release
from model.type_guess import TypeGuess
from model.unpack import NotUnpackableError
from tests.model.multitracks import noise
from tests.model.networks import network

CALIBRATION = Calibration(20.0, -4.0, 12, {"brier": 0.1, "ece": 0.02, "table": []})
TRAINING = {"data": {"training": [{"source": "own", "licence": "ours", "songs": 3}]}, "step": 7}


@pytest.fixture(scope="module")
def pair_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two networks, with all that a release may have beside its graphs."""
    folder = tmp_path_factory.mktemp("pair") / "release"
    pair = rounded(Ensemble([network(1), network(2, width=48)]))
    weights = np.random.default_rng(0).normal(size=(pair.dimension, len(STEM_TYPES))).astype(np.float32)
    guess = TypeGuess(weights, np.zeros(len(STEM_TYPES), np.float32))
    card = export(pair, folder, Release("1.0.0", CALIBRATION, TRAINING, guess))
    write_card(folder, replace(card, evaluation={"somewhere": {"queries": 3}}))
    return folder


@pytest.fixture(scope="module")
def renewed(pair_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("renewed") / "release"
    renew_release(pair_release, folder, "1.0.1")
    return folder


def stems() -> NDArray[np.float32]:
    return np.stack([noise(seed, WINDOW_SAMPLES) for seed in (1, 2)])


def test_the_card_tells_of_the_same_networks_by_another_version(pair_release: Path, renewed: Path) -> None:
    before, after = read_card(pair_release), read_card(renewed)
    assert replace(after, version="1.0.0", graphs=before.graphs) == before
    assert after.evaluation == {"somewhere": {"queries": 3}}
    assert after.id.startswith("tiny-1.0.1-")


def test_answers_are_the_same(pair_release: Path, renewed: Path) -> None:
    before, after = (Embedder.open(folder, threads=1) for folder in (pair_release, renewed))
    np.testing.assert_allclose(after.embed_stems(stems()), before.embed_stems(stems()), atol=1e-5)
    mix = noise(3, 13 * 16_000)
    for wanted in (StemType.BASS, StemType.DRUMS):
        asked, expected = after.queries(mix, wanted), before.queries(mix, wanted)
        np.testing.assert_allclose(asked.vectors, expected.vectors, atol=1e-5)
        np.testing.assert_array_equal(asked.starts, expected.starts)
    scores = np.array([0.1, 0.3], np.float32)
    np.testing.assert_array_equal(after.compatibility(scores), before.compatibility(scores))


def test_types_are_guessed_as_before(pair_release: Path, renewed: Path) -> None:
    before, after = (Embedder.open(folder, threads=1) for folder in (pair_release, renewed))
    assert before.guess_type is not None
    assert after.guess_type is not None
    vectors = before.embed_stems(stems())
    np.testing.assert_array_equal(
        after.guess_type.probabilities(vectors), before.guess_type.probabilities(vectors)
    )


def test_a_release_is_not_renewed_over_itself(pair_release: Path) -> None:
    written = (pair_release / "card.json").read_text()
    with pytest.raises(OccupiedFolderError, match=r"would replace .*Choose another --out"):
        renew_release(pair_release, pair_release, "1.0.1")
    assert (pair_release / "card.json").read_text() == written


def test_graphs_that_do_not_tell_the_networks_are_refused(pair_release: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(pair_release, tmp_path / "other"))
    card = read_card(other)
    narrow, wide = card.config["members"]
    write_card(other, replace(card, config={"members": [wide, narrow]}))
    with pytest.raises(NotUnpackableError, match="does not hold the weights"):
        renew_release(other, tmp_path / "renewed", "1.0.1")
    assert not (tmp_path / "renewed").exists()


def test_a_damaged_release_is_refused(pair_release: Path, tmp_path: Path) -> None:
    with pytest.raises(BrokenModelError, match=r"holds no model: card\.json is missing"):
        renew_release(tmp_path, tmp_path / "renewed", "1.0.1")


def test_the_command_says_what_came_out_of_a_release_without_a_guess(
    pair_release: Path, tmp_path: Path
) -> None:
    single, out = Path(shutil.copytree(pair_release, tmp_path / "single")), tmp_path / "renewed"
    (single / "types.npz").unlink()
    result = CliRunner().invoke(commands, ["renew", str(single), "--out", str(out), "--version", "9.8.7"])
    assert result.exit_code == 0, result.output
    assert f"{read_card(out).id} is in {out}." in result.output
    assert read_card(out).version == "9.8.7"
    assert Embedder.open(out).guess_type is None


def test_the_command_says_in_one_line_what_is_wrong(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    result = CliRunner().invoke(
        commands, ["renew", str(empty), "--out", str(tmp_path / "out"), "--version", "1.0.0"]
    )
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "card.json is missing" in result.output
