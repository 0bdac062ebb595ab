"""Songs in one key and tempo."""

import json
from pathlib import Path

import numpy as np
import pytest

from model.evaluation.tiers_facts import SongFacts, are_near, learn_facts
from model.songs import find_songs
from model.stem_reader import StemReader
from tests.model.evaluation.baseline_sounds import A_MINOR, C_MAJOR, F_MAJOR, G_MAJOR, beat, chords
from tests.model.multitracks import write_wav


@pytest.mark.parametrize(
    ("bpm", "near"),
    [(100.0, True), (106.0, True), (94.4, True), (107.0, False), (93.0, False), (200.0, True), (51.0, True)],
)
def test_tempi_within_six_percent_are_near_in_any_octave(bpm: float, near: bool) -> None:
    assert are_near(SongFacts(100.0, 0), SongFacts(bpm, 0)) == near


def test_another_scale_is_not_near() -> None:
    assert not are_near(SongFacts(100.0, 0), SongFacts(100.0, 7))


def test_what_is_unknown_is_near_to_nothing() -> None:
    assert not are_near(SongFacts(100.0, None), SongFacts(100.0, None))
    assert not are_near(SongFacts(None, 0), SongFacts(100.0, 0))
    assert not are_near(SongFacts(100.0, 0), SongFacts(None, 0))


def test_tempo_is_read_and_key_is_heard(tmp_path: Path) -> None:
    for name, progression in (
        ("major", (C_MAJOR, F_MAJOR, G_MAJOR, C_MAJOR)),
        ("up", [tuple(pitch + 4 for pitch in chord) for chord in (C_MAJOR, F_MAJOR, G_MAJOR, C_MAJOR)]),
        ("minor", (A_MINOR, F_MAJOR, G_MAJOR, A_MINOR)),
    ):
        sound = chords([*progression] * 2, 2.0) + chords([(one[0],) for one in progression] * 2, 2.0, 3, 0.2)
        write_wav(tmp_path / name / "keys.wav", sound)
        write_wav(tmp_path / name / "drums.wav", beat(120, 16.0, 4000.0) / np.float32(10))
    (tmp_path / "major" / "song.json").write_text(json.dumps({"bpm": 93.0}))
    facts = learn_facts(find_songs(tmp_path), StemReader(tmp_path / "cache"))
    assert facts["major"].bpm == 93.0
    assert facts["up"].bpm == pytest.approx(120, rel=0.04)
    assert facts["major"].scale == 0
    assert facts["up"].scale == 4
    assert facts["minor"].scale == 0
