"""The demo library as it is shipped: small, complete, audible, licensed."""

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from audio.stems import STEM_TYPES
from indexer.manifest_csv import read_manifest_csv

DEMO = Path(__file__).parents[1] / "demo"
STEMS = sorted(DEMO.glob("stems/*/*.ogg"))
MIXES = sorted(DEMO.glob("mixes/*.ogg"))
LARGEST_BYTES = 12_000_000
LICENCES = {"BSD-3-Clause", "Artistic-2.0", "MIT"}


def name_file(path: Path) -> str:
    return path.relative_to(DEMO).as_posix()


def measure_levels(path: Path) -> NDArray[np.float64]:
    """Loudness of each second in dB."""
    sound, rate = soundfile.read(path, dtype="float32")
    seconds = sound[: len(sound) // rate * rate].reshape(-1, rate)
    levels: NDArray[np.float64] = 10 * np.log10(np.mean(np.square(seconds, dtype=np.float64), axis=1) + 1e-12)
    return levels


def read_songs() -> list[dict[str, str]]:
    with (DEMO / "songs.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_demo_is_small_enough_to_clone() -> None:
    assert sum(path.stat().st_size for path in [*STEMS, *MIXES]) <= LARGEST_BYTES


def test_there_are_twenty_songs_or_more_and_most_are_bands() -> None:
    songs = {path.parent.name for path in STEMS}
    assert songs == {row["folder"] for row in read_songs()}
    assert len(songs) >= 20
    bands = [song for song in songs if {"drums", "bass"} <= {p.stem for p in STEMS if p.parent.name == song}]
    assert len(bands) >= 20


def test_every_type_can_be_asked_for() -> None:
    assert {path.stem for path in STEMS} == set(STEM_TYPES)


@pytest.mark.parametrize("path", STEMS, ids=name_file)
def test_a_stem_decodes_and_is_heard(path: Path) -> None:
    info = soundfile.info(path)
    assert (info.format, info.subtype, info.samplerate, info.channels) == ("OGG", "VORBIS", 32_000, 1)
    assert 10 <= info.duration <= 20
    assert measure_levels(path).max() > -42


def test_the_stems_of_a_song_have_one_length() -> None:
    lengths: dict[str, set[int]] = {}
    for path in STEMS:
        lengths.setdefault(path.parent.name, set()).add(soundfile.info(path).frames)
    assert all(len(frames) == 1 for frames in lengths.values())


def test_there_are_three_mixes() -> None:
    assert len(MIXES) == 3


@pytest.mark.parametrize("path", MIXES, ids=name_file)
def test_a_mix_is_silent_nowhere(path: Path) -> None:
    assert 12 <= soundfile.info(path).duration <= 14
    assert measure_levels(path).min() > -40


@pytest.mark.parametrize("path", MIXES, ids=name_file)
def test_the_counterpart_of_a_mix_is_in_the_library(path: Path) -> None:
    song, missing = path.stem.split("-mix-no-")
    assert DEMO / "stems" / song / f"{missing}.ogg" in STEMS


@pytest.mark.parametrize("path", [path for path in MIXES if "sectoid" not in path.name], ids=name_file)
def test_a_mix_is_the_other_stems_from_1_37_seconds_on(path: Path) -> None:
    song, missing = path.stem.split("-mix-no-")
    others = [soundfile.read(p)[0] for p in STEMS if p.parent.name == song and p.stem != missing]
    mix = soundfile.read(path)[0]
    begin = round(1.37 * 32_000)
    expected = np.sum(others, axis=0)[begin : begin + len(mix)]
    assert np.corrcoef(mix, expected)[0, 1] > 0.95


def test_the_manifest_lists_every_file_with_its_type_and_licence() -> None:
    rows = read_manifest_csv(DEMO)
    assert set(rows) == {*STEMS, *MIXES}
    for path, row in rows.items():
        assert row.licence in LICENCES
        assert row.song
        assert row.type == (path.stem if path in STEMS else None)


def test_the_manifest_keeps_mixes_out_of_the_index() -> None:
    rows = read_manifest_csv(DEMO)
    assert {rows[path].not_a_stem for path in MIXES} == {"mix"}


def test_songs_are_told_apart_by_many_tempi() -> None:
    tempi = {row.bpm for row in read_manifest_csv(DEMO).values() if row.bpm}
    assert len(tempi) >= 12


@pytest.mark.parametrize("row", read_songs(), ids=lambda row: row["folder"])
def test_the_licences_page_names_song_author_and_source(row: dict[str, str]) -> None:
    page = (DEMO / "LICENCES.md").read_text()
    assert f"| `{row['folder']}` | {row['title']} | {row['author']} | `{row['file']}` |" in page
    assert row["licence"] in page


def test_notices_that_must_travel_with_the_music_are_there() -> None:
    page = (DEMO / "LICENCES.md").read_text()
    assert "Copyright © 2001-2024 Contributors to the Freedoom project. All rights reserved." in page
    assert "Copyright (c) 2006/2007 Carlos Viola Iborra" in page
    assert "Artistic License 2.0" in page


def test_the_readme_is_short() -> None:
    assert len((DEMO / "README.md").read_text().splitlines()) <= 40
