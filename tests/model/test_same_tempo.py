"""Songs at one tempo: which share one, and what a batch does with them."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audio.stems import StemType
from model.batches import PairSampler
from model.config import Config
from model.config_sections import FrontEndConfig
from model.config_values import ConfigError
from model.key_and_tempo import KeyAndTempo
from model.material import choose_material
from model.same_tempo import songs_at_one_tempo
from model.songs import Song, find_songs
from model.stem_reader import StemReader
from model.train_config import TrainConfig
from tests.model.multitracks import noise, write_wav


def song(name: str, bpm: float | None) -> Song:
    return Song(name, group=name, stems={}, bpm=bpm)


def songs_at(*tempos: float | None) -> list[Song]:
    return [song(str(number), bpm) for number, bpm in enumerate(tempos)]


def draw(songs: list[Song], least: int, seed: int = 0) -> list[str]:
    return [each.name for each in songs_at_one_tempo(songs, least, np.random.default_rng(seed))]


def test_songs_of_the_shared_tempo_are_drawn() -> None:
    assert draw(songs_at(120, 99, 120, None, 120, 140), least=3) == ["0", "2", "4"]


def test_tempos_that_differ_inaudibly_are_one() -> None:
    assert draw(songs_at(120.0, 120.01, 119.99, 120.2), least=3) == ["0", "1", "2"]


@pytest.mark.parametrize("tempos", [(120, 99, 120), (None, None, None), ()])
def test_where_too_few_share_a_tempo_no_song_is_drawn(tempos: tuple[float | None, ...]) -> None:
    assert draw(songs_at(*tempos), least=3) == []


def test_a_tempo_is_drawn_as_often_as_songs_have_it() -> None:
    songs = songs_at(*[120] * 30, *[90] * 10)
    drawn = Counter(len(draw(songs, least=5, seed=seed)) for seed in range(400))
    assert set(drawn) == {30, 10}
    assert 250 < drawn[30] < 350


def write_songs(root: Path, tempos: list[float]) -> list[Song]:
    for number in range(len(tempos)):
        for place, name in enumerate(("drums", "bass")):
            write_wav(root / str(number) / f"{name}.wav", noise(2 * number + place, 200_000, 0.1))
    return [replace(each, bpm=tempos[int(each.name)]) for each in find_songs(root)]


def sampler(songs: list[Song], reader: StemReader, **options: Any) -> PairSampler:
    train = TrainConfig(batch=6, types_per_batch=2, **options)
    config = Config(front_end=FrontEndConfig(bins=90), train=train)
    return PairSampler(songs, reader, config, choose_material(reader, config, reader.cache / "powers"))


def changes_of(sampler: PairSampler, seed: int) -> list[KeyAndTempo]:
    return [pair.cut.change for pair in sampler._pairs(StemType.BASS, 3, np.random.default_rng(seed))]


def test_a_batch_of_one_tempo_has_no_other(tmp_path: Path, reader: StemReader) -> None:
    songs = write_songs(tmp_path, [120, 120, 120, 80, 90, 100])
    drawn = sampler(songs, reader, same_tempo=1.0)
    for seed in range(5):
        pairs = drawn._pairs(StemType.BASS, 3, np.random.default_rng(seed))
        assert {pair.cut.song.bpm for pair in pairs} == {120}


def test_without_it_tempos_are_mixed(tmp_path: Path, reader: StemReader) -> None:
    songs = write_songs(tmp_path, [120, 120, 120, 80, 90, 100])
    drawn = sampler(songs, reader, same_tempo=0.0)
    tempos = [
        {pair.cut.song.bpm for pair in drawn._pairs(StemType.BASS, 3, np.random.default_rng(seed))}
        for seed in range(5)
    ]
    assert any(len(each) > 1 for each in tempos)


MOVED = {"mix_powers": True, "transpose_semitones": 3, "tempo_share": 0.25}


def test_songs_of_one_tempo_get_faster_or_slower_together(tmp_path: Path, reader: StemReader) -> None:
    drawn = sampler(write_songs(tmp_path, [120] * 4), reader, same_tempo=1.0, **MOVED)
    batches = [changes_of(drawn, seed) for seed in range(8)]
    tempi = [{change.tempo for change in changes} for changes in batches]
    assert all(len(each) == 1 for each in tempi)
    assert len(set.union(*tempi)) == len(batches)
    # Keys are each song's own, or a key would tell which songs are meant.
    assert any(len({change.semitones for change in changes}) > 1 for changes in batches)


def test_where_no_tempo_is_shared_each_song_gets_its_own(tmp_path: Path, reader: StemReader) -> None:
    drawn = sampler(write_songs(tmp_path, [80, 90, 100, 110]), reader, same_tempo=1.0, **MOVED)
    assert all(len({change.tempo for change in changes_of(drawn, seed)}) == 3 for seed in range(5))


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_share_outside_0_to_1_is_refused(share: float) -> None:
    with pytest.raises(ConfigError, match="same_tempo is a share"):
        Config(train=TrainConfig(same_tempo=share))
