"""The task: which stem of its type belongs to this mix?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.decode import Waveform
from audio.stems import StemType
from audio.windows import WINDOW_SECONDS
from model.evaluation.metrics import chance, mean_normalised_rank, mean_reciprocal_rank, recall_at
from model.evaluation.protocols import PROTOCOLS, EvaluationProtocol
from model.evaluation.queries import Query
from model.evaluation.retrieval import (
    Answer,
    Leads,
    Scored,
    embed_candidates,
    judge,
    rank_songs,
    score_queries,
)
from model.evaluation.scorer import EmbeddingScorer, Features, MixAndStemEmbedder
from model.songs import Song, find_songs
from model.stem_reader import StemReader
from tests.model.fake_embedders import Constant, Guesses, KnowsTheAnswer, pilot, write_pilots
from tests.model.multitracks import TYPES, write_wav

ONE_EACH = EvaluationProtocol(per_song=1)
SECOND = 16_000


def answer(
    songs: Sequence[Song],
    reader: StemReader,
    embedder: MixAndStemEmbedder,
    protocol: EvaluationProtocol = ONE_EACH,
) -> list[Answer]:
    scorer = EmbeddingScorer(embedder, "asked")
    candidates = embed_candidates(songs, reader, scorer, protocol)
    asked = score_queries(songs, reader, scorer, candidates, protocol, all_types=True)
    return [judge(scored) for scored in asked]


def scored(scores: list[float], types: list[StemType], true: int, playing: Sequence[int] = ()) -> Scored:
    query = Query("song", "group", types[true], np.zeros(1, np.float32))
    numbers = np.array([one.number for one in types], np.int64)
    heard = np.isin(np.arange(len(types)), playing)
    return Scored(query, np.array(scores, np.float32), numbers, heard, true)


@dataclass
class Prefers:
    """A scorer that keeps the length and the type of a stem, and likes one type best."""

    liked: StemType
    label: str = "prefers"

    def embed_stem(self, stem: Waveform, stem_type: StemType) -> tuple[int, StemType]:
        return len(stem), stem_type

    def scores(self, mix: Waveform, stem_type: StemType, stems: Sequence[Features]) -> NDArray[np.float32]:
        return np.array([stem[1] == self.liked for stem in stems], np.float32)  # type: ignore[index]


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


def test_a_song_with_a_mix_minus_needs_no_other_stem(tmp_path: Path, reader: StemReader) -> None:
    for song in range(2):
        write_wav(tmp_path / f"{song}" / "guitar.wav", pilot(song, 20 * SECOND))
        write_wav(tmp_path / f"{song}" / "mix-minus-guitar.wav", pilot(song, 20 * SECOND))
    results = rank_songs(find_songs(tmp_path), reader, KnowsTheAnswer(), ONE_EACH)
    assert [result.rank for result in results] == [1, 1]


def test_a_type_that_one_song_has_is_not_asked_for(tmp_path: Path, reader: StemReader) -> None:
    songs = write_pilots(tmp_path, songs=2, types=(StemType.DRUMS, StemType.BASS))
    songs += write_pilots(tmp_path / "more", songs=1, types=(StemType.BASS, StemType.KEYS))
    results = rank_songs(songs, reader, KnowsTheAnswer(), ONE_EACH)
    assert {result.stem_type for result in results} == {"drums", "bass"}
    assert {result.candidates for result in results if result.stem_type == "drums"} == {2}
    assert {result.candidates for result in results if result.stem_type == "bass"} == {3}


def test_relations_of_a_song_are_candidates_unless_told_otherwise(tmp_path: Path, reader: StemReader) -> None:
    alone, *related = write_pilots(tmp_path, songs=4, types=(StemType.DRUMS, StemType.BASS))
    songs = [alone, *(replace(song, group="one band") for song in related)]

    def candidates_of(song: Song, *, relations: bool) -> set[int]:
        protocol = replace(ONE_EACH, relations=relations)
        results = rank_songs(songs, reader, KnowsTheAnswer(), protocol)
        assert {result.rank for result in results} == {1}
        return {result.candidates for result in results if result.group == song.group}

    assert candidates_of(alone, relations=True) == candidates_of(songs[1], relations=True) == {4}
    assert candidates_of(alone, relations=False) == {4}
    assert candidates_of(songs[1], relations=False) == {2}  # its own, and the stranger's


def test_all_stems_are_candidates_and_each_is_embedded_once(tmp_path: Path, reader: StemReader) -> None:
    write_pilots(tmp_path, songs=2, seconds=20.0)
    songs = write_pilots(tmp_path / "more", songs=1, types=(StemType.BASS, StemType.KEYS))
    songs = find_songs(tmp_path)
    knowing = KnowsTheAnswer()
    found = embed_candidates(songs, reader, EmbeddingScorer(knowing, ""), ONE_EACH)
    assert [(one.group, one.stem_type) for one in found] == [
        *((name, stem_type) for name in ("00", "01") for stem_type in TYPES),
        *(("more/00", stem_type) for stem_type in (StemType.BASS, StemType.KEYS)),
    ]
    assert knowing.batches == [4] * 8


def test_a_silent_stem_is_no_candidate(tmp_path: Path, reader: StemReader) -> None:
    write_wav(tmp_path / "a" / "bass.wav", pilot(0, 24 * SECOND))
    write_wav(tmp_path / "a" / "keys.wav", np.zeros(24 * SECOND, np.float32))
    found = embed_candidates(find_songs(tmp_path), reader, EmbeddingScorer(Constant(), ""), ONE_EACH)
    assert [one.stem_type for one in found] == [StemType.BASS]


def test_candidates_of_another_section_begin_half_a_window_after_the_middle(
    tmp_path: Path, reader: StemReader
) -> None:
    songs = write_pilots(tmp_path, songs=2, seconds=40.0)
    protocol = PROTOCOLS["other-section"]
    found = embed_candidates(songs, reader, Prefers(StemType.BASS), protocol)
    assert {one.features[0] for one in found} == {(20 - 4) * SECOND}  # type: ignore[index]
    assert protocol.candidates_begin(40.0) - protocol.queries_end(40.0) == WINDOW_SECONDS


def test_a_song_is_recognised_by_another_section(tmp_path: Path, reader: StemReader) -> None:
    songs = write_pilots(tmp_path, songs=3, seconds=40.0)
    results = rank_songs(songs, reader, KnowsTheAnswer(), PROTOCOLS["other-section"])
    assert len(results) == 3 * len(TYPES)
    assert recall_at(1)(results) == 1


def test_the_embedder_is_told_which_type_is_wanted(tmp_path: Path, reader: StemReader) -> None:
    knowing = KnowsTheAnswer()
    rank_songs(write_pilots(tmp_path, songs=2), reader, knowing, ONE_EACH)
    assert [stem_type for _, stem_type in knowing.asked] == [*TYPES, *TYPES]


def test_the_other_stems_of_the_mix_are_candidates_among_all_types(
    tmp_path: Path, reader: StemReader
) -> None:
    """Who knows the song and no types finds the three stems of the song alike, before all others."""
    answers = answer(write_pilots(tmp_path), reader, KnowsTheAnswer())
    assert {one.among_type.candidates for one in answers} == {4}
    assert {one.among_all.candidates for one in answers} == {12}
    assert {one.among_type.rank for one in answers} == {1}
    assert {one.among_all.rank for one in answers} == {2}
    assert [one.leads.with_heard for one in answers] == pytest.approx([1 / 3] * 12)
    assert [one.leads_by_chance.with_heard for one in answers] == pytest.approx([1 / 3] * 12)
    assert [one.leads.without for one in answers] == [1.0] * 12
    assert [one.leads_by_chance.without for one in answers] == pytest.approx([4 / 10] * 12)


def test_the_right_type_leads_where_a_stem_of_it_comes_first(tmp_path: Path, reader: StemReader) -> None:
    songs = write_pilots(tmp_path, songs=2)
    likes_bass = Prefers(StemType.BASS)
    candidates = embed_candidates(songs, reader, likes_bass, ONE_EACH)
    asked = score_queries(songs, reader, likes_bass, candidates, ONE_EACH, all_types=True)
    leading = {one.among_all.stem_type: one.leads.with_heard for one in map(judge, asked)}
    assert leading == {"drums": 0.0, "bass": 1.0, "keys": 0.0}


def test_a_rank_among_its_type_looks_only_at_that_type() -> None:
    types = [StemType.DRUMS, StemType.BASS, StemType.BASS, StemType.DRUMS, StemType.BASS]
    judged = judge(scored([0.9, 0.8, 0.1, 0.7, 0.5], types, true=4))
    assert (judged.among_type.rank, judged.among_type.candidates) == (2, 3)
    assert (judged.among_all.rank, judged.among_all.candidates) == (4, 5)
    assert judged.leads == Leads(0.0, 0.0)
    assert judged.leads_by_chance == Leads(0.6, 0.6)


def test_stems_that_play_in_the_mix_do_not_lead_where_they_are_left_out() -> None:
    types = [StemType.DRUMS, StemType.BASS, StemType.BASS, StemType.DRUMS]
    judged = judge(scored([0.9, 0.8, 0.1, 0.2], types, true=1, playing=[0]))
    assert judged.leads == Leads(0.0, 1.0)
    assert judged.leads_by_chance == Leads(0.5, pytest.approx(2 / 3))  # type: ignore[arg-type]
    assert judged.among_all.rank == 2


def test_a_network_that_has_diverged_is_not_judged() -> None:
    with pytest.raises(ValueError, match="has diverged"):
        judge(scored([0.9, np.nan], [StemType.BASS, StemType.BASS], true=0))


def test_progress_hears_of_every_song(tmp_path: Path, reader: StemReader) -> None:
    heard: list[int] = []
    rank_songs(write_pilots(tmp_path), reader, Constant(), ONE_EACH, heard.append)
    assert heard == [1, 1, 1, 1]


def test_results_are_resampled_by_group(songs: list[Song], reader: StemReader) -> None:
    takes = [replace(song, group="one tune") for song in songs]
    assert {result.group for result in rank_songs(takes, reader, Constant(), ONE_EACH)} == {"one tune"}
