import os
from pathlib import Path

from audio.slakh import read_slakh_types
from audio.stems import StemType

METADATA = """\
UUID: 1a81ae092884234f3264e2f45927f00a
audio_dir: stems
normalized: true
stems:
  S00:
    audio_rendered: true
    inst_class: Guitar
    is_drum: false
    midi_program_name: Acoustic Guitar (steel)
    plugin_name: ambient_guitar.nkm
    program_num: 25
  S01:
    inst_class: 'Synth Pad'
    is_drum: false
    midi_program_name: "Pad 1: new age"
  S02:
    inst_class: Piano
    is_drum: true
  S03:
    inst_class: Kazoo
    is_drum: false
target_peak: -1.0
inst_class: Bass
"""


def write(folder: Path, text: str) -> Path:
    (folder / "metadata.yaml").write_text(text)
    return folder


def test_every_stem_with_a_known_instrument_has_a_type(tmp_path: Path) -> None:
    assert read_slakh_types(write(tmp_path, METADATA)) == {
        "S00": StemType.GUITAR,
        "S01": StemType.SYNTH,
        "S02": StemType.DRUMS,
    }


def test_other_indents_and_comments_are_read(tmp_path: Path) -> None:
    lines = ["# Slakh", "stems:", "    # first", "    S00:", "          inst_class: Bass", "    S01:"]
    text = "\n".join([*lines, "          inst_class: Organ"])
    assert read_slakh_types(write(tmp_path, text)) == {"S00": StemType.BASS, "S01": StemType.KEYS}


def test_a_folder_without_metadata_is_no_track(tmp_path: Path) -> None:
    assert read_slakh_types(tmp_path) == {}


def test_metadata_of_something_else_tells_nothing(tmp_path: Path) -> None:
    assert read_slakh_types(write(tmp_path, "name: x\nstems: none\n- a\n- b\n")) == {}


def test_metadata_that_is_no_text_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "metadata.yaml").write_bytes(b"\xff\xfe\x00")
    assert read_slakh_types(tmp_path) == {}


def test_nobody_waits_for_a_pipe_of_that_name(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "metadata.yaml")
    assert read_slakh_types(tmp_path) == {}
