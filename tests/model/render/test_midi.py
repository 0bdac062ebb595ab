from pathlib import Path

import mido
import numpy as np
import pytest

from audio.stems import StemType
from model.render.midi import BEND, Control, Part, UnreadableMidiError, read_midi
from tests.model.render.midi_files import Notes, make_part, write_midi


def test_notes_are_timed_in_seconds(tmp_path: Path) -> None:
    song = read_midi(write_midi(tmp_path / "a.mid", [Notes(0, 0, count=3)], bpm=60))
    assert np.allclose(song.parts[0].notes, [[0, 0.5, 60, 100], [1, 1.5, 60, 100], [2, 2.5, 60, 100]])
    assert song.seconds == pytest.approx(2.5)
    assert song.bpm == pytest.approx(60)


def test_the_tempo_is_the_one_that_holds_longest(tmp_path: Path) -> None:
    midi = mido.MidiFile(str(write_midi(tmp_path / "a.mid", [Notes(0, 0, count=40)], bpm=90)))
    midi.tracks[0].append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(180), time=480 * 30))
    midi.save(str(tmp_path / "b.mid"))
    song = read_midi(tmp_path / "b.mid")
    assert song.bpm == pytest.approx(90, abs=0.01)
    assert song.seconds == pytest.approx(30 * 60 / 90 + 9.5 * 60 / 180, abs=0.01)


def test_channels_and_programs_are_parts_of_their_type(tmp_path: Path) -> None:
    tracks = [Notes(0, 33), Notes(1, 73), Notes(9, 0), Notes(2, 53)]
    parts = read_midi(write_midi(tmp_path / "a.mid", tracks)).parts
    assert [part.stem_type for part in parts] == [
        StemType.BASS,
        StemType.WIND,
        StemType.VOCALS,
        StemType.DRUMS,
    ]


def test_a_change_of_program_starts_another_part(tmp_path: Path) -> None:
    midi = mido.MidiFile(str(write_midi(tmp_path / "a.mid", [Notes(0, 0, count=10)])))
    midi.tracks[1].insert(9, mido.Message("program_change", program=40))
    midi.save(str(tmp_path / "b.mid"))
    parts = read_midi(tmp_path / "b.mid").parts
    assert [(part.channel, part.program, len(part.notes)) for part in parts] == [(0, 0, 4), (0, 40, 6)]


def test_a_note_struck_again_ends_the_first(tmp_path: Path) -> None:
    track = mido.MidiTrack(
        [
            mido.Message("note_on", note=60, velocity=90, time=0),
            mido.Message("note_on", note=60, velocity=80, time=480),
            mido.Message("note_off", note=60, time=480),
        ]
    )
    midi = mido.MidiFile(ticks_per_beat=480)
    midi.tracks.append(track)
    midi.save(str(tmp_path / "a.mid"))
    notes = read_midi(tmp_path / "a.mid").parts[0].notes
    assert np.allclose(notes, [[0, 0.5, 60, 90], [0.5, 1.0, 60, 80]])


def test_a_note_without_an_end_stops_with_the_song(tmp_path: Path) -> None:
    track = mido.MidiTrack([mido.Message("note_on", note=60, velocity=90), mido.MetaMessage("end_of_track")])
    midi = mido.MidiFile(tracks=[track])
    midi.save(str(tmp_path / "a.mid"))
    assert read_midi(tmp_path / "a.mid").parts[0].notes[0, 1] > 0


def test_bends_and_sustain_are_kept_and_pan_is_not(tmp_path: Path) -> None:
    path = write_midi(tmp_path / "a.mid", [Notes(0, 0)])
    midi = mido.MidiFile(str(path))
    midi.tracks[1].insert(0, mido.Message("pitchwheel", pitch=100))
    midi.tracks[1].insert(0, mido.Message("control_change", control=64, value=127))
    midi.tracks[1].insert(0, mido.Message("control_change", control=10, value=0))
    midi.save(str(path))
    assert read_midi(path).parts[0].controls == (Control(0.0, 64, 127), Control(0.0, BEND, 8292))


@pytest.mark.parametrize("content", [b"", b"MThd", b"no midi at all, but long enough to be read", bytes(200)])
def test_what_is_not_midi_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mid").write_bytes(content)
    with pytest.raises(UnreadableMidiError, match=r"a\.mid .*Remove it"):
        read_midi(tmp_path / "a.mid")


def test_an_impossible_key_signature_is_refused_in_words(tmp_path: Path) -> None:
    path = write_midi(tmp_path / "a.mid", [Notes(0, 0)])
    midi = mido.MidiFile(str(path))
    midi.tracks[0].append(mido.MetaMessage("key_signature", key="C"))
    midi.save(str(path))
    path.write_bytes(path.read_bytes().replace(b"\xff\x59\x02\x00\x00", b"\xff\x59\x02\x05\xff"))
    with pytest.raises(UnreadableMidiError, match="Could not decode key"):
        read_midi(path)


def test_a_song_without_notes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMidiError, match="plays no note"):
        read_midi(write_midi(tmp_path / "a.mid", [Notes(0, 0, count=0)]))


def test_a_cut_begins_at_zero_and_keeps_its_length() -> None:
    part = make_part(0, 0, count=20).cut(2.0, 3.0)
    assert np.allclose(part.notes[:, 0], [0, 0.5, 1, 1.5, 2, 2.5])
    assert np.allclose(part.notes[:, 1] - part.notes[:, 0], 0.4)


def test_a_stretched_cut_is_longer_by_its_factor() -> None:
    part = make_part(0, 0, count=20).cut(2.0, 3.0, stretch=2.0)
    assert np.allclose(part.notes[:, 0], [0, 1, 2, 3, 4, 5])


def test_a_note_held_over_the_cut_begins_with_it_and_one_about_to_end_does_not() -> None:
    held = Part(0, 0, np.array([[0.0, 4.0, 60, 90], [1.5, 2.1, 62, 90], [2.5, 9.0, 64, 90]]))
    assert np.allclose(held.cut(2.0, 3.0).notes, np.array([[0, 2, 60, 90], [0.5, 3, 64, 90]]))


def test_a_cut_knows_the_controls_set_before_it() -> None:
    controls = (Control(0.0, 7, 90), Control(5.0, 7, 40), Control(9.0, 7, 1))
    part = Part(0, 0, np.array([[4.0, 6.0, 60, 90]]), controls).cut(4.0, 3.0)
    assert part.controls == (Control(0.0, 7, 90), Control(1.0, 7, 40))
