"""Songs rendered with the varied palette, in other keys and tempi, and on a grid."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE
from model.render.beats import NoGridError
from model.render.palette import PLAIN, VARIED
from model.render.song import Manner, SongJob, render_song
from tests.model.render.midi_files import ClickPlayer, Notes, write_midi
from tests.model.render.sounds import measure_midi_pitch

BAND = [Notes(0, 33, 45, 60), Notes(1, 0, 60, 60), Notes(9, 0, 36, 60), Notes(2, 53, 64, 60)]
OWN = replace(VARIED, drums=1.0, bass=1.0, vocals=1.0, keys=1.0, effects=False, performance=False)
CHANGED = {"transpose", "stretch", "seconds", "bpm", "gain"}


def render(folder: Path, manner: Manner, name: str = "out", **changes: Any) -> tuple[dict[str, Any], Path]:
    folder.mkdir(parents=True, exist_ok=True)
    midi = write_midi(folder / "song.mid", BAND)
    job = SongJob(midi, folder / name, "ours", "own work", seed=1, manner=manner)
    job = replace(job, **changes)
    return render_song(job, ClickPlayer()), job.folder


def read(path: Path) -> NDArray[np.float64]:
    stem, _ = soundfile.read(path)
    return np.asarray(stem, np.float64)


def drawn(note: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in note.items() if key not in CHANGED}


def test_a_varied_song_notes_all_that_was_drawn(tmp_path: Path) -> None:
    note, folder = render(tmp_path, Manner(VARIED))
    assert note["palette"] == "varied"
    for stem in note["stems"].values():
        assert {"engine", "performance", "effects", "peak", "notes"} <= set(stem)
    assert {path.stem for path in folder.glob("*.wav")} == {"drums", "bass", "vocals", "keys"}


def test_stems_of_a_varied_song_are_equally_long_and_their_sum_does_not_clip(tmp_path: Path) -> None:
    for seed in range(3):
        note, folder = render(tmp_path, Manner(VARIED), name=str(seed), seed=seed)
        stems = [read(path) for path in folder.glob("*.wav")]
        assert {len(stem) for stem in stems} == {round(note["seconds"] * SAMPLE_RATE)}
        assert np.abs(np.sum(stems, axis=0)).max() <= 1.0
        assert all(np.abs(stem).max() > 0.02 for stem in stems)


@pytest.mark.parametrize("stretch", [0.99991, 1.00003, 1.00017])
def test_soundfonts_and_our_own_instruments_agree_on_the_length(tmp_path: Path, stretch: float) -> None:
    mixed = replace(OWN, drums=0.0, keys=0.0)
    note, folder = render(tmp_path, Manner(mixed, stretch=stretch))
    assert {stem["engine"] for stem in note["stems"].values()} == {"soundfont", "electronic", "voice"}
    assert len({len(read(path)) for path in folder.glob("*.wav")}) == 1


def test_a_varied_song_is_the_same_again(tmp_path: Path) -> None:
    folders = [render(tmp_path, Manner(VARIED), name=name)[1] for name in "ab"]
    for name in ("drums", "bass", "vocals", "keys"):
        one, other = (read(folder / f"{name}.wav") for folder in folders)
        assert np.array_equal(one, other)


@pytest.mark.parametrize("palette", [PLAIN, VARIED], ids=lambda palette: palette.name)
def test_in_another_key_or_tempo_all_else_is_drawn_the_same(tmp_path: Path, palette: Any) -> None:
    manners = (Manner(palette), Manner(palette, transpose=3), Manner(palette, stretch=1.25))
    notes = [render(tmp_path / str(n), manner)[0] for n, manner in enumerate(manners)]
    assert drawn(notes[0]) == drawn(notes[1]) == drawn(notes[2])
    assert notes[1]["transpose"] == 3
    assert notes[2]["bpm"] == pytest.approx(96)


def test_a_fixed_key_and_tempo_stand_for_the_drawn_ones_of_a_variant(tmp_path: Path) -> None:
    note, _ = render(tmp_path, Manner(PLAIN, transpose=0, stretch=1.0), variant=3)
    assert (note["transpose"], note["stretch"]) == (0, 1.0)


def test_a_transposed_stem_sounds_that_much_higher(tmp_path: Path) -> None:
    for semitones in (0, 5):
        _, folder = render(tmp_path / str(semitones), Manner(OWN, transpose=semitones))
        bass = read(folder / "bass.wav")[round(0.05 * SAMPLE_RATE) : round(0.45 * SAMPLE_RATE)]
        pitch = measure_midi_pitch(bass.astype(np.float32), 45 + semitones)
        assert pitch == pytest.approx(45 + semitones, abs=0.4)


def test_a_song_on_the_grid_has_whole_bars_at_the_wanted_tempo(tmp_path: Path) -> None:
    note, folder = render(tmp_path, Manner(OWN, grid=100.0), seconds=20.0)
    assert note["bpm"] == 100
    assert note["written_bpm"] == pytest.approx(120)
    assert note["seconds"] / 2.4 == pytest.approx(8)
    drums = np.abs(read(folder / "drums.wav"))
    loud = np.flatnonzero(drums > 0.5 * drums.max()) / SAMPLE_RATE
    onsets = loud[np.insert(np.diff(loud) > 0.3, 0, True)]
    assert np.allclose(onsets / 0.6, np.round(onsets / 0.6), atol=0.03)


def test_variants_on_the_grid_keep_its_tempo(tmp_path: Path) -> None:
    note, _ = render(tmp_path, Manner(VARIED, grid=100.0), variant=2, seconds=20.0)
    assert note["stretch"] == 1.0
    assert note["drift"] == []


def test_a_song_too_short_for_the_grid_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(NoGridError, match="bars"):
        render(tmp_path, Manner(PLAIN, grid=100.0), seconds=5.0)
    assert not (tmp_path / "out").exists()
