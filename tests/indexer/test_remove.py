"""`counterpart index remove` as a person uses it."""

from pathlib import Path

import pytest

from library.settings import Settings
from tests.indexer.test_cli import Command


@pytest.fixture
def command(settings: Settings) -> Command:
    return Command(settings)


def test_remove_says_how_many(command: Command, songs: Path) -> None:
    command(songs)
    result = command("remove", songs / "song-00")
    assert "Removed 3 stems" in result.output
    assert "removed since the build: 3" in command("status").output


def test_remove_counts_in_words(command: Command, songs: Path) -> None:
    (songs / "song-00/bass.wav").write_text("not sound")
    command(songs)
    assert "Removed 1 stem. It comes back" in command("remove", songs / "song-00/keys.wav").output
    assert "No stem was removed" in command("remove", songs / "song-00/bass.wav").output


def test_removing_what_is_not_there_is_one_line_and_makes_nothing(command: Command, songs: Path) -> None:
    first = command("remove", songs)
    assert (first.exit_code, command.settings.data.exists()) == (1, False)
    assert "There is no index in" in first.output
    command(songs)
    second = command("remove", songs / "nothing")
    assert second.exit_code == 1
    assert second.output.startswith("Error: The library has nothing at or below")
    assert second.output.count("\n") == 1
