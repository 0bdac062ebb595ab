from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from model.render.command import compose, render
from model.render.dataset import Wanted, plan_jobs, try_song
from tests.model.render.midi_files import ClickPlayer, Notes, write_midi


def test_render_and_compose_explain_themselves_with_an_example() -> None:
    for command in (render, compose):
        result = CliRunner().invoke(command, ["--help"])
        assert result.exit_code == 0
        assert f"Example: counterpart model {command.name}" in result.output


def test_an_empty_folder_ends_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "midi").mkdir()
    (tmp_path / "a.sf2").write_bytes(b"")
    options = ["--out", str(tmp_path / "out"), "--soundfont", str(tmp_path / "a.sf2")]
    result = CliRunner().invoke(render, [str(tmp_path / "midi"), *options])
    assert result.exit_code == 1
    assert "holds no MIDI file that is wanted" in " ".join(result.output.split())


def test_an_index_without_a_column_ends_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "midi").mkdir()
    (tmp_path / "midi" / "index.csv").write_text("file,source\nsong.mid,ours\n")
    (tmp_path / "a.sf2").write_bytes(b"")
    options = ["--out", str(tmp_path / "out"), "--soundfont", str(tmp_path / "a.sf2")]
    result = CliRunner().invoke(render, [str(tmp_path / "midi"), *options])
    assert result.exit_code == 1
    assert "index.csv lacks licence of a song" in result.stderr


@pytest.mark.parametrize(("option", "value"), [("--seed", "-1"), ("--songs", "0")])
def test_a_seed_below_0_or_no_songs_compose_nothing(tmp_path: Path, option: str, value: str) -> None:
    result = CliRunner().invoke(compose, ["--out", str(tmp_path / "midi"), option, value])
    assert result.exit_code == 2
    assert f"Invalid value for '{option}'" in result.output
    assert not (tmp_path / "midi").exists()


def test_what_is_rendered_already_needs_no_synth(tmp_path: Path) -> None:
    (tmp_path / "midi").mkdir()
    write_midi(tmp_path / "midi/song.mid", [Notes(0, 0)])
    (tmp_path / "out/midi-song-v0").mkdir(parents=True)
    (tmp_path / "a.sf2").write_bytes(b"")
    options = ["--out", str(tmp_path / "out"), "--soundfont", str(tmp_path / "a.sf2")]
    result = CliRunner().invoke(render, [str(tmp_path / "midi"), *options])
    assert result.exit_code == 0
    assert "1 songs are in" in result.output


def test_a_soundfont_that_is_none_ends_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "midi").mkdir()
    write_midi(tmp_path / "midi/song.mid", [Notes(0, 0), Notes(9, 0)])
    (tmp_path / "a.sf2").write_bytes(b"no soundfont")
    options = ["--out", str(tmp_path / "out"), "--soundfont", str(tmp_path / "a.sf2")]
    result = CliRunner().invoke(render, [str(tmp_path / "midi"), *options])
    assert result.exit_code == 1
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Give a .sf2 or .sf3 file" in result.output or "Run: apt install" in result.output


def test_a_soundfont_that_is_missing_is_named_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / "midi").mkdir()
    options = ["--out", str(tmp_path / "out"), "--soundfont", str(tmp_path / "missing.sf2")]
    result = CliRunner().invoke(render, [str(tmp_path / "midi"), *options])
    assert result.exit_code == 2
    assert "missing.sf2" in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.mma
def test_composed_songs_can_be_rendered_as_they_are(tmp_path: Path) -> None:
    result = CliRunner().invoke(compose, ["--out", str(tmp_path / "midi"), "--songs", "2", "--seed", "3"])
    assert result.exit_code == 0, result.output
    jobs = plan_jobs(tmp_path / "midi", tmp_path / "out", Wanted())
    assert sorted(job.folder.name for job in jobs) == ["generated-0003-00000-v0", "generated-0003-00001-v0"]
    assert {job.source for job in jobs} == {"generated"}
    assert [try_song(job, ClickPlayer()).problem for job in jobs] == [None, None]


def test_a_grid_and_a_stretch_contradict_each_other(tmp_path: Path) -> None:
    (tmp_path / "a.sf2").write_bytes(b"")
    options = ["--out", str(tmp_path / "out"), "--soundfont", str(tmp_path / "a.sf2")]
    result = CliRunner().invoke(render, [str(tmp_path), *options, "--grid", "120", "--stretch", "1.1"])
    assert result.exit_code == 2
    assert "not both" in result.output
    assert not (tmp_path / "out").exists()


def test_a_folder_rendered_in_another_manner_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "midi").mkdir()
    write_midi(tmp_path / "midi/song.mid", [Notes(0, 0)])
    (tmp_path / "out/midi-song-v0").mkdir(parents=True)
    (tmp_path / "a.sf2").write_bytes(b"")
    options = ["--out", str(tmp_path / "out"), "--soundfont", str(tmp_path / "a.sf2")]
    first = CliRunner().invoke(render, [str(tmp_path / "midi"), *options, "--palette", "plain"])
    assert first.exit_code == 0
    assert (tmp_path / "out/data-card.json").exists()
    second = CliRunner().invoke(render, [str(tmp_path / "midi"), *options, "--transpose", "2"])
    assert second.exit_code == 1
    assert "Give another --out folder" in " ".join(second.output.split())


@pytest.mark.parametrize(
    ("option", "value"),
    [("--variants", "0"), ("--limit", "-1"), ("--seconds", "0"), ("--seconds", "nan"), ("--workers", "0")],
)
def test_numbers_that_make_no_sense_render_nothing(tmp_path: Path, option: str, value: str) -> None:
    (tmp_path / "a.sf2").write_bytes(b"")
    options = ["--out", str(tmp_path / "out"), "--soundfont", str(tmp_path / "a.sf2"), option, value]
    result = CliRunner().invoke(render, [str(tmp_path), *options])
    assert result.exit_code == 2
    assert f"Invalid value for '{option}'" in result.output
    assert not (tmp_path / "out").exists()


def refuse(command: click.Command, *arguments: object) -> str:
    """The one line that a command ends with."""
    result = CliRunner().invoke(command, [str(each) for each in arguments])
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    return result.stderr.splitlines()[-1]


def test_a_card_that_is_none_and_a_place_that_is_a_file_end_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "midi").mkdir()
    write_midi(tmp_path / "midi/song.mid", [Notes(0, 0)])
    (tmp_path / "a.sf2").write_bytes(b"")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/data-card.json").write_text("{broken")
    given = (tmp_path / "midi", "--soundfont", tmp_path / "a.sf2", "--out")
    assert "data-card.json is not JSON" in refuse(render, *given, tmp_path / "out")
    assert "Not a directory" in refuse(render, *given, tmp_path / "a.sf2" / "out")


@pytest.mark.mma
def test_an_index_that_cannot_be_gone_on_with_ends_in_a_sentence(tmp_path: Path) -> None:
    for content, told in (
        ("file\n".encode("utf-16"), "not a CSV table"),
        (b"name\na.mid\n", "without a file"),
    ):
        (tmp_path / "index.csv").write_bytes(content)
        assert told in refuse(compose, "--out", tmp_path, "--songs", 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.csv"]
