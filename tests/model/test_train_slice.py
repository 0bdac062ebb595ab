"""The script for machines lent for minutes: each slice begins on a bare one, with the carried state alone."""

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import model
from model.checkpoint import load_progress
from model.render.fluidsynth import DRUM_BANK
from tests.model.configs import short, write_toml
from tests.model.render.midi_files import Notes, write_midi
from tests.model.render.soundfont import write_soundfont

SCRIPT = Path(model.__path__[0]) / "train_slice.sh"
SONGS = 8
BAND = ((0, 0, 60), (1, 33, 40), (9, 0, 36))  # channel, program, pitch

Slice = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.fluidsynth


@pytest.fixture
def run_slice(tmp_path: Path) -> Slice:
    """Runs one slice on a machine of its own: no songs, no run, only what the last one packed."""
    (tmp_path / "midi").mkdir()
    for number in range(SONGS):
        notes = [Notes(channel, program, pitch + number, count=24) for channel, program, pitch in BAND]
        write_midi(tmp_path / f"midi/song-{number}.mid", notes)
    presets = [(0, program) for program in range(128)] + [(DRUM_BANK, 0)]
    soundfont = write_soundfont(tmp_path / "sine.sf2", presets)
    config = write_toml(tmp_path / "config.toml", short(steps=100_000, batch=2, checkpoint_every=100_000))

    def run(machine: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        own = tmp_path / machine
        own.mkdir()
        options = {
            **os.environ,
            "MIDI": str(tmp_path / "midi"),
            "SOUNDFONTS": str(soundfont),
            "STATE": str(tmp_path / "state"),
            "RUN": str(own / "run"),
            "SONGS": str(own / "songs"),
            "PYTHON": sys.executable,
            "DEVICE": "cpu",
            "MINUTES": "0.03",
            "RENDER_OPTIONS": "--palette plain --thin",
            "TRAIN_OPTIONS": f"--config {config} --threads 1",
            **environment,
        }
        return subprocess.run(  # noqa: S603 - our own script
            ["bash", str(SCRIPT)],  # noqa: S607
            env=options,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    return run


def steps_in(log: Path) -> list[int]:
    """Steps of which `log` tells, in its order, each once."""
    with log.open(newline="") as file:
        return list(dict.fromkeys(int(row["step"]) for row in csv.DictReader(file)))


def test_a_slice_goes_on_where_the_last_one_stopped(run_slice: Slice, tmp_path: Path) -> None:
    first = run_slice("first")
    assert first.returncode == 0, first.stderr
    done = load_progress(tmp_path / "first/run/last").step
    assert done >= 1
    shutil.rmtree(tmp_path / "first")
    second = run_slice("second")
    assert second.returncode == 0, second.stderr
    assert load_progress(tmp_path / "second/run/last").step > done
    steps = steps_in(tmp_path / "state/log.csv")
    assert steps == list(range(steps[0], steps[0] + len(steps)))
    assert len(steps) > done


def test_both_machines_render_the_same_songs(run_slice: Slice, tmp_path: Path) -> None:
    for machine in ("first", "second"):
        assert run_slice(machine).returncode == 0
    names = [
        sorted(each.name for each in (tmp_path / machine / "songs").iterdir() if each.is_dir())
        for machine in ("first", "second")
    ]
    assert names[0] == names[1]
    assert len(names[0]) == SONGS
    for song in names[0]:
        first, second = ((tmp_path / machine / "songs" / song) for machine in ("first", "second"))
        for stem in first.glob("*.wav"):
            assert stem.read_bytes() == (second / stem.name).read_bytes()


def test_what_is_carried_is_small(run_slice: Slice, tmp_path: Path) -> None:
    assert run_slice("first").returncode == 0
    carried = {path.name: path.stat().st_size for path in (tmp_path / "state").iterdir()}
    assert (
        {"last.tar", "log.csv", "data.json"}
        <= carried.keys()
        <= {"last.tar", "best.tar", "log.csv", "data.json"}
    )
    assert max(carried.values()) <= 16 * 2**20


def test_the_songs_are_a_fixed_number_and_the_same_everywhere(run_slice: Slice, tmp_path: Path) -> None:
    """A run refuses to go on where a song that it began with is missing."""
    for machine in ("first", "second"):
        result = run_slice(machine, RENDER_LIMIT="6", RENDER_OPTIONS="--palette plain --thin --seed 3")
        assert result.returncode == 0, result.stderr
    names = [
        sorted(each.name for each in (tmp_path / machine / "songs").iterdir() if each.is_dir())
        for machine in ("first", "second")
    ]
    assert names[0] == names[1]
    assert len(names[0]) == 6


@pytest.mark.parametrize("missing", ["MIDI", "SOUNDFONTS", "STATE"])
def test_what_must_be_set_is_asked_for(run_slice: Slice, missing: str) -> None:
    result = run_slice("first", **{missing: ""})
    assert result.returncode != 0
    assert missing in result.stderr
