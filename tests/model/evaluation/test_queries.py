"""Cutting queries from songs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audio.stems import StemType
from model.evaluation.protocols import PROTOCOLS, EvaluationProtocol
from model.evaluation.queries import cut_queries
from model.songs import Song, find_songs
from model.stem_reader import StemReader
from tests.model.fake_embedders import write_pilots
from tests.model.multitracks import TYPES, noise, write_wav

ONE_EACH = EvaluationProtocol(per_song=1)
SECOND = 16_000
SIXTEEN_BIT = 2**-15


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
    queries = [
        one for one in cut_queries(song, reader, EvaluationProtocol()) if one.stem_type == StemType.BASS
    ]
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


def test_queries_of_another_section_end_half_a_window_before_the_middle(
    tmp_path: Path, reader: StemReader
) -> None:
    song = write_pilots(tmp_path, songs=1, seconds=44.0)[0]
    query = next(cut_queries(song, reader, PROTOCOLS["other-section"]))
    assert len(query.mix) == round((44 / 2 - 4 - 1.37) * SECOND)


def test_a_query_of_a_whole_song_is_as_long_as_the_song(songs: list[Song], reader: StemReader) -> None:
    queries = list(cut_queries(songs[0], reader, PROTOCOLS["musdb18"]))
    assert [query.stem_type for query in queries] == list(TYPES)
    assert {len(query.mix) for query in queries} == {reader.length(songs[0])}


@pytest.mark.parametrize("seconds", [5.0, 10.0])
def test_a_query_is_as_long_as_the_protocol_says(
    songs: list[Song], reader: StemReader, seconds: float
) -> None:
    query = next(cut_queries(songs[0], reader, replace(ONE_EACH, seconds=seconds)))
    assert len(query.mix) == seconds * SECOND
    assert (query.song, query.group) == (songs[0].name, songs[0].group)
