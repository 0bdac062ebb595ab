"""From MIDI to stems with the real synth and a soundfont of one sine. Skipped only without FluidSynth."""

import json
from collections.abc import Iterator
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from numpy.typing import NDArray

from audio.decode import SAMPLE_RATE
from model.render.command import render
from model.render.fluidsynth import DRUM_BANK, Synth
from model.render.song import SongJob, render_song
from tests.model.render.midi_files import Notes, write_midi
from tests.model.render.soundfont import write_soundfont

pytestmark = pytest.mark.fluidsynth
BAND = [Notes(0, 33, 45, 40), Notes(1, 0, 69, 40), Notes(9, 0, 57, 40), Notes(2, 73, 76, 40)]
ALL_PRESETS = [(0, program) for program in range(128)] + [(DRUM_BANK, 0)]


@pytest.fixture
def soundfont(tmp_path: Path) -> Path:
    return write_soundfont(tmp_path / "sine.sf2", ALL_PRESETS)


@pytest.fixture
def synth(soundfont: Path) -> Iterator[Synth]:
    opened = Synth([soundfont])
    yield opened
    opened.close()


def render_band(folder: Path, synth: Synth, tracks: list[Notes], seed: int = 1, variant: int = 0) -> Path:
    midi = write_midi(folder / "song.mid", tracks)
    job = SongJob(midi, folder / f"out-{seed}-{variant}", "ours", "own work", seed, variant)
    render_song(job, synth)
    return job.folder


def read_stem(path: Path) -> NDArray[np.float64]:
    stem, _ = soundfile.read(path)
    return np.asarray(stem, np.float64)


def find_onset(stem: NDArray[np.float64]) -> float:
    return int(np.flatnonzero(np.abs(stem) > 0.1 * np.abs(stem).max())[0]) / SAMPLE_RATE


def measure_pitch(stem: NDArray[np.float64]) -> float:
    spectrum = np.abs(np.fft.rfft(stem * np.hanning(len(stem))))
    return int(np.argmax(spectrum)) * SAMPLE_RATE / len(stem)


@pytest.mark.parametrize("seed", range(4))
def test_notes_written_together_start_together_whatever_the_sound(
    tmp_path: Path, synth: Synth, seed: int
) -> None:
    folder = render_band(tmp_path, synth, BAND, seed)
    onsets = [find_onset(read_stem(path)) for path in folder.glob("*.wav")]
    assert len(onsets) >= 4
    assert max(onsets) - min(onsets) < 0.008


def test_a_part_that_enters_later_is_silent_until_then(tmp_path: Path, synth: Synth) -> None:
    tracks = [*BAND[:3], Notes(2, 73, 76, 32, first=8)]
    folder = render_band(tmp_path, synth, tracks)
    wind = read_stem(folder / "wind.wav")
    assert find_onset(wind) == pytest.approx(4.0, abs=0.01)
    assert np.abs(wind[: round(3.9 * SAMPLE_RATE)]).max() < 1e-3


def test_stems_play_the_pitches_of_their_parts(tmp_path: Path, synth: Synth) -> None:
    folder = render_band(tmp_path, synth, BAND[:3])
    assert measure_pitch(read_stem(folder / "keys.wav")) == pytest.approx(500, rel=0.03)
    assert measure_pitch(read_stem(folder / "bass.wav")) == pytest.approx(125, rel=0.03)


def test_a_variant_is_transposed_as_its_note_says(tmp_path: Path, synth: Synth) -> None:
    folder = render_band(tmp_path, synth, BAND[:3], variant=2)
    semitones = json.loads((folder / "song.json").read_text())["transpose"]
    pitch = measure_pitch(read_stem(folder / "keys.wav"))
    assert pitch == pytest.approx(500 * 2 ** (semitones / 12), rel=0.03)
    assert measure_pitch(read_stem(folder / "drums.wav")) == pytest.approx(250, rel=0.03)


def test_nothing_rings_over_from_one_song_to_the_next(tmp_path: Path, synth: Synth) -> None:
    late = [Notes(0, 33, 45, 20, first=2), Notes(9, 0, 57, 20, first=2), Notes(1, 0, 69, 20)]
    render_band(tmp_path, synth, BAND, seed=5)
    folder = render_band(tmp_path, synth, late, seed=6)
    bass = read_stem(folder / "bass.wav")
    assert np.abs(bass[: round(0.9 * SAMPLE_RATE)]).max() < 1e-3


def test_a_song_ends_without_a_click(tmp_path: Path, synth: Synth) -> None:
    folder = render_band(tmp_path, synth, BAND)
    assert all(np.abs(read_stem(path)[-4:]).max() < 1e-3 for path in folder.glob("*.wav"))


def test_a_bent_note_is_rendered_bent(tmp_path: Path, synth: Synth) -> None:
    path = write_midi(tmp_path / "bent.mid", BAND[:3])
    midi = mido.MidiFile(str(path))
    midi.tracks[2].insert(1, mido.Message("pitchwheel", channel=1, pitch=8191))
    midi.save(str(path))
    render_song(SongJob(path, tmp_path / "bent", "ours", "own work", 1), synth)
    pitch = measure_pitch(read_stem(tmp_path / "bent" / "keys.wav"))
    assert pitch == pytest.approx(500 * 2 ** (2 / 12), rel=0.03)


def invoke_render(midi: Path, out: Path, soundfont: Path, *options: str) -> str:
    arguments = [str(midi), "--out", str(out), "--soundfont", str(soundfont), *options]
    result = CliRunner().invoke(render, arguments)
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_the_command_renders_a_folder(tmp_path: Path, soundfont: Path) -> None:
    (tmp_path / "midi").mkdir()
    write_midi(tmp_path / "midi/one.mid", BAND)
    assert "2 songs are in" in invoke_render(
        tmp_path / "midi", tmp_path / "out", soundfont, "--variants", "2", "--seconds", "5"
    )
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "data-card.json",
        "midi-one-v0",
        "midi-one-v1",
    ]
    assert soundfile.info(tmp_path / "out/midi-one-v0/drums.wav").duration == pytest.approx(5.0)


def test_the_command_goes_on_where_it_stopped(tmp_path: Path, soundfont: Path) -> None:
    (tmp_path / "midi").mkdir()
    write_midi(tmp_path / "midi/one.mid", BAND)
    invoke_render(tmp_path / "midi", tmp_path / "out", soundfont)
    before = (tmp_path / "out/midi-one-v0/song.json").stat().st_mtime_ns
    write_midi(tmp_path / "midi/two.mid", BAND)
    assert "2 songs are in" in invoke_render(tmp_path / "midi", tmp_path / "out", soundfont)
    assert (tmp_path / "out/midi-one-v0/song.json").stat().st_mtime_ns == before


def test_the_command_reports_a_broken_file_and_renders_the_rest(tmp_path: Path, soundfont: Path) -> None:
    (tmp_path / "midi").mkdir()
    write_midi(tmp_path / "midi/one.mid", BAND)
    (tmp_path / "midi/broken.mid").write_bytes(b"MThd but then nothing")
    output = invoke_render(tmp_path / "midi", tmp_path / "out", soundfont)
    assert "skipped: broken.mid cannot be read as MIDI" in output
    assert "1 songs are in" in output
