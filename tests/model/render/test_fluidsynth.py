"""The real synth on a soundfont of one sine. Skipped only where the FluidSynth library is not installed."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from model.render.fluidsynth import DRUM_BANK, BrokenSoundfontError, Preset, Room, Stereo, Synth, Voice
from model.render.midi import BEND, Control, Part
from tests.model.render.midi_files import make_part
from tests.model.render.soundfont import write_soundfont

pytestmark = pytest.mark.fluidsynth
SINE = Preset(0, 0, 0)
DRUMS = Preset(0, DRUM_BANK, 0)
RATE = 32_000


@pytest.fixture
def synth(tmp_path: Path) -> Iterator[Synth]:
    font = write_soundfont(tmp_path / "sine.sf2", [(0, 0), (0, 53), (DRUM_BANK, 0)])
    opened = Synth([font], RATE)
    yield opened
    opened.close()


def find_onset(sound: Stereo) -> float:
    return float(np.flatnonzero(np.abs(sound[0]) > 0.05 * np.abs(sound).max())[0]) / RATE


def measure_pitch(sound: Stereo) -> float:
    return int(np.argmax(np.abs(np.fft.rfft(sound[0])))) * RATE / int(sound.shape[1])


def test_a_synth_knows_what_its_soundfont_has(synth: Synth) -> None:
    asked = [SINE, Preset(0, 0, 53), DRUMS, Preset(0, 0, 1), Preset(0, DRUM_BANK, 8)]
    assert [synth.has_preset(preset) for preset in asked] == [True, True, True, False, False]


def test_a_note_sounds_when_and_where_it_is_written(synth: Synth) -> None:
    sound = synth.play([Voice(make_part(0, 0, 69, 4, start=1.0), SINE)], 4.0)
    assert sound.shape == (2, 4 * RATE)
    assert np.abs(sound[:, : RATE - 64]).max() < 1e-6
    assert find_onset(sound) == pytest.approx(1.0, abs=0.005)
    assert measure_pitch(sound) == pytest.approx(500, abs=2)


def test_stems_played_one_after_the_other_are_aligned(synth: Synth) -> None:
    stems = [
        synth.play([Voice(make_part(0, 0, 57, 8, start=0.7), SINE, reverb=100)], 6.0, Room(level=0.9)),
        synth.play([Voice(make_part(9, 0, 45, 8, start=0.7), DRUMS)], 6.0),
        synth.play([Voice(make_part(3, 53, 81, 8, start=0.7), Preset(0, 0, 53), chorus=90)], 6.0),
    ]
    onsets = [find_onset(stem) for stem in stems]
    assert max(onsets) - min(onsets) < 0.005


def test_a_stem_holds_nothing_of_the_stem_before(synth: Synth) -> None:
    held = Part(0, 0, np.array([[0.0, 9.0, 69, 127]]))
    synth.play([Voice(held, SINE, reverb=127)], 2.0, Room(size=1.0, level=1.0))
    quiet = synth.play([Voice(make_part(0, 0, 69, 1, start=1.5), SINE)], 2.0)
    assert np.abs(quiet[:, :RATE]).max() < 1e-4


def test_the_same_voices_sound_the_same_again(synth: Synth) -> None:
    voices = [Voice(make_part(0, 0, 69, 4), SINE, 40, 0)]
    first = synth.play(voices, 2.0)
    synth.play([Voice(make_part(5, 0, 40, 4), SINE, 120, 120)], 1.0013)
    second = synth.play(voices, 2.0)
    assert np.corrcoef(first[0], second[0])[0, 1] > 0.99


def test_a_bend_changes_the_pitch(synth: Synth) -> None:
    notes = make_part(0, 0, 69, 1).notes
    bent = Part(0, 0, notes, (Control(0.0, BEND, 16383),))
    pitches = [measure_pitch(synth.play([Voice(part, SINE)], 0.5)) for part in (Part(0, 0, notes), bent)]
    assert pitches[1] / pitches[0] == pytest.approx(2 ** (2 / 12), abs=0.01)


def test_velocity_and_volume_make_a_note_softer(synth: Synth) -> None:
    notes = make_part(0, 0, 69, 1).notes
    soft = notes * [1, 1, 1, 0.4]
    turned_down = (Control(0.0, 7, 30),)
    loud, weak, low = (
        np.abs(synth.play([Voice(part, SINE)], 0.5)).max()
        for part in (Part(0, 0, notes), Part(0, 0, soft), Part(0, 0, notes, turned_down))
    )
    assert weak < 0.7 * loud
    assert low < 0.5 * loud


def test_twenty_voices_of_a_stem_all_sound(synth: Synth) -> None:
    voices = [Voice(make_part(0, 0, 50 + number, 1, start=0.2 * number), SINE, 0) for number in range(20)]
    sound = synth.play(voices, 4.2)
    heard = [np.abs(sound[:, round(0.2 * n * RATE) + 1000 :][:, :4000]).max() > 0.005 for n in range(20)]
    assert all(heard)


def test_a_missing_preset_is_named(synth: Synth) -> None:
    with pytest.raises(BrokenSoundfontError, match=r"sine\.sf2 has no bank 0 program 77"):
        synth.play([Voice(make_part(0, 77), Preset(0, 0, 77))], 1.0)


def test_a_file_that_is_no_soundfont_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.sf2").write_bytes(b"RIFF nothing")
    with pytest.raises(BrokenSoundfontError, match=r"Give a \.sf2"):
        Synth([tmp_path / "broken.sf2"])
