"""K-way choices between disjoint submixes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.decode import Waveform
from audio.stems import StemType
from model.evaluation.metrics import recall_at
from model.evaluation.protocols import PROTOCOLS, EvaluationProtocol
from model.evaluation.scorer import EmbeddingScorer, Features
from model.evaluation.submixes import SubmixPair, cut_pairs, rank_submixes
from model.songs import Song, find_songs
from model.stem_reader import StemReader
from tests.model.fake_embedders import Constant, KnowsTheAnswer, pilot, write_pilots
from tests.model.multitracks import TYPES, noise, tone, write_wav

ALIGNED = replace(PROTOCOLS["aligned"], per_song=1, seconds=8.0)
SECOND = 16_000


@dataclass
class Levels:
    """Likes the candidate whose level is nearest to the mix; remembers which types it was asked for."""

    label: str = "levels"
    asked: list[tuple[StemType, int]] = field(default_factory=list)

    def embed_stem(self, stem: Waveform, stem_type: StemType) -> float:
        return float(np.abs(stem).max())

    def scores(self, mix: Waveform, stem_type: StemType, stems: Sequence[Features]) -> NDArray[np.float32]:
        self.asked.append((stem_type, len(stems)))
        return np.array([-abs(float(np.abs(mix).max()) - one) for one in stems], np.float32)  # type: ignore[operator]


def pair(group: str, level: float, types: tuple[StemType, ...] = (StemType.BASS,)) -> SubmixPair:
    return SubmixPair(group, tone(440, SECOND, level), tone(220, SECOND, level), types)


def test_the_two_submixes_of_a_song_share_no_stem(tmp_path: Path, reader: StemReader) -> None:
    """Each stem is a constant of its own: the sums tell which stems are in a submix."""
    for song in range(12):
        for number, stem_type in enumerate(TYPES):
            level = np.full(10 * SECOND, 0.1 * 2**number, np.float32)
            write_wav(tmp_path / f"{song:02}" / f"{stem_type}.wav", level)
    sums = [
        (round(float(one.context[0] / 0.1)), round(float(one.candidate[0] / 0.1)), one.types)
        for one in cut_pairs(find_songs(tmp_path), reader, ALIGNED)
    ]
    assert len(sums) == 12
    for context, candidate, types in sums:
        assert context & candidate == 0
        assert context > 0
        assert candidate == sum(2 ** TYPES.index(one) for one in types)
    assert len(set(sums)) > 3


def test_a_shifted_context_begins_later_than_its_candidate(tmp_path: Path, reader: StemReader) -> None:
    ramp = np.linspace(0.1, 0.9, 20 * SECOND, dtype=np.float32)
    for stem_type in (StemType.BASS, StemType.KEYS):
        write_wav(tmp_path / "a" / f"{stem_type}.wav", ramp)
    shifted = replace(ALIGNED, first_start=1.37)
    (one,) = cut_pairs(find_songs(tmp_path), reader, shifted)
    np.testing.assert_allclose(one.candidate, ramp[: 8 * SECOND], atol=1e-4)
    begin = round(1.37 * SECOND)
    np.testing.assert_allclose(one.context, ramp[begin : begin + 8 * SECOND], atol=1e-4)


def test_a_longer_song_gives_more_pairs_up_to_a_limit(tmp_path: Path, reader: StemReader) -> None:
    songs = write_pilots(tmp_path, songs=1, seconds=60.0)
    counts = [len(cut_pairs(songs, reader, replace(ALIGNED, per_song=most))) for most in (1, 2, 5)]
    assert counts == [1, 2, 3]


def test_a_place_where_one_stem_plays_alone_gives_no_pair(tmp_path: Path, reader: StemReader) -> None:
    write_wav(tmp_path / "a" / "bass.wav", noise(0, 10 * SECOND))
    write_wav(tmp_path / "a" / "keys.wav", np.zeros(10 * SECOND, np.float32))
    assert cut_pairs(find_songs(tmp_path), reader, ALIGNED) == []


def test_the_same_seed_draws_the_same_submixes(songs: list[Song], reader: StemReader) -> None:
    first, again = (cut_pairs(songs, reader, ALIGNED) for _ in range(2))
    assert [one.types for one in first] == [one.types for one in again]
    np.testing.assert_array_equal(first[0].context, again[0].context)


def test_who_knows_the_song_is_always_right(tmp_path: Path, reader: StemReader) -> None:
    pairs = cut_pairs(write_pilots(tmp_path, songs=9), reader, ALIGNED)
    results = rank_submixes(pairs, EmbeddingScorer(KnowsTheAnswer(), ""), (2, 8))
    assert {way: (len(found), recall_at(1)(found)) for way, found in results.items()} == {
        2: (9, 1.0),
        8: (9, 1.0),
    }
    assert {one.candidates for one in results[8]} == {8}


def test_who_finds_all_alike_is_in_the_middle(tmp_path: Path, reader: StemReader) -> None:
    pairs = cut_pairs(write_pilots(tmp_path, songs=5), reader, ALIGNED)
    results = rank_submixes(pairs, EmbeddingScorer(Constant(), ""), (5,))
    assert {one.rank for one in results[5]} == {3}


def test_rivals_come_from_other_groups_one_each() -> None:
    """Eight takes of one song beside two other songs are three to choose from, not ten."""
    pairs = [pair("takes", 0.5) for _ in range(8)] + [pair("b", 0.1), pair("c", 0.9)]
    results = rank_submixes(pairs, Levels(), (3, 4))
    assert [one.rank for one in results[3]] == [1] * 10
    assert results[4] == []


def test_a_scorer_is_asked_for_the_types_that_play() -> None:
    levels = Levels()
    types = (StemType.BASS, StemType.KEYS)
    rank_submixes([pair("a", 0.1, types), pair("b", 0.5)], levels, (2,))
    assert levels.asked == [(StemType.BASS, 2), (StemType.KEYS, 1)] * 2


def test_scores_of_several_types_are_averaged_and_not_summed() -> None:
    """The submix of two types is as near as that of one: a sum would put it last."""
    types = (StemType.BASS, StemType.KEYS)
    results = rank_submixes([pair("a", 0.2, types), pair("b", 0.9)], Levels(), (2,))
    assert [one.rank for one in results[2]] == [1, 1]


@pytest.mark.parametrize("ways", [(64,), (3, 8)])
def test_too_few_songs_give_no_results_rather_than_repeated_ones(ways: tuple[int, ...]) -> None:
    results = rank_submixes([pair("a", 0.1), pair("b", 0.2)], Levels(), ways)
    assert results == {way: [] for way in ways}


def test_submixes_of_a_short_song_end_with_it(tmp_path: Path, reader: StemReader) -> None:
    write_wav(tmp_path / "a" / "bass.wav", pilot(0, 6 * SECOND))
    write_wav(tmp_path / "a" / "keys.wav", pilot(0, 6 * SECOND))
    (one,) = cut_pairs(find_songs(tmp_path), reader, EvaluationProtocol(first_start=1.0, per_song=1))
    assert len(one.context) == len(one.candidate) == 5 * SECOND
