"""The ablation table: every row trains, differs from the recipe where it says, and has the same budget."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from audio.stems import StemType
from model.ablation import ROWS, Budget, Row, UnknownRowError, changed, choose_rows, train_rows
from model.ablation_command import ablate
from model.card import read_card
from model.config import Config
from model.embedder import Embedder
from model.export import OccupiedFolderError
from model.provenance import OtherSongsError
from model.run import shipped_config
from model.songs import HELD_OUT
from model.train import OtherConfigError
from tests.model.configs import tiny
from tests.model.multitracks import noise

BUDGET = Budget(steps=2, batch=8, warmup_steps=1)
QUIET = Console(quiet=True)


def train(rows: list[Row], root: Path, out: Path) -> list[Path]:
    return train_rows(rows, root, out, tiny(), BUDGET, held_out=HELD_OUT, device="cpu", console=QUIET)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_changes_what_it_says_and_nothing_else(row: Row) -> None:
    recipe = Config.from_toml(shipped_config())
    before, after = changed(recipe, {}, BUDGET).to_dict(), changed(recipe, row.changes, BUDGET).to_dict()
    differs = {
        (section, name)
        for section, options in before.items()
        if isinstance(options, dict)
        for name, value in options.items()
        if after[section][name] != value
    }
    assert differs == {(section, name) for section, options in row.changes.items() for name in options}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_has_the_same_budget(row: Row) -> None:
    training = changed(Config.from_toml(shipped_config()), row.changes, BUDGET).train
    assert (training.steps, training.batch, training.warmup_steps) == (2, 8, 1)


def test_rows_are_chosen_by_name_and_all_without_one() -> None:
    assert [row.name for row in choose_rows(["log-mel", "recipe"])] == ["log-mel", "recipe"]
    assert choose_rows([]) == list(ROWS)


def test_a_row_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(UnknownRowError, match=r"no row 'bigger'\. There are: recipe, no offset search"):
        choose_rows(["recipe", "bigger"])


def test_each_row_becomes_a_release_that_embeds(songs_root: Path, tmp_path: Path) -> None:
    releases = train(choose_rows(["not centred", "time average alone"]), songs_root, tmp_path / "ablation")
    assert [release.name for release in releases] == ["not-centred", "time-average-alone"]
    for release in releases:
        embedder = Embedder.open(release)
        assert embedder.card.name == release.name
        assert embedder.embed_stems(noise(0, 128_000)[None]).shape == (1, embedder.card.dimension)
        asked = embedder.queries(noise(1, 50_000), StemType.KEYS)
        averaged = release.name == "time-average-alone"
        assert asked.vectors.shape == (1 if averaged else 128, embedder.card.dimension)
        assert (asked.starts[0] == 0) == averaged


def test_a_row_that_is_done_is_not_trained_again(songs_root: Path, tmp_path: Path) -> None:
    row = choose_rows(["tokens alone"])
    [release] = train(row, songs_root, tmp_path)
    first = read_card(release)
    written = (release / "card.json").stat().st_mtime_ns
    assert train(row, songs_root, tmp_path) == [release]
    assert (release / "card.json").stat().st_mtime_ns == written
    assert read_card(release) == first


def test_a_row_that_was_trained_with_another_budget_is_told_apart(songs_root: Path, tmp_path: Path) -> None:
    [release] = train(choose_rows(["tokens alone"]), songs_root, tmp_path)
    written = (release / "card.json").read_text()
    rows, budget = choose_rows(["recipe", "tokens alone"]), replace(BUDGET, steps=3)
    with pytest.raises(OtherConfigError, match="tokens-alone was trained with another recipe or budget"):
        train_rows(rows, songs_root, tmp_path, tiny(), budget, held_out=HELD_OUT, device="cpu", console=QUIET)
    assert (release / "card.json").read_text() == written
    assert not (tmp_path / "runs" / "recipe").exists()  # it is told before anything is trained


def test_rows_of_other_songs_are_not_compared(songs_root: Path, tmp_path: Path) -> None:
    [release] = train(choose_rows(["tokens alone"]), songs_root, tmp_path / "out")
    written = (release / "card.json").read_text()
    others = tmp_path / "others"
    shutil.copytree(songs_root, others)
    shutil.copytree(next(each for each in sorted(others.iterdir()) if each.is_dir()), others / "one more")
    with pytest.raises(OtherSongsError, match="were trained on other songs"):
        train(choose_rows(["recipe"]), others, tmp_path / "out")
    assert (release / "card.json").read_text() == written
    assert not (tmp_path / "out" / "runs" / "recipe").exists()


def test_a_release_says_what_its_row_learned_from(songs_root: Path, tmp_path: Path) -> None:
    [release] = train(choose_rows(["tokens alone"]), songs_root, tmp_path)
    learned = read_card(release).training
    assert (learned["step"], learned["batch"]) == (BUDGET.steps, BUDGET.batch)
    assert sum(each["songs"] for each in learned["training"]) >= 1
    assert str(songs_root) not in (release / "card.json").read_text()


def test_what_is_no_release_is_left_where_it_is(songs_root: Path, tmp_path: Path) -> None:
    (tmp_path / "recipe").mkdir()
    (tmp_path / "recipe" / "notes.txt").touch()
    with pytest.raises(OccupiedFolderError, match="recipe is not empty and holds no release"):
        train(choose_rows(["recipe"]), songs_root, tmp_path)
    assert not (tmp_path / "runs").exists()


def test_the_command_says_in_one_line_what_is_wrong(songs_root: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(ablate, [str(songs_root), "--out", str(tmp_path / "out"), "--row", "bigger"])
    assert result.exit_code == 1
    assert result.output.startswith("Error: There is no row 'bigger'.")
    assert not (tmp_path / "out").exists()
