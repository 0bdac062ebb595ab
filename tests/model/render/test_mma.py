import csv
from pathlib import Path

import numpy as np
import pytest

from audio.stems import StemType
from model.render.midi import read_midi
from model.render.mma import Groove, MmaError, compose_song, compose_songs, list_grooves, run_mma
from tests.model.render.midi_files import Notes, write_midi

LIBRARY = """// a style
Time 3
DefGroove SlowWaltz  a waltz
DefGroove SlowWaltzIntro
Time 4
defgroove Rock1
DefGroove Metronome4
"""


class Accompanist:
    """Writes a drum track for any chart and keeps the charts it was given."""

    def __init__(self) -> None:
        self.charts: list[str] = []

    def __call__(self, source: str, path: Path) -> None:
        self.charts.append(source)
        write_midi(path, [Notes(9, 0, 36, 40)])


def test_grooves_are_read_with_their_metre_and_without_intros(tmp_path: Path) -> None:
    (tmp_path / "style.mma").write_text(LIBRARY)
    assert list_grooves(tmp_path) == [Groove("Rock1", 4), Groove("SlowWaltz", 3)]


def test_a_missing_library_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(MmaError, match="apt install mma"):
        list_grooves(tmp_path)


def test_a_chart_names_groove_tempo_and_a_chord_in_every_bar(tmp_path: Path) -> None:
    mma = Accompanist()
    compose_song(tmp_path / "a.mid", [Groove("Rock1", 4)], np.random.default_rng(1), mma)
    lines = mma.charts[0].splitlines()
    assert lines[0].startswith("RndSeed ")
    assert lines[1].startswith("Tempo ")
    assert lines[2] == "Groove Rock1"
    bars = [line.split() for line in lines[2:] if not line.startswith("Groove")]
    assert [int(bar[0]) for bar in bars] == list(range(1, len(bars) + 1))
    assert all(2 <= len(bar) <= 5 for bar in bars)


def test_a_song_is_about_a_minute_long(tmp_path: Path) -> None:
    for seed in range(12):
        mma = Accompanist()
        compose_song(tmp_path / "a.mid", [Groove("W", 3), Groove("R", 4)], np.random.default_rng(seed), mma)
        tempo = float(mma.charts[0].splitlines()[1].split()[1])
        beats = 3 if "Groove W" in mma.charts[0] else 4
        bars = sum(line[0].isdigit() for line in mma.charts[0].splitlines())
        assert 40 <= bars * beats * 60 / tempo <= 75


def test_grooves_of_one_song_share_a_metre(tmp_path: Path) -> None:
    mma = Accompanist()
    grooves = [Groove("W1", 3), Groove("W2", 3), Groove("R1", 4), Groove("R2", 4)]
    for seed in range(20):
        compose_song(tmp_path / "a.mid", grooves, np.random.default_rng(seed), mma)
    for chart in mma.charts:
        assert len({line[7] for line in chart.splitlines() if line.startswith("Groove")}) == 1


def test_our_lines_are_laid_over_the_accompaniment_on_free_channels(tmp_path: Path) -> None:
    compose_song(tmp_path / "a.mid", [Groove("R", 4)], np.random.default_rng(2), Accompanist())
    parts = read_midi(tmp_path / "a.mid").parts
    assert StemType.DRUMS in {part.stem_type for part in parts}
    assert len({part.channel for part in parts}) == len(parts) >= 2


def test_some_songs_are_sung(tmp_path: Path) -> None:
    types = []
    for seed in range(30):
        compose_song(tmp_path / "a.mid", [Groove("R", 4)], np.random.default_rng(seed), Accompanist())
        types.append({part.stem_type for part in read_midi(tmp_path / "a.mid").parts})
    assert 5 <= sum(StemType.VOCALS in song for song in types) <= 22


def test_songs_are_listed_with_source_and_licence(tmp_path: Path) -> None:
    notes = list(compose_songs(tmp_path, 3, 1, [Groove("R", 4)], Accompanist()))
    with (tmp_path / "index.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["file"] for row in rows] == ["0001-00000.mid", "0001-00001.mid", "0001-00002.mid"]
    assert {row["source"] for row in rows} == {"generated"}
    assert all(row["licence"].startswith("own work") and row["good3"] == "1" for row in rows)
    assert [row["note"] for row in rows] == notes


def test_songs_of_another_seed_stay_listed(tmp_path: Path) -> None:
    for seed in (1, 2, 1):
        list(compose_songs(tmp_path, 2, seed, [Groove("R", 4)], Accompanist()))
    with (tmp_path / "index.csv").open(newline="") as lines:
        listed = [row["file"] for row in csv.DictReader(lines)]
    assert sorted(listed) == sorted(path.name for path in tmp_path.glob("*.mid"))
    assert len(listed) == 4


def test_a_run_that_is_stopped_lists_the_songs_that_are_there(tmp_path: Path) -> None:
    songs = compose_songs(tmp_path, 5, 1, [Groove("R", 4)], Accompanist())
    for _ in range(2):
        next(songs)
    with (tmp_path / "index.csv").open(newline="") as lines:
        assert [row["file"] for row in csv.DictReader(lines)] == ["0001-00000.mid", "0001-00001.mid"]


def test_the_same_seed_composes_the_same_songs(tmp_path: Path) -> None:
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        list(compose_songs(tmp_path / folder, 2, seed, [Groove("R", 4)], Accompanist()))
    written = {folder: [path.name for path in sorted((tmp_path / folder).glob("*.mid"))] for folder in "abc"}
    # A name is a song's group: songs of different seeds must not share one.
    assert written["a"] == written["b"]
    assert not set(written["a"]) & set(written["c"])
    songs = {folder: (tmp_path / folder / names[1]).read_bytes() for folder, names in written.items()}
    assert songs["a"] == songs["b"] != songs["c"]


@pytest.mark.mma
def test_mma_plays_the_charts_we_write(tmp_path: Path) -> None:
    grooves = [groove for groove in list_grooves() if groove.name in {"BossaNova", "PopBallad1", "Waltz1"}]
    for seed in range(3):
        compose_song(tmp_path / f"{seed}.mid", grooves, np.random.default_rng(seed), run_mma)
        song = read_midi(tmp_path / f"{seed}.mid")
        assert 40 <= song.seconds <= 75
        assert len({part.stem_type for part in song.parts}) >= 3


@pytest.mark.mma
def test_a_chart_that_mma_refuses_is_reported(tmp_path: Path) -> None:
    with pytest.raises(MmaError, match="refused a chart"):
        run_mma("Groove NoSuchGroove\n1 C\n", tmp_path / "a.mid")


def test_lines_are_timed_with_the_tempo_of_the_accompaniment(tmp_path: Path) -> None:
    compose_song(tmp_path / "a.mid", [Groove("R", 4)], np.random.default_rng(2), Accompanist())
    ours = [part for part in read_midi(tmp_path / "a.mid").parts if not part.is_drums]
    # The accompaniment's file is at 120 bpm: our lines start on its sixteenths.
    for part in ours:
        assert np.allclose(part.notes[:, 0] * 8, np.round(part.notes[:, 0] * 8), atol=0.01)


def test_columns_that_others_added_to_the_index_stay(tmp_path: Path) -> None:
    (tmp_path / "index.csv").write_text("file,source,licence,good3,note,mood\nown.mid,me,CC0,1,,dark\n")
    list(compose_songs(tmp_path, 1, 5, [Groove("Rock1", 4)], Accompanist()))
    with (tmp_path / "index.csv").open(newline="") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    assert rows["own.mid"]["mood"] == "dark"
    assert rows["0005-00000.mid"]["mood"] == ""
