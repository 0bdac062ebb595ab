import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from audio.decode import SAMPLE_RATE
from audio.stems import StemType
from model.render.song_folder import fade_out, name_song, name_songs, write_song_folder

ONES = np.ones(SAMPLE_RATE, np.float32)


def peak(path: Path) -> float:
    return float(np.abs(soundfile.read(path)[0]).max())


@pytest.mark.parametrize(
    ("source", "file", "name"),
    [
        ("ours", "a/One Song.mid", "ours-one-song"),
        ("Odd & Sods", "Ünder_the (Bridge)!.xm", "odd-sods-nder-the-bridge"),
    ],
)
def test_names_are_plain(source: str, file: str, name: str) -> None:
    assert name_song(source, file) == name


def test_no_two_songs_share_a_name() -> None:
    files = ["a/01.mid", "b/01.mid", "夜.mid", "紅.mid", "two.mid"]
    names = name_songs([("midi", file) for file in files])
    assert len(set(names.values())) == len(files)
    assert names["midi", "two.mid"] == "midi-two"
    assert names["midi", "a/01.mid"].startswith("midi-01-")
    assert all(name.isascii() for name in names.values())


def test_a_song_is_called_the_same_on_every_machine() -> None:
    given = [("midi", "a/01.mid"), ("midi", "b/01.mid")]
    assert name_songs(given) == name_songs(given[::-1])
    assert name_songs(given)["midi", "a/01.mid"] == "midi-01-0dc9912a"


def test_a_stem_ends_without_a_click_and_is_not_changed_itself() -> None:
    faded = fade_out(ONES)
    assert faded[-1] == 0.0
    assert faded[-SAMPLE_RATE // 10] == 1.0
    assert ONES[-1] == 1.0


def test_the_sum_of_the_stems_is_kept_below_a_peak(tmp_path: Path) -> None:
    note: dict[str, Any] = {"seconds": 1.0}
    stems = {StemType.DRUMS: ONES, StemType.BASS: 0.5 * ONES}
    write_song_folder(tmp_path / "a", stems, note, loudest=0.9)
    assert note["gain"] == pytest.approx(0.6)
    assert peak(tmp_path / "a/drums.wav") == pytest.approx(0.6, abs=1e-3)
    assert json.loads((tmp_path / "a/song.json").read_text()) == note


def test_a_stem_that_another_cancels_does_not_clip_alone(tmp_path: Path) -> None:
    write_song_folder(tmp_path / "a", {StemType.DRUMS: 3 * ONES, StemType.BASS: -3 * ONES}, {}, loudest=0.9)
    assert peak(tmp_path / "a/bass.wav") == pytest.approx(0.9, abs=1e-3)


def test_quiet_stems_stay_as_they_are(tmp_path: Path) -> None:
    note: dict[str, Any] = {}
    write_song_folder(tmp_path / "a", {StemType.DRUMS: 0.1 * ONES}, note)
    assert note["gain"] == 1.0


def test_a_folder_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        write_song_folder(tmp_path / "a", {StemType.DRUMS: ONES}, {"odd": object()})
    assert not (tmp_path / "a").exists()
    write_song_folder(tmp_path / "a", {StemType.DRUMS: ONES}, {})
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_song_that_another_process_finished_first_stays(tmp_path: Path) -> None:
    """Workers of a run that was killed go on with their song while the next run begins with it."""
    write_song_folder(tmp_path / "a", {StemType.DRUMS: ONES}, {"by": "the first"})
    write_song_folder(tmp_path / "a", {StemType.DRUMS: ONES}, {"by": "the second"})
    assert json.loads((tmp_path / "a/song.json").read_text())["by"] == "the first"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_what_a_killed_process_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".a.4711.unfinished").mkdir()
    (tmp_path / ".a.4711.unfinished/drums.wav").write_bytes(b"half")
    (tmp_path / ".b.4711.unfinished").mkdir()
    write_song_folder(tmp_path / "a", {StemType.DRUMS: ONES}, {})
    assert sorted(path.name for path in tmp_path.iterdir()) == [".b.4711.unfinished", "a"]


def test_a_folder_that_holds_something_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/mine.txt").write_text("mine")
    with pytest.raises(OSError, match="not empty"):
        write_song_folder(tmp_path / "a", {StemType.DRUMS: ONES}, {})
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["mine.txt"]
