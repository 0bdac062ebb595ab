"""What goes wrong around `counterpart index` is a sentence, and Ctrl-C ends what it should."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from indexer.command_options import STOPPED
from tests.indexer.indexing import Indexing
from tests.indexer.test_cli import REPOSITORY, Command


@pytest.fixture
def command(indexing: Indexing) -> Command:
    return Command(indexing.settings)


@pytest.mark.parametrize("arguments", [[], ["remove"]], ids=["add", "remove"])
def test_a_place_whose_name_is_not_utf_8_is_one_line(
    command: Command, songs: Path, tmp_path: Path, arguments: list[str]
) -> None:
    command(songs)
    place = tmp_path / os.fsdecode(b"bad\xff\n")
    place.mkdir()
    result = command(*arguments, place)
    assert result.exit_code == 1
    assert result.output.startswith("Error: The name of ")
    assert r"bad\udcff\n is not valid UTF-8" in result.output
    assert result.output.count("\n") == 1


def test_a_link_that_leads_back_to_itself_is_one_line(command: Command, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    result = command(tmp_path / "loop")
    assert result.exit_code == 1
    assert result.output.startswith("Error: There is no file or folder")


def test_an_empty_folder_beside_stems_is_a_warning_until_it_had_some(
    command: Command, songs: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    result = command(empty, songs)
    assert result.exit_code == 0
    assert f"There is no audio file in {empty}." in result.output
    (songs / "song-00").rename(empty / "song-00")
    assert command(empty, songs).exit_code == 0
    (empty / "song-00").rename(songs / "song-00")
    result = command(empty, songs)
    assert result.exit_code == 1
    assert f"counterpart index remove {empty}" in result.output


def test_columns_that_are_not_understood_are_told(command: Command, songs: Path) -> None:
    (songs / "manifest.csv").write_text("file,typ\nsong-00/bass.wav,keys\n")
    result = command(songs)
    assert result.exit_code == 0
    assert "not understood: typ." in result.output


def test_text_as_long_as_may_be_is_taken_by_every_database(command: Command, songs: Path) -> None:
    """Of letters that do not compress, four bytes each."""
    text = "".join(chr(0x20000 + 97 * number) for number in range(500))
    (songs / "manifest.csv").write_text(f"file,song,key,tags\nsong-00/bass.wav,{text},{text},{text}\n")
    assert "6 embedded" in command(songs).output


@pytest.mark.parametrize("name", ["status", "check"])
def test_an_empty_data_folder_says_what_to_run(command: Command, name: str) -> None:
    command.settings.data.mkdir()
    result = command(name)
    assert result.exit_code == 1
    assert "Run: counterpart index PATH" in result.output


def test_a_rebuild_without_a_file_that_is_gone_says_what_to_run_and_is_done(
    command: Command, songs: Path
) -> None:
    command(songs)
    next((command.settings.data / "vectors").glob("*/*/*.npz")).unlink()
    lost = songs / "song-00/bass.wav"
    lost.unlink()
    for _ in range(2):
        result = command("rebuild")
        assert result.exit_code == 0
        assert f"counterpart index remove {lost}" in result.output
        assert "Run: counterpart index rebuild" not in result.output


# Whoever runs the tests may have Ctrl-C ignored, and what they start with it.
HEARD = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"


def open_for_reader(pipe: Path, process: subprocess.Popen[str]) -> int:
    """The pipe to write to, as soon as `process` reads."""
    while process.poll() is None:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"It ended before it read anything, with {process.returncode}.")


def test_ctrl_c_ends_a_check_at_once(indexing: Indexing) -> None:
    """It waits for vectors that never come, so only the signal can end it."""
    indexing.run()
    (shard,) = (indexing.settings.data / "vectors").glob("*/*/*.npz")
    shard.unlink()
    os.mkfifo(shard)
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [
            sys.executable,
            "-c",
            f"{HEARD}; from indexer.cli import index; index()",
            "check",
            "--data",
            indexing.settings.data,
        ],
        cwd=REPOSITORY,
        env=os.environ | {"COUNTERPART_DATABASE_URL": indexing.settings.catalogue_url},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        writer = open_for_reader(shard, process)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == STOPPED
        os.close(writer)
        assert process.stdout is not None
        assert "Stopped." in process.stdout.read()
