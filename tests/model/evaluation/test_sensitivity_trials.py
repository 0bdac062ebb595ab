"""Queries against other songs, and against the true stem changed in known ways."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audio.stems import StemType
from model.evaluation.baselines import rule_scorers
from model.evaluation.protocols import EvaluationProtocol
from model.evaluation.scorer import EmbeddingScorer, StemScorer
from model.evaluation.sensitivity_trials import SHIFTS, Trial, place_queries, run_trials
from model.evaluation.sensitivity_variants import Change, find_variants
from model.songs import find_songs
from model.stem_reader import StemReader
from tests.model.evaluation.sensitivity_songs import HERTZ, HearsRhythm, seconds, write_rhythms
from tests.model.multitracks import noise, write_wav

PROTOCOL = EvaluationProtocol(per_song=1)
SONGS = 3


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> list[Trial]:
    """An embedder of rhythm on songs, transposed by 2 and stretched to 1.1."""
    root = tmp_path_factory.mktemp("rhythms")
    plain = write_rhythms(root / "plain", SONGS)
    folders = [
        write_rhythms(root / "up", SONGS, transpose=2),
        write_rhythms(root / "slow", SONGS, stretch=1.1),
    ]
    return _run(plain, folders, EmbeddingScorer(HearsRhythm(), "rhythm"))


def _run(plain: Path, folders: Sequence[Path], scorer: StemScorer) -> list[Trial]:
    variants = find_variants(plain, folders)
    reader = StemReader(plain.parent / "cache")
    return list(run_trials(variants, reader, scorer, PROTOCOL, lambda _: None))


def test_every_stem_is_tried_once(trials: list[Trial]) -> None:
    assert len(trials) == SONGS * len(HERTZ)
    assert {one.song for one in trials} == {f"song-{number}" for number in range(SONGS)}
    assert {one.group for one in trials} == {f"{number}.mid" for number in range(SONGS)}


def test_rivals_are_the_other_songs_stems_of_the_type(trials: list[Trial]) -> None:
    for one in trials:
        assert len(one.rivals) == len(one.rival_songs) == SONGS - 1
        assert one.song not in one.rival_songs


def test_the_true_stem_wins_against_other_songs(trials: list[Trial]) -> None:
    assert all(one.own > one.rivals.max() for one in trials)


def test_who_hears_rhythm_only_does_not_mind_a_transposition(trials: list[Trial]) -> None:
    for one in trials:
        assert one.changed[Change("transpose", 2)] == pytest.approx(one.own, rel=0.02)


def test_who_hears_rhythm_minds_another_tempo(trials: list[Trial]) -> None:
    assert all(one.changed[Change("stretch", 1.1)] < 0.8 * one.own for one in trials)


def test_at_the_true_lag_the_stem_fits_as_well_as_at_its_best(trials: list[Trial]) -> None:
    for one in trials:
        assert tuple(one.shifted) == SHIFTS
        assert one.shifted[0.0] == pytest.approx(one.own, rel=1e-5)
        assert all(score < 0.8 * one.own for beats, score in one.shifted.items() if beats)


def test_the_section_that_the_mix_is_from_fits_best(trials: list[Trial]) -> None:
    for one in trials:
        # 30 s less the query's 20 s that begin at 1.37 s: one piece after it, none before.
        assert len(one.elsewhere) == 1
        assert one.here > max(one.elsewhere)


def test_rules_are_tried_without_shifts(tmp_path: Path) -> None:
    plain = write_rhythms(tmp_path / "plain", 2)
    rule = next(one for one in rule_scorers() if one.label == "onset correlation")
    found = _run(plain, [write_rhythms(tmp_path / "up", 2, transpose=1)], rule)
    assert len(found) == 2 * len(HERTZ)
    for one in found:
        assert one.shifted == {}
        assert one.own > one.rivals.max()
        assert list(one.changed) == [Change("transpose", 1)]


def test_a_song_of_unknown_tempo_is_not_shifted(tmp_path: Path) -> None:
    plain = write_rhythms(tmp_path / "plain", 2)
    (plain / "song-0" / "song.json").unlink()
    found = _run(plain, [], EmbeddingScorer(HearsRhythm(), "rhythm"))
    assert {one.song for one in found if not one.shifted} == {"song-0"}
    assert {one.song for one in found if one.shifted} == {"song-1"}


def test_a_mix_too_short_to_meet_a_window_at_the_true_lag_is_not_shifted(tmp_path: Path) -> None:
    plain = write_rhythms(tmp_path / "plain", 2)
    variants, scorer = find_variants(plain, []), EmbeddingScorer(HearsRhythm(), "rhythm")
    short = replace(PROTOCOL, seconds=8.5)
    found = list(run_trials(variants, StemReader(tmp_path / "cache"), scorer, short, lambda _: None))
    assert found
    assert all(one.shifted == {} for one in found)


def test_a_stem_without_a_rival_is_not_tried(tmp_path: Path) -> None:
    plain = write_rhythms(tmp_path / "plain", 2)
    (plain / "song-1" / f"{StemType.KEYS}.wav").unlink()
    found = _run(plain, [], EmbeddingScorer(HearsRhythm(), "rhythm"))
    assert {one.stem_type for one in found} == {StemType.DRUMS, StemType.BASS}


def test_a_short_stem_has_no_other_section(tmp_path: Path) -> None:
    for name in ("a", "b"):
        for number, stem_type in enumerate(HERTZ):
            write_wav(tmp_path / "plain" / name / f"{stem_type}.wav", noise(number, seconds(24)))
    found = _run(tmp_path / "plain", [], EmbeddingScorer(HearsRhythm(), "rhythm"))
    assert len(found) == 2 * len(HERTZ)
    assert all(one.elsewhere == () and math.isnan(one.here) for one in found)


def test_progress_hears_of_every_song_in_every_folder_and_of_every_song_asked(tmp_path: Path) -> None:
    variants = find_variants(
        write_rhythms(tmp_path / "plain", 2), [write_rhythms(tmp_path / "up", 2, transpose=1)]
    )
    heard: list[int] = []
    scorer = EmbeddingScorer(HearsRhythm(), "rhythm")
    list(run_trials(variants, StemReader(tmp_path / "cache"), scorer, PROTOCOL, heard.append))
    assert sum(heard) == 2 * (2 + 1)


def test_queries_know_where_they_begin(tmp_path: Path) -> None:
    song = find_songs(write_rhythms(tmp_path / "plain", 1))[0]
    reader = StemReader(tmp_path / "cache")
    placed = list(place_queries(song, reader, EvaluationProtocol(per_song=5, seconds=10.0, distance=12.0)))
    assert sorted({start for start, _ in placed}) == pytest.approx([1.37, 13.37, 25.37])
    for start, query in placed:
        others = [paths for one, paths in song.stems.items() if one is not query.stem_type]
        expected = sum(reader.read(paths, round(start * 16_000), len(query.mix)) for paths in others)
        np.testing.assert_allclose(query.mix, expected, atol=1e-6)
