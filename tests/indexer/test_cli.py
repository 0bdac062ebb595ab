"""`counterpart index` as a person uses it."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray

from indexer.cli import index
from indexer.command_options import INCOMPLETE, STOPPED, Collaborators
from library.lock import lock_data
from library.settings import Settings
from tests.databases import AWAY
from tests.fakes import FakeEmbedder
from tests.indexer.conftest import STEMS
from tests.songs import stem_waveform, write_stem

REPOSITORY = Path(__file__).parents[2]


class Command:
    """Runs the commands on one data folder with an embedder without a network."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.embedder = FakeEmbedder()

    def __call__(self, *args: str | Path) -> Result:
        return CliRunner().invoke(
            index,
            [*map(str, args), *self._options(args), "--data", str(self.settings.data)],
            obj=Collaborators(lambda _settings: self.embedder),
            env={"COLUMNS": "200", "COUNTERPART_DATABASE_URL": self.settings.database_url},
        )

    def _options(self, args: Sequence[str | Path]) -> list[str]:
        """Decode here: processes are tested elsewhere, and take a while to start."""
        name = str(args[0])
        return ["--workers", "0"] if name in {"add", "rebuild"} or name not in index.commands else []


@pytest.fixture
def command(settings: Settings) -> Command:
    return Command(settings)


def test_a_path_is_indexed_without_naming_a_command(command: Command, songs: Path) -> None:
    result = command(songs)
    assert result.exit_code == 0
    assert f"{STEMS} embedded" in result.output
    assert "Published build" in result.output


def test_add_does_the_same(command: Command, songs: Path) -> None:
    assert f"{STEMS} embedded" in command("add", songs).output


def test_options_may_come_before_the_path(command: Command, songs: Path) -> None:
    write_stem(songs / "song-00/one.wav", stem_waveform(0, "keys", 9.0))  # type: ignore[arg-type] # a StrEnum's value
    result = command("--type", "keys", songs)
    assert f"{STEMS + 1} embedded" in result.output


def test_several_paths_are_indexed_together(command: Command, songs: Path) -> None:
    assert f"{STEMS} embedded" in command(songs / "song-00", songs / "song-01").output


def test_a_second_run_says_that_nothing_has_changed(command: Command, songs: Path) -> None:
    command(songs)
    result = command(songs)
    assert result.exit_code == 0
    assert "Nothing has changed" in result.output


def test_failures_are_listed_and_are_no_error(command: Command, songs: Path) -> None:
    (songs / "song-00/bass.wav").write_text("not sound")
    result = command(songs)
    assert result.exit_code == 0
    assert "song-00/bass.wav" in result.output
    assert "This is not audio" in result.output


class Meddler(FakeEmbedder):
    """Takes a file away before it is read: the next run might find it again."""

    def __init__(self, victim: Path) -> None:
        super().__init__()
        self._victim = victim

    def embed_stems(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        self._victim.unlink(missing_ok=True)
        return super().embed_stems(windows)


@pytest.mark.parametrize("name", ["add", "rebuild"])
def test_a_file_that_could_not_be_read_this_time_makes_the_run_incomplete(
    command: Command, songs: Path, name: str
) -> None:
    if name == "rebuild":
        command(songs)
        shutil.rmtree(command.settings.data / "vectors")
    command.embedder = Meddler(songs / "song-01/bass.wav")
    result = command(*([name, songs] if name == "add" else [name]))
    assert result.exit_code == INCOMPLETE == 75
    assert "The next run tries again." in result.output
    assert "Published build" in result.output
    assert command(songs).exit_code == 0


def test_a_missing_path_is_one_line(command: Command, tmp_path: Path) -> None:
    result = command(tmp_path / "nothing")
    assert result.exit_code == 1
    assert result.output.startswith("Error: There is no file or folder")
    assert result.output.count("\n") == 1


def test_a_folder_without_audio_is_one_line(command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = command(tmp_path / "empty")
    assert result.exit_code == 1
    assert "There is no audio file in" in result.output


def test_a_data_folder_that_cannot_be_written_is_one_line(songs: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = Command(Settings(data=tmp_path / "file" / "data"))(songs)
    assert result.exit_code == 1
    assert "cannot be written to" in result.output


def test_a_second_indexer_is_refused(command: Command, songs: Path) -> None:
    with lock_data(command.settings.data):
        result = command(songs)
    assert result.exit_code == 1
    assert "Another indexer" in result.output


def test_an_unknown_type_lists_the_known_ones(command: Command, songs: Path) -> None:
    result = command(songs, "--type", "kazoo")
    assert result.exit_code == 2
    assert "'drums', 'bass'" in result.output


def test_a_model_that_cannot_be_used_is_one_line(songs: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        index, [str(songs), "--data", str(tmp_path / "data"), "--model", str(tmp_path)]
    )
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")


def test_a_database_that_is_away_is_one_line(songs: Path, tmp_path: Path) -> None:
    command = Command(Settings(data=tmp_path / "data", database_url=AWAY))
    (tmp_path / "data").mkdir()
    for arguments in ((songs,), ("status",), ("remove", songs)):
        result = command(*arguments)
        assert result.exit_code == 1
        assert result.output.startswith("Error: The database fails: connection")
        assert "COUNTERPART_DATABASE_URL" in result.output
        assert "secret" not in result.output
        assert result.output.count("\n") == 1


@pytest.mark.parametrize("args", [["songs"], ["status"], ["check"]])
def test_a_wrong_setting_is_one_line(args: list[str]) -> None:
    result = CliRunner().invoke(index, args, env={"COUNTERPART_DEVICE": "gpu"})
    assert result.exit_code == 1
    assert result.output.startswith("Error: A setting is wrong. COUNTERPART_DEVICE: ")
    assert "'cpu' or 'cuda'" in result.output
    assert result.output.count("\n") == 1


def test_status_shows_types_and_failures(command: Command, songs: Path) -> None:
    (songs / "song-00/bass.wav").write_text("not sound")
    command(songs)
    result = command("status")
    assert result.exit_code == 0
    assert "drums" in result.output
    assert "song-00/bass.wav" in result.output


def test_status_without_a_library_says_what_to_run(command: Command) -> None:
    result = command("status")
    assert result.exit_code == 1
    assert "Run: counterpart index PATH" in result.output


def test_check_is_content_with_a_fresh_library(command: Command, songs: Path) -> None:
    command(songs)
    result = command("check")
    assert result.exit_code == 0
    assert "agree" in result.output


def test_check_names_what_is_wrong_and_fails(command: Command, songs: Path) -> None:
    command(songs)
    next((command.settings.data / "vectors").glob("*/*/*.npz")).unlink()
    result = command("check")
    assert result.exit_code == 1
    assert "without vectors" in result.output


def test_files_that_failed_are_read_again_if_somebody_asks(command: Command, songs: Path) -> None:
    path = songs / "song-00/bass.wav"
    sound = path.read_bytes()
    path.write_bytes(bytes(len(sound)))
    os.utime(path, (1, 1))
    command(songs)
    path.write_bytes(sound)  # stands for a reader that has become better
    os.utime(path, (1, 1))
    assert "1 failed" in command(songs).output
    assert "1 embedded, 0 recognised, 5 unchanged, 0 gone, 0 failed" in command(songs, "--retry").output


def test_rebuild_publishes_anew_without_embedding(command: Command, songs: Path) -> None:
    command(songs)
    result = command("rebuild")
    assert result.exit_code == 0
    assert "0 embedded" in result.output
    assert "Published build" in result.output


@pytest.mark.parametrize("args", [["--help"], ["add", "--help"], ["status", "--help"], ["remove", "--help"]])
def test_every_command_has_help_with_an_example(args: list[str]) -> None:
    result = CliRunner().invoke(index, args)
    assert result.exit_code == 0
    assert "Example: counterpart index" in result.output


def test_the_help_says_that_a_path_needs_no_command() -> None:
    output = CliRunner().invoke(index, ["--help"], prog_name="counterpart index").output
    assert "Usage: counterpart index PATH… | COMMAND" in output
    for name in ("add", "check", "rebuild", "remove", "status"):
        assert f"\n  {name}" in output


INTERRUPTED = """
import os, signal, sys
from indexer.cli import index
from indexer.command_options import Collaborators
from tests.fakes import FakeEmbedder

class Interrupts(FakeEmbedder):
    def embed_stems(self, windows):
        if self.embedded_windows == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return super().embed_stems(windows)

index(obj=Collaborators(lambda settings: Interrupts()))
"""


def test_ctrl_c_stops_cleanly_and_the_next_run_goes_on(command: Command, songs: Path) -> None:
    data = command.settings.data
    database = command.settings.database_url or f"sqlite:///{data.absolute() / 'counterpart.db'}"
    result = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", INTERRUPTED, str(songs), "--data", str(command.settings.data)],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "COUNTERPART_DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == STOPPED == 128 + signal.SIGINT
    assert "the next run goes on from there" in result.stdout
    assert "Traceback" not in result.stderr
    assert "4 embedded, 0 recognised, 2 unchanged" in command(songs).output
