"""The task: which stem of its type belongs to this mix?"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audio.stems import StemType
from audio.windows import WINDOW_SAMPLES, WINDOW_SECONDS
from model.metrics import chance, mean_normalised_rank, mean_reciprocal_rank, recall_at
from model.retrieval import Candidates, Protocols, cut_queries, embed_candidates, rank_songs
from model.songs import Song, find_songs
from model.stem_reader import StemReader
from tests.model.fake_embedders import Constant, Guesses, KnowsTheAnswer, pilot
from tests.model.multitracks import TYPES, noise, write_wav

ONE_EACH = Protocols(per_song=1)
SECOND = 16_000
SIXTEEN_BIT = 2**-15


def write_pilots(
    root: Path, songs: int = 4, seconds: float = 20.0, types: Sequence[StemType] = TYPES
) -> list[Song]:
    for song in range(songs):
        for stem_type in types:
            write_wav(root / f"{song:02}" / f"{stem_type}.wav", pilot(song, round(seconds * SECOND)))
    return find_songs(root)


def test_who_knows_the_answer_is_always_right(tmp_path: Path, reader: StemReader) -> None:
    results = rank_songs(write_pilots(tmp_path), reader, KnowsTheAnswer(), ONE_EACH)
    assert len(results) == 4 * len(TYPES)
    assert recall_at(1)(results) == 1
    assert mean_normalised_rank(results) == 0


def test_who_finds_everything_alike_is_at_chance(tmp_path: Path, reader: StemReader) -> None:
    results = rank_songs(write_pilots(tmp_path, songs=5), reader, Constant(), ONE_EACH)
    assert {result.rank for result in results} == {3}
    assert mean_normalised_rank(results) == 0.5


def test_who_guesses_is_at_chance(songs: list[Song], reader: StemReader) -> None:
    results = [one for seed in range(20) for one in rank_songs(songs, reader, Guesses(seed), ONE_EACH)]
    by_chance = chance(results)
    assert recall_at(1)(results) == pytest.approx(by_chance["R@1"], abs=0.06)
    assert mean_reciprocal_rank(results) == pytest.approx(by_chance["MRR"], abs=0.06)
    assert mean_normalised_rank(results) == pytest.approx(0.5, abs=0.06)


def test_a_query_begins_where_no_stem_window_does(songs: list[Song], reader: StemReader) -> None:
    song = songs[0]
    query = next(cut_queries(song, reader, ONE_EACH))
    begin = round(1.37 * SECOND)
    others = [
        reader.read(song.stems[one], begin, len(query.mix)) for one in song.types if one != query.stem_type
    ]
    np.testing.assert_allclose(query.mix, np.sum(others, axis=0), atol=1e-6)


def test_an_aligned_query_begins_with_the_stems(songs: list[Song], reader: StemReader) -> None:
    song = songs[0]
    query = next(cut_queries(song, reader, replace(ONE_EACH, first_start=0.0)))
    others = [reader.read(song.stems[one], 0, len(query.mix)) for one in song.types if one != query.stem_type]
    np.testing.assert_allclose(query.mix, np.sum(others, axis=0), atol=1e-6)


def test_every_type_of_a_song_is_asked_for(songs: list[Song], reader: StemReader) -> None:
    assert [query.stem_type for query in cut_queries(songs[0], reader, ONE_EACH)] == list(TYPES)


@pytest.mark.parametrize(("seconds", "asked"), [(5.0, 0), (6.0, 1), (29.0, 1), (30.0, 2), (120.0, 3)])
def test_a_longer_song_is_asked_more_often_up_to_a_limit(
    tmp_path: Path, reader: StemReader, seconds: float, asked: int
) -> None:
    song = write_pilots(tmp_path, songs=1, seconds=seconds)[0]
    queries = [one for one in cut_queries(song, reader, Protocols()) if one.stem_type == StemType.BASS]
    assert len(queries) == asked
    assert all(len(query.mix) <= 20 * SECOND for query in queries)


def test_a_place_where_the_stem_rests_is_not_asked_about(tmp_path: Path, reader: StemReader) -> None:
    write_wav(tmp_path / "a" / "bass.wav", noise(0, 40 * SECOND))
    late = noise(1, 40 * SECOND)
    late[: 25 * SECOND] = 0
    write_wav(tmp_path / "a" / "keys.wav", late)
    queries = list(cut_queries(find_songs(tmp_path)[0], reader, ONE_EACH))
    begin = round((1.37 + 24) * SECOND)
    bass = next(query.mix for query in queries if query.stem_type == StemType.KEYS)
    np.testing.assert_allclose(bass, noise(0, 40 * SECOND)[begin:], atol=SIXTEEN_BIT)


def test_a_mix_minus_is_asked_with_instead_of_the_other_stems(tmp_path: Path, reader: StemReader) -> None:
    write_wav(tmp_path / "a" / "guitar.wav", noise(0, 20 * SECOND))
    write_wav(tmp_path / "a" / "bass.wav", noise(1, 20 * SECOND))
    write_wav(tmp_path / "a" / "mix-minus-guitar.wav", noise(2, 20 * SECOND))
    queries = {query.stem_type: query.mix for query in cut_queries(find_songs(tmp_path)[0], reader, ONE_EACH)}
    begin = round(1.37 * SECOND)
    np.testing.assert_allclose(queries[StemType.GUITAR], noise(2, 20 * SECOND)[begin:], atol=SIXTEEN_BIT)
    np.testing.assert_allclose(queries[StemType.BASS], noise(0, 20 * SECOND)[begin:], atol=SIXTEEN_BIT)


def test_a_song_with_a_mix_minus_needs_no_other_stem(tmp_path: Path, reader: StemReader) -> None:
    for song in range(2):
        write_wav(tmp_path / f"{song}" / "guitar.wav", pilot(song, 20 * SECOND))
        write_wav(tmp_path / f"{song}" / "mix-minus-guitar.wav", pilot(song, 20 * SECOND))
    results = rank_songs(find_songs(tmp_path), reader, KnowsTheAnswer(), ONE_EACH)
    assert [result.rank for result in results] == [1, 1]


def test_candidates_are_the_stems_of_one_type(tmp_path: Path, reader: StemReader) -> None:
    songs = write_pilots(tmp_path, songs=2, seconds=20.0)
    songs += write_pilots(tmp_path / "more", songs=1, types=(StemType.BASS, StemType.KEYS))
    knowing = KnowsTheAnswer()
    among = embed_candidates(songs, reader, knowing, StemType.DRUMS)
    assert among.songs == ("00", "01")
    assert among.owners.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert knowing.batches == [4, 4]


def test_silent_windows_are_no_candidates(tmp_path: Path, reader: StemReader) -> None:
    stem = pilot(0, 24 * SECOND)
    stem[WINDOW_SAMPLES : 2 * WINDOW_SAMPLES] = 0
    write_wav(tmp_path / "a" / "bass.wav", stem)
    write_wav(tmp_path / "a" / "keys.wav", np.zeros(24 * SECOND, np.float32))
    songs = find_songs(tmp_path)
    assert len(embed_candidates(songs, reader, Constant(), StemType.BASS, WINDOW_SECONDS).owners) == 2
    assert embed_candidates(songs, reader, Constant(), StemType.KEYS).songs == ()


def test_a_stem_scores_as_its_best_window_and_best_query() -> None:
    vectors = np.array([[1, 0], [0, 1], [0.5, 0]], np.float32)
    among = Candidates(("a", "b"), vectors, np.array([0, 0, 1]))
    queries = np.array([[0.1, 0.3], [0.2, 0.0]], np.float32)
    np.testing.assert_allclose(among.scores(queries), [0.3, 0.1])


def test_a_type_that_one_song_has_is_not_asked_for(tmp_path: Path, reader: StemReader) -> None:
    songs = write_pilots(tmp_path, songs=2, types=(StemType.DRUMS, StemType.BASS))
    songs += write_pilots(tmp_path / "more", songs=1, types=(StemType.BASS, StemType.KEYS))
    results = rank_songs(songs, reader, KnowsTheAnswer(), ONE_EACH)
    assert {result.stem_type for result in results} == {"drums", "bass"}
    assert {result.candidates for result in results if result.stem_type == "drums"} == {2}
    assert {result.candidates for result in results if result.stem_type == "bass"} == {3}


def test_the_embedder_is_told_which_type_is_wanted(tmp_path: Path, reader: StemReader) -> None:
    knowing = KnowsTheAnswer()
    rank_songs(write_pilots(tmp_path, songs=2), reader, knowing, ONE_EACH)
    assert [stem_type for _, stem_type in knowing.asked] == [*TYPES, *TYPES]


def test_progress_hears_of_every_song(tmp_path: Path, reader: StemReader) -> None:
    heard: list[int] = []
    rank_songs(write_pilots(tmp_path), reader, Constant(), ONE_EACH, heard.append)
    assert heard == [1, 1, 1, 1]


def test_results_are_resampled_by_group(songs: list[Song], reader: StemReader) -> None:
    takes = [replace(song, group="one tune") for song in songs]
    assert {result.song for result in rank_songs(takes, reader, Constant(), ONE_EACH)} == {"one tune"}
