"""Training pairs: what is in them, and that they depend on seed and step alone."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from audio.decode import Waveform
from audio.stems import StemType
from audio.windows import WINDOW_SAMPLES
from model.batches import Batch, NoPairError, PairSampler
from model.config import Config
from model.config_sections import FrontEndConfig
from model.mixing import is_active, rms
from model.songs import Song, find_songs
from model.stem_reader import StemReader
from model.train_config import TrainConfig
from tests.model.multitracks import TYPES, noise, write_wav

BINS = 90
OPTIONS = TrainConfig(batch=6, types_per_batch=2)


def sampler(songs: list[Song], reader: StemReader, **options: object) -> PairSampler:
    training = replace(OPTIONS, **options)  # type: ignore[arg-type]  # fields of it
    return PairSampler(songs, reader, Config(front_end=FrontEndConfig(bins=BINS), train=training))


def are_equal(one: Batch, other: Batch) -> bool:
    arrays = ((getattr(one, array.name), getattr(other, array.name)) for array in fields(Batch))
    return all(np.array_equal(first, second) for first, second in arrays)


def write_levels(root: Path, levels: dict[str, float], songs: int = 2, samples: int = 160_000) -> list[Song]:
    """Songs whose types are noise at a level each."""
    for song in range(songs):
        for number, (name, level) in enumerate(levels.items()):
            write_wav(root / f"{song}" / f"{name}.wav", noise(10 * song + number, samples, level))
    return find_songs(root)


def test_a_batch_has_the_shapes_that_it_declares(songs: list[Song], reader: StemReader) -> None:
    batch = sampler(songs, reader).batch(0)
    assert batch.contexts.shape == batch.targets.shape == (6, WINDOW_SAMPLES)
    assert batch.context_equalisers.shape == batch.target_equalisers.shape == (6, BINS)
    assert batch.types.shape == batch.offsets.shape == (6,)
    assert batch.same_song.shape == (6, 6)
    assert batch.contexts.dtype == batch.targets.dtype == batch.context_equalisers.dtype == np.float32


def test_the_same_step_gives_the_same_batch(songs: list[Song], reader: StemReader) -> None:
    assert are_equal(sampler(songs, reader).batch(5), sampler(songs, reader).batch(5))


def test_another_step_or_seed_gives_another(songs: list[Song], reader: StemReader) -> None:
    first = sampler(songs, reader).batch(5)
    assert not are_equal(first, sampler(songs, reader).batch(6))
    assert not are_equal(first, sampler(songs, reader, seed=1).batch(5))


@pytest.mark.parametrize(("first_step", "last_step", "ahead"), [(0, 5, 3), (3, 7, 3), (2, 3, 3), (0, 4, 1)])
def test_batches_come_in_the_order_of_their_steps(
    songs: list[Song], reader: StemReader, first_step: int, last_step: int, ahead: int
) -> None:
    drawn = sampler(songs, reader, batch=2)
    prepared = list(drawn.batches(first_step, last_step, ahead))
    assert len(prepared) == last_step - first_step
    for step, batch in enumerate(prepared, start=first_step):
        assert are_equal(batch, drawn.batch(step))


def test_a_finished_run_has_no_more_batches(songs: list[Song], reader: StemReader) -> None:
    assert list(sampler(songs, reader).batches(7, 7)) == []


@pytest.mark.parametrize("types_per_batch", [1, 2, 3])
def test_a_batch_shares_its_pairs_evenly_among_types(
    songs: list[Song], reader: StemReader, types_per_batch: int
) -> None:
    for step in range(3):
        counts = np.bincount(sampler(songs, reader, types_per_batch=types_per_batch).batch(step).types)
        assert sorted(counts[counts > 0]) == [6 // types_per_batch] * types_per_batch


def test_fewer_types_than_a_batch_wants_still_fill_it(songs: list[Song], reader: StemReader) -> None:
    batch = sampler(songs, reader, batch=12, types_per_batch=6).batch(0)
    assert sorted(set(batch.types.tolist())) == sorted(stem_type.number for stem_type in TYPES)
    assert len(batch.types) == 12


def test_pairs_of_one_type_come_from_different_songs_while_there_are_any(
    songs: list[Song], reader: StemReader
) -> None:
    batch = sampler(songs, reader, batch=6, types_per_batch=1).batch(0)
    assert np.array_equal(batch.same_song, np.eye(6, dtype=bool))


def test_songs_of_one_group_count_as_one(songs: list[Song], reader: StemReader) -> None:
    takes = [replace(song, group="one tune") for song in songs]
    assert sampler(takes, reader).batch(0).same_song.all()


def test_a_context_never_holds_its_target(tmp_path: Path, reader: StemReader) -> None:
    songs = write_levels(tmp_path, {"drums": 0.1, "bass": 0.1, "keys": 0.1})
    for step in range(4):
        batch = sampler(songs, reader, jitter_samples=0).batch(step)
        for context, target in zip(batch.contexts, batch.targets, strict=True):
            alike = float(np.dot(context, target)) / (rms(context) * rms(target) * len(target))
            assert abs(alike) < 0.02


def test_a_context_is_made_of_the_songs_other_stems(tmp_path: Path, reader: StemReader) -> None:
    songs = write_levels(tmp_path, {"drums": 0.1, "bass": 0.1}, songs=1, samples=WINDOW_SAMPLES)
    batch = sampler(songs, reader, batch=2, gain_db=0.0, jitter_samples=0).batch(0)
    stems = {
        name: reader.read(songs[0].stems[StemType(name)], 0, WINDOW_SAMPLES) for name in ("drums", "bass")
    }
    for number, context, target in zip(batch.types, batch.contexts, batch.targets, strict=True):
        own, other = ("drums", "bass") if number == StemType.DRUMS.number else ("bass", "drums")
        np.testing.assert_allclose(target, stems[own], atol=1e-6)
        np.testing.assert_allclose(context, stems[other], atol=1e-6)


def test_what_rests_is_neither_target_nor_context(tmp_path: Path, reader: StemReader) -> None:
    songs = write_levels(tmp_path, {"drums": 0.1, "bass": 0.1, "keys": 0.001})
    drawn = sampler(songs, reader, types_per_batch=1)
    assert drawn._pairs(StemType.KEYS, 2, np.random.default_rng(0)) == []
    assert all(is_active(pair.context) for pair in drawn._pairs(StemType.BASS, 4, np.random.default_rng(0)))


def test_others_take_the_places_of_a_type_that_is_silent(tmp_path: Path, reader: StemReader) -> None:
    songs = write_levels(tmp_path, {"drums": 0.1, "bass": 0.1, "keys": 0.0})
    batches = [sampler(songs, reader, types_per_batch=3).batch(step) for step in range(3)]
    assert all(len(batch.types) == sampler(songs, reader).config.batch for batch in batches)
    assert {*np.concatenate([batch.types for batch in batches])} == {
        StemType.DRUMS.number,
        StemType.BASS.number,
    }


def test_songs_in_which_nothing_plays_together_are_refused(tmp_path: Path, reader: StemReader) -> None:
    songs = write_levels(tmp_path, {"drums": 0.1, "bass": 0.0})
    with pytest.raises(NoPairError, match="heard at once"):
        sampler(songs, reader).batch(0)


def test_targets_are_shifted_by_less_than_half_a_hop(tmp_path: Path, reader: StemReader) -> None:
    songs = write_levels(tmp_path, {"drums": 0.1, "bass": 0.1}, songs=1, samples=WINDOW_SAMPLES)
    drums = reader.read(songs[0].stems[StemType.DRUMS], -300, WINDOW_SAMPLES + 600)
    batch = sampler(songs, reader, batch=8, types_per_batch=2).batch(1)
    for target in batch.targets[batch.types == StemType.DRUMS.number]:
        fits = [by for by in range(601) if np.array_equal(drums[by : by + 2000], target[:2000])]
        assert len(fits) == 1
        assert abs(fits[0] - 300) <= 250


def test_the_target_lies_where_the_offset_says(tmp_path: Path, reader: StemReader) -> None:
    songs = write_levels(tmp_path, {"drums": 0.1, "bass": 0.1}, songs=1, samples=400_000)
    whole = reader.read(songs[0].stems[StemType.DRUMS], -40_000, 480_000)
    drawn = sampler(songs, reader, batch=8, gain_db=0.0, jitter_samples=0, search_seconds=2.0)
    batch = drawn.batch(1)
    assert batch.contexts.shape[1] == WINDOW_SAMPLES + 32_000
    assert len(set(batch.offsets.tolist())) > 4
    assert 0 <= batch.offsets.min() <= batch.offsets.max() <= 64
    bass = reader.read(songs[0].stems[StemType.BASS], -40_000, 480_000)
    for number, context, target, offset in zip(
        batch.types, batch.contexts, batch.targets, batch.offsets, strict=True
    ):
        own, other = (whole, bass) if number == StemType.DRUMS.number else (bass, whole)
        start = _find(own, target)
        assert _find(other, context) == start - offset * 500


def _find(whole: Waveform, piece: Waveform) -> int:
    """Where a piece of noise begins in the whole."""
    middle = piece[50_000:54_000]
    return int(np.argmax(np.correlate(whole, middle, mode="valid"))) - 50_000


def test_nothing_of_a_song_or_its_versions_is_a_wrong_answer_for_it(
    tmp_path: Path, reader: StemReader
) -> None:
    songs = write_levels(tmp_path, {"drums": 0.1, "bass": 0.1}, songs=3)
    versions = [replace(song, group="other" if song.name == "2" else "one tune") for song in songs]
    drawn = sampler(versions, reader)
    pairs = drawn._pairs(StemType.DRUMS, 6, np.random.default_rng(0))
    groups = [pair.cut.song.group for pair in pairs]
    assert set(groups) == {"one tune", "other"}
    expected = [[one == other for other in groups] for one in groups]
    assert drawn._same_song(pairs).tolist() == expected


def test_a_window_far_below_the_loudest_of_its_stem_is_a_rest(tmp_path: Path, reader: StemReader) -> None:
    loud_then_soft = np.concatenate([noise(0, 128_000, 0.5), noise(1, 512_000, 0.01)])
    write_wav(tmp_path / "0" / "drums.wav", loud_then_soft)
    write_wav(tmp_path / "0" / "bass.wav", noise(2, 640_000, 0.1))
    pairs = sampler(find_songs(tmp_path), reader)._pairs(StemType.DRUMS, 8, np.random.default_rng(0))
    assert max(pair.cut.start for pair in pairs) < 128_000


def test_a_song_shorter_than_a_window_is_filled_with_silence(tmp_path: Path, reader: StemReader) -> None:
    songs = write_levels(tmp_path, {"drums": 0.1, "bass": 0.1}, samples=64_000)
    batch = sampler(songs, reader, jitter_samples=0).batch(0)
    assert not batch.targets[:, 64_000:].any()


def test_rare_types_are_drawn_more_often_than_their_share(tmp_path: Path, reader: StemReader) -> None:
    many = write_levels(tmp_path / "many", {"drums": 0.1, "bass": 0.1}, songs=9, samples=16_000)
    rare = write_levels(tmp_path / "rare", {"keys": 0.1, "bass": 0.1}, songs=1, samples=16_000)
    drawn = sampler(many + rare, reader)
    weights = dict(zip(drawn.types, drawn.weights, strict=True))
    assert weights[StemType.KEYS] / weights[StemType.DRUMS] == pytest.approx(1 / 3)


def test_each_side_gets_its_own_equaliser(songs: list[Song], reader: StemReader) -> None:
    batch = sampler(songs, reader).batch(0)
    curves = np.concatenate([batch.context_equalisers, batch.target_equalisers])
    assert len(np.unique(curves, axis=0)) == 12
