"""`counterpart model`, as it is typed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import click
import pytest
from click.testing import CliRunner, Result

from model.card import read_card
from model.checkpoint import load_progress
from model.cli import ModelGroup
from model.cli import model as group
from tests.model.configs import short, write_toml
from tests.model.multitracks import write_song


def call(*arguments: object) -> Result:
    return CliRunner().invoke(group, [str(argument) for argument in arguments])


def complaint(result: Result) -> str:
    """The one line in which a command says what is wrong."""
    assert result.exit_code == 1, result.output
    lines = result.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("Error: ")
    return lines[0]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_toml(tmp_path_factory.mktemp("config") / "short.toml", short(steps=3, batch=2))


@pytest.fixture(scope="module")
def run(songs_root: Path, config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `counterpart model train` leaves."""
    folder = tmp_path_factory.mktemp("runs") / "first"
    result = call("train", songs_root, "--out", folder, "--config", config, "--threads", 1)
    assert result.exit_code == 0, result.output
    assert "3 steps done" in result.output
    assert "Songs to learn from: 4" in result.output
    return folder


def test_train_export_evaluate(run: Path, songs_root: Path, tmp_path: Path) -> None:
    released, figures = tmp_path / "release", tmp_path / "figures.json"
    result = call("export", run, "--out", released, "--version", "0.9.0")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"Exported {read_card(released).id} to {released}.\n"
    assert read_card(released).calibration.pairs == 2 * 2 * 3  # both kinds, two validation songs, three types
    options = ("--per-song", 1, "--json", figures, "--cache", tmp_path / "cache")
    result = call("evaluate", songs_root, "--model", released, *options)
    assert result.exit_code == 0, result.output
    assert "chance" in result.output
    assert json.loads(figures.read_text())["scorers"][0].startswith("release (tiny-0.9.0-")


def test_train_again_goes_on_where_it_was(run: Path, songs_root: Path, config: Path) -> None:
    result = call("train", songs_root, "--out", run, "--config", config, "--threads", 1)
    assert result.exit_code == 0
    assert "3 steps done" in result.output
    assert load_progress(run / "last").step == 3


def test_train_says_what_validation_found(run: Path) -> None:
    assert (run / "log.csv").read_text().count("R@1") == 1
    assert sorted(path.name for path in run.iterdir()) == ["best", "data.json", "last", "log.csv"]


def test_a_folder_without_songs_is_one_line(tmp_path: Path, release: Path) -> None:
    said = complaint(call("train", tmp_path, "--out", tmp_path / "run"))
    assert "No song with 2 stem types" in said
    assert "my-song/drums.wav" in said
    assert "No song with 2" in complaint(call("evaluate", tmp_path, "--model", release))


def test_an_unknown_option_in_a_config_is_one_line(songs_root: Path, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[train]\nspeed = 3\n")
    said = complaint(call("train", songs_root, "--out", tmp_path / "run", "--config", path))
    assert said.startswith("Error: Unknown option train.speed. Known: batch, betas,")


def test_a_config_that_is_no_toml_is_one_line(songs_root: Path, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("steps: 3\n")
    options = ("--out", tmp_path / "run", "--config", tmp_path / "config.toml")
    assert "config.toml" in complaint(call("train", songs_root, *options))


def test_another_config_for_the_same_run_is_one_line(run: Path, songs_root: Path, config: Path) -> None:
    said = complaint(call("train", songs_root, "--out", run, "--config", config, "--steps", 99))
    assert "was trained with another config" in said


def test_a_gpu_that_is_not_there_is_one_line(
    songs_root: Path, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    options = ("--out", tmp_path / "run", "--config", config, "--device", "cuda")
    assert "No CUDA device was found" in complaint(call("train", songs_root, *options))


def test_a_folder_that_is_no_run_is_one_line(tmp_path: Path) -> None:
    assert "holds no checkpoint" in complaint(call("export", tmp_path, "--out", tmp_path / "release"))


def test_a_release_where_the_run_lies_is_one_line(run: Path) -> None:
    assert "would replace" in complaint(call("export", run, "--out", run))
    assert (run / "best").exists()


def test_help_says_which_layouts_and_which_columns_training_knows() -> None:
    said = " ".join(call("train", "--help").output.split())
    assert "MUSDB18-HQ (WAV)" in said
    assert "test folder is left out" in said
    assert "columns song,group" in said


def test_a_folder_that_is_no_release_is_one_line(songs_root: Path, tmp_path: Path) -> None:
    assert "holds no model" in complaint(call("evaluate", songs_root, "--model", tmp_path))


def test_songs_that_cannot_be_asked_about_are_one_line(release: Path, tmp_path: Path) -> None:
    write_song(tmp_path / "songs" / "only", 0)
    options = ("--model", release, "--cache", tmp_path / "cache")
    assert "Nothing can be asked of" in complaint(call("evaluate", tmp_path / "songs", *options))


def test_a_damaged_stem_is_one_line_that_names_it(release: Path, songs_root: Path, tmp_path: Path) -> None:
    for number in range(2):
        write_song(tmp_path / "songs" / f"{number}", number, seconds=9)
    (tmp_path / "songs" / "1" / "bass.wav").write_bytes(b"no sound" * 100)
    options = ("--model", release, "--cache", tmp_path / "cache")
    assert "1/bass.wav cannot be read" in complaint(call("evaluate", tmp_path / "songs", *options))


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "nowhere", "--out", "run"),
        ("train", ".", "--out", "run", "--steps", "0"),
        ("train", ".", "--out", "run", "--threads", "-1"),
        ("train", ".", "--out", "run", "--device", "tpu"),
        ("train", ".", "--out", "run", "--config", "."),
        ("train", "."),
        ("export", "nowhere", "--out", "release"),
        ("evaluate", ".", "--per-song", "0"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_done(arguments: tuple[str, ...]) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("name", ["train", "export", "evaluate"])
def test_every_command_has_help_with_an_example(name: str) -> None:
    result = call(name, "--help")
    assert result.exit_code == 0
    assert f"Example: counterpart model {name} " in result.output


def test_no_command_is_left_undescribed() -> None:
    assert isinstance(group, click.Group)
    context = click.Context(group)
    names = group.list_commands(context)
    assert {"compose", "evaluate", "export", "render", "sensitivity", "train"} <= set(names)
    for name in names:
        command = group.get_command(context, name)
        assert command is not None
        assert f"Example: counterpart model {name} " in (command.help or "")


@pytest.fixture
def without_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelGroup:
    """The commands where one cannot be imported, for PyTorch is not installed."""
    (tmp_path / "lacks_torch.py").write_text("raise ModuleNotFoundError('no torch', name='torch')\n")
    monkeypatch.syspath_prepend(tmp_path)

    class Lacking(ModelGroup):
        elsewhere: ClassVar[Mapping[str, str]] = {**ModelGroup.elsewhere, "ablate": "lacks_torch"}

    return Lacking("model")


def test_commands_are_listed_where_training_is_not_installed(without_training: ModelGroup) -> None:
    listed = CliRunner().invoke(without_training, ["--help"])
    assert listed.exit_code == 0
    assert "evaluate" in listed.output
    assert "This needs PyTorch" in listed.output


def test_a_command_that_lacks_a_library_says_so_whatever_it_is_told(without_training: ModelGroup) -> None:
    refused = CliRunner().invoke(without_training, ["ablate", "songs", "--steps", "3"])
    assert "pip install 'counterpart[train]'" in complaint(refused)


def test_a_place_that_cannot_be_written_to_is_one_line_before_any_work(
    release: Path, songs_root: Path, config: Path, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()
    trained = call("train", songs_root, "--out", file / "run", "--config", config)
    assert "Not a directory" in complaint(trained)
    for option in ("--json", "--report"):
        asked = call("evaluate", songs_root, "--model", release, option, file / "deep" / "x.json")
        assert asked.exit_code == 1
        assert "Not a directory" in asked.stderr
        assert "chance" not in asked.output


@pytest.mark.parametrize("option", ["--seconds", "--hop"])
def test_a_length_that_is_no_number_is_refused(songs_root: Path, option: str) -> None:
    result = call("evaluate", songs_root, option, "nan")
    assert result.exit_code == 2
    assert "no number" in result.output
