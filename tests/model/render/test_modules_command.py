"""`counterpart model modules` as it is called."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from model.cli import model
from model.render.data_card import CARD, write_card
from model.render.song import Manner
from tests.model.render.mod_files import write_band

needs_library = pytest.mark.openmpt


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(model, ["modules", *map(str, arguments)])


def said(result: Result) -> str:
    return " ".join(result.output.split())


@pytest.fixture
def music(tmp_path: Path) -> Path:
    write_band(tmp_path / "music/band.mod")
    return tmp_path / "music"


def test_it_explains_itself_with_an_example() -> None:
    result = invoke("--help")
    assert result.exit_code == 0
    assert "Example: counterpart model modules" in result.output


@needs_library
def test_a_folder_becomes_songs_and_a_card(music: Path, tmp_path: Path) -> None:
    result = invoke(music, "--out", tmp_path / "out", "--seconds", "20")
    assert result.exit_code == 0, result.output
    assert "1 songs are in" in said(result)
    (song,) = (tmp_path / "out").glob("music-band-*")
    assert sorted(path.name for path in song.iterdir()) == ["bass.wav", "drums.wav", "song.json", "synth.wav"]
    card = json.loads((tmp_path / "out" / CARD).read_text())
    assert (card["songs"], card["hours"]) == (1, pytest.approx(20 / 3600, abs=1e-3))
    assert card["sources"] == [{"source": "music", "licence": "not stated", "songs": 1}]


@needs_library
def test_what_is_left_out_is_said_and_the_rest_is_done(music: Path, tmp_path: Path) -> None:
    (music / "copy.mod").write_bytes((music / "band.mod").read_bytes())
    (music / "broken.xm").write_bytes(b"nothing")
    write_band(music / "jingle.mod", patterns=1)
    result = invoke(music, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "skipped: copy.mod is left out. It is the same as band.mod." in said(result)
    assert "skipped: broken.xm is no module, or is damaged." in said(result)
    assert "skipped: jingle.mod is left out. It lasts 7.7 s" in said(result)
    assert "1 songs are in" in said(result)


@needs_library
def test_it_goes_on_where_it_stopped(music: Path, tmp_path: Path) -> None:
    invoke(music, "--out", tmp_path / "out")
    (note,) = (tmp_path / "out").glob("*/song.json")
    before = note.stat().st_mtime_ns
    write_band(music / "more.mod", patterns=5)
    assert "2 songs are in" in said(invoke(music, "--out", tmp_path / "out"))
    assert note.stat().st_mtime_ns == before


@needs_library
def test_a_limit_leaves_the_rest_for_later(music: Path, tmp_path: Path) -> None:
    write_band(music / "more.mod", patterns=5)
    assert "1 songs are in" in said(invoke(music, "--out", tmp_path / "out", "--limit", "1"))


@needs_library
def test_a_folder_without_modules_ends_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    result = invoke(tmp_path / "music", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "holds no module" in said(result)
    assert not (tmp_path / "out").exists()


def test_a_folder_of_songs_from_midi_is_refused_in_words(music: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_card(tmp_path / "out", Manner(), [], seed=0)
    result = invoke(music, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "Give another --out folder" in said(result)


@needs_library
def test_a_folder_that_is_no_release_ends_in_a_sentence(music: Path, tmp_path: Path) -> None:
    result = invoke(music, "--out", tmp_path / "out", "--release", music)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert str(music) in said(result).replace(" ", "") or "card.json" in said(result)


@needs_library
def test_a_release_that_cannot_guess_ends_in_a_sentence(music: Path, tmp_path: Path, release: Path) -> None:
    result = invoke(music, "--out", tmp_path / "out", "--release", release)
    assert result.exit_code == 1
    assert "cannot guess types" in said(result)
