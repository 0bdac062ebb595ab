import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE
from model.render.fluidsynth import Preset, Room, Stereo, Voice
from model.render.midi import UnreadableMidiError
from model.render.song import SongJob, TooFewStemsError, render_song
from tests.model.render.midi_files import ClickPlayer, Notes, write_midi

BAND = [Notes(0, 33, 40, 60), Notes(1, 0, 60, 60), Notes(9, 0, 36, 60)]


class QuietPlayer(ClickPlayer):
    """A synth on which nothing but the drums is heard."""

    def play(self, voices: tuple[Voice, ...], seconds: float, room: Room) -> Stereo:
        sound = super().play(voices, seconds, room)
        return sound if voices[0].part.is_drums else sound * np.float32(1e-4)

    def has_preset(self, preset: Preset) -> bool:
        return True


def make_job(folder: Path, tracks: list[Notes], **changes: float) -> SongJob:
    midi = write_midi(folder / "song.mid", tracks)
    job = SongJob(midi, folder / "out" / "song-v0", "ours", "own work", seed=1)
    return SongJob(**{**job.__dict__, **changes})


def read_onsets(path: Path) -> NDArray[np.float64]:
    stem, rate = soundfile.read(path, dtype="float32")
    loud = np.flatnonzero(np.abs(stem) > 0.3 * np.abs(stem).max())
    onsets: NDArray[np.float64] = loud[np.insert(np.diff(loud) > rate / 10, 0, True)] / rate
    return onsets


def test_a_song_becomes_a_folder_of_typed_stems(tmp_path: Path) -> None:
    job = make_job(tmp_path, BAND)
    render_song(job, ClickPlayer())
    assert sorted(path.name for path in job.folder.iterdir()) == [
        "bass.wav",
        "drums.wav",
        "keys.wav",
        "song.json",
    ]


def test_stems_are_mono_16_bit_at_16_khz_and_of_one_length(tmp_path: Path) -> None:
    job = make_job(tmp_path, BAND)
    note = render_song(job, ClickPlayer())
    infos = [soundfile.info(path) for path in job.folder.glob("*.wav")]
    assert {(info.samplerate, info.channels, info.subtype) for info in infos} == {(16_000, 1, "PCM_16")}
    assert {info.frames for info in infos} == {round(note["seconds"] * SAMPLE_RATE)}


def test_stems_of_a_song_start_together(tmp_path: Path) -> None:
    job = make_job(tmp_path, BAND)
    render_song(job, ClickPlayer())
    drums, bass, keys = (read_onsets(job.folder / f"{name}.wav") for name in ("drums", "bass", "keys"))
    assert len(drums) == 60
    assert np.allclose(drums, bass, atol=0.002)
    assert np.allclose(drums, keys, atol=0.002)
    assert np.allclose(np.diff(drums), 0.5, atol=0.002)


def test_the_note_tells_how_the_song_was_made(tmp_path: Path) -> None:
    job = make_job(tmp_path, BAND)
    note = render_song(job, ClickPlayer())
    assert json.loads((job.folder / "song.json").read_text()) == note
    assert note["midi"] == "song.mid"
    assert (note["source"], note["licence"], note["seed"]) == ("ours", "own work", 1)
    assert note["bpm"] == pytest.approx(120)
    assert set(note["stems"]) == {"drums", "bass", "keys"}
    assert note["stems"]["drums"]["notes"] == 60
    assert note["stems"]["bass"]["soundfont"].startswith("clicks-")


def test_stems_are_loud_but_not_clipped(tmp_path: Path) -> None:
    job = make_job(tmp_path, BAND)
    render_song(job, ClickPlayer())
    stems = [soundfile.read(path)[0] for path in job.folder.glob("*.wav")]
    peaks = [np.abs(stem).max() for stem in stems]
    assert all(0.1 < peak < 0.95 for peak in peaks)
    assert 0.8 < np.abs(np.sum(stems, axis=0)).max() <= 1.0
    assert len({round(float(peak), 2) for peak in peaks}) > 1


def test_a_long_song_is_cut_to_an_excerpt(tmp_path: Path) -> None:
    note = render_song(make_job(tmp_path, BAND, seconds=10.0), ClickPlayer())
    assert note["seconds"] == pytest.approx(10.0)


def test_the_same_seed_renders_the_same_and_another_does_not(tmp_path: Path) -> None:
    notes = []
    for number, seed in enumerate((1, 1, 2)):
        job = make_job(tmp_path, BAND, seed=seed)
        job = SongJob(**{**job.__dict__, "folder": tmp_path / str(number)})
        notes.append(render_song(job, ClickPlayer())["stems"])
    assert notes[0] == notes[1] != notes[2]


def test_a_variant_is_transposed_and_stretched_with_all_its_stems(tmp_path: Path) -> None:
    job = make_job(tmp_path, BAND, variant=3)
    note = render_song(job, ClickPlayer())
    drums, bass = (read_onsets(job.folder / f"{name}.wav") for name in ("drums", "bass"))
    assert note["bpm"] == pytest.approx(120 / note["stretch"], abs=0.01)
    assert note["stretch"] != 1.0
    assert np.allclose(np.diff(drums), 0.5 * note["stretch"], atol=0.002)
    assert np.allclose(drums, bass, atol=0.002)


def test_drums_are_never_transposed(tmp_path: Path) -> None:
    player = ClickPlayer()
    notes = [render_song(make_job(tmp_path / str(v), BAND, variant=v), player) for v in _folders(tmp_path, 6)]
    drums = [voices[0].part.notes[:, 2] for voices in player.played if voices[0].part.is_drums]
    assert {pitch for pitches in drums for pitch in pitches} == {36}
    assert len({note["transpose"] for note in notes}) > 2


def test_a_stem_that_cannot_be_heard_is_left_out(tmp_path: Path) -> None:
    with pytest.raises(TooFewStemsError, match="gives 1 stems, 2 are wanted"):
        render_song(make_job(tmp_path, BAND), QuietPlayer())
    assert not (tmp_path / "out").exists()


def test_a_broken_file_leaves_nothing_behind(tmp_path: Path) -> None:
    job = make_job(tmp_path, BAND)
    job.midi.write_bytes(b"not midi")
    with pytest.raises(UnreadableMidiError):
        render_song(job, ClickPlayer())
    assert not job.folder.parent.exists()


def test_what_a_killed_run_left_unfinished_is_replaced(tmp_path: Path) -> None:
    job = make_job(tmp_path, BAND)
    left = job.folder.parent / ".song-v0.unfinished"
    left.mkdir(parents=True)
    (left / "synth.wav").write_bytes(b"half")
    render_song(job, ClickPlayer())
    assert not left.exists()
    assert not (job.folder / "synth.wav").exists()


def _folders(folder: Path, count: int) -> range:
    for number in range(count):
        (folder / str(number)).mkdir()
    return range(count)
