from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pytest

from model.render.beats import NoGridError, bar_seconds, retime
from model.render.excerpt import choose_bars
from model.render.midi import BeatMap, MidiSong, Part, read_midi
from tests.model.render.midi_files import Notes, make_part, write_midi


def write_with_tempi(path: Path, *, metre: tuple[int, int] = (4, 4), shift: int = 0) -> Path:
    """32 beats: sixteen at 120, then at 90 beats a minute, one note each beat."""
    midi = mido.MidiFile(str(write_midi(path, [Notes(0, 0, count=32), Notes(9, 0, 36, 32)], bpm=120)))
    midi.tracks[0].append(
        mido.MetaMessage("time_signature", numerator=metre[0], denominator=metre[1], time=shift)
    )
    midi.tracks[0].append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(90), time=480 * 16 - shift))
    midi.save(str(path))
    return path


def test_a_song_of_several_tempi_is_retimed_to_one(tmp_path: Path) -> None:
    song = retime(read_midi(write_with_tempi(tmp_path / "a.mid")), 100.0)
    assert song.bpm == 100
    assert np.allclose(song.parts[0].notes[:, 0], np.arange(32) * 0.6, atol=1e-3)
    assert np.allclose(song.parts[0].notes[:, 1] - song.parts[0].notes[:, 0], 0.3, atol=1e-3)


def test_the_beat_map_counts_through_changes_of_tempo(tmp_path: Path) -> None:
    beat_map = read_midi(write_with_tempi(tmp_path / "a.mid")).beat_map
    seconds = np.array([0.0, 4.0, 8.0, 8.0 + 60 / 90, 8.0 + 600 / 90])
    assert beat_map.beats_at(seconds) == pytest.approx([0, 8, 16, 17, 26], abs=1e-3)
    assert beat_map.metres == ((0.0, 4, 4),)


def test_controls_are_retimed_too(tmp_path: Path) -> None:
    path = write_with_tempi(tmp_path / "a.mid")
    midi = mido.MidiFile(str(path))
    midi.tracks[1].insert(1, mido.Message("control_change", control=64, value=127))
    midi.save(str(path))
    (control,) = retime(read_midi(path), 100.0).parts[0].controls
    assert control.seconds == 0.0


@pytest.mark.parametrize("metre", [(3, 4), (6, 8), (2, 4)])
def test_other_metres_have_no_place_on_the_grid(tmp_path: Path, metre: tuple[int, int]) -> None:
    song = read_midi(write_with_tempi(tmp_path / "a.mid", metre=metre))
    with pytest.raises(NoGridError, match=f"in {metre[0]}/{metre[1]}"):
        retime(song, 120.0)


def test_bars_that_are_shifted_in_mid_song_are_refused(tmp_path: Path) -> None:
    song = read_midi(write_with_tempi(tmp_path / "a.mid", shift=480 * 3))
    with pytest.raises(NoGridError, match="shifted"):
        retime(song, 120.0)


def test_notes_played_without_regard_to_the_beat_are_refused() -> None:
    starts = np.sort(np.random.default_rng(0).uniform(0, 60, 200))
    free = Part(0, 0, np.stack([starts, starts + 0.2, np.full(200, 60), np.full(200, 90)], axis=1))
    with pytest.raises(NoGridError, match="do not follow"):
        retime(MidiSong((free,), 60.0, 120.0), 120.0)


def test_an_excerpt_on_the_grid_has_whole_bars_from_a_bar_line() -> None:
    part = make_part(0, 0, count=200, start=3.0)
    song = MidiSong((part,), 103.0, 120.0, BeatMap())
    start, seconds = choose_bars(song, 31.0, np.random.default_rng(0))
    assert seconds == pytest.approx(15 * bar_seconds(120.0))
    assert (start / bar_seconds(120.0)) % 1 == pytest.approx(0)
    assert start >= 2.0


def test_a_short_song_gives_the_bars_it_has_and_a_tiny_one_none() -> None:
    song = MidiSong((make_part(0, 0, count=24),), 11.9, 120.0)
    assert choose_bars(song, 60.0, np.random.default_rng(0)) == (0.0, 12.0)
    with pytest.raises(NoGridError, match="It has 2 bars"):
        choose_bars(
            replace(song, parts=(make_part(0, 0, count=8),), seconds=3.9), 60.0, np.random.default_rng(0)
        )
