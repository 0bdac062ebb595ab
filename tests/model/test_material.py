"""Both kinds of material make the same pairs; spectra merely take less time."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from audio.stems import StemType
from audio.windows import WINDOW_SAMPLES
from model.batches import Batch, PairSampler
from model.config import Config
from model.jepa import Jepa
from model.material import Cut, Material, PowerMaterial, WaveformMaterial, choose_material
from model.songs import Song, find_songs
from model.stem_reader import StemReader
from model.step import images_of
from tests.model.configs import tiny
from tests.model.multitracks import TYPES, noise, write_wav

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def config() -> Config:
    """Without the random equaliser, which would hide that two images are alike."""
    return tiny(batch=6, equaliser_db=0.0, jitter_samples=0, search_seconds=1.0)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("powers")


def material_of(config: Config, reader: StemReader, cache: Path, *, powers: bool) -> Material:
    return choose_material(reader, with_powers(config, powers=powers), cache)


def with_powers(config: Config, *, powers: bool) -> Config:
    return replace(config, train=replace(config.train, mix_powers=powers))


def batch_of(config: Config, songs: list[Song], reader: StemReader, cache: Path, *, powers: bool) -> Batch:
    chosen = with_powers(config, powers=powers)
    return PairSampler(songs, reader, chosen, choose_material(reader, chosen, cache)).batch(3)


def generator() -> np.random.Generator:
    return np.random.default_rng(4)


def test_the_config_chooses(config: Config, reader: StemReader, cache: Path) -> None:
    assert isinstance(material_of(config, reader, cache, powers=False), WaveformMaterial)
    assert isinstance(material_of(config, reader, cache, powers=True), PowerMaterial)


def test_a_batch_of_either_has_the_same_pairs(
    config: Config, songs: list[Song], reader: StemReader, cache: Path, jepa: Jepa
) -> None:
    heard = batch_of(config, songs, reader, cache, powers=False)
    added = batch_of(config, songs, reader, cache, powers=True)
    assert np.array_equal(heard.types, added.types)
    assert np.array_equal(heard.offsets, added.offsets)
    assert np.array_equal(heard.same_song, added.same_song)
    ours, theirs = (images_of(jepa, batch, CPU) for batch in (added, heard))
    for mine, exact in ((ours.targets, theirs.targets), (ours.contexts, theirs.contexts)):
        assert mine.shape == exact.shape
        assert float(torch.corrcoef(torch.stack([mine.flatten(), exact.flatten()]))[0, 1]) > 0.95


def test_images_have_the_shapes_that_they_declare(
    config: Config, songs: list[Song], reader: StemReader, cache: Path
) -> None:
    batch = batch_of(config, songs, reader, cache, powers=True)
    bins, frames = config.front_end.bins, config.front_end.frames
    assert batch.targets.shape == (6, bins, frames)
    assert batch.contexts.shape == (6, bins, frames + config.search_frames)
    assert batch.targets.dtype == batch.contexts.dtype == np.float32


def test_images_are_not_sent_through_the_front_end(
    config: Config, songs: list[Song], reader: StemReader, cache: Path, jepa: Jepa
) -> None:
    batch = batch_of(config, songs, reader, cache, powers=True)
    assert np.allclose(images_of(jepa, batch, CPU).targets.numpy(), batch.targets)


@pytest.mark.parametrize("powers", [False, True])
def test_a_target_is_a_window_of_the_stem(
    config: Config, songs: list[Song], reader: StemReader, cache: Path, powers: bool
) -> None:
    material, song = material_of(config, reader, cache, powers=powers), songs[0]
    first, later = (
        material.target(Cut(song, StemType.DRUMS, start), 0, generator())
        for start in (0, WINDOW_SAMPLES // 2)
    )
    assert first is not None
    assert later is not None
    if powers:
        frames = config.front_end.frames
        assert np.array_equal(first[:, frames // 2 :].argmax(0), later[:, : frames // 2].argmax(0))
    else:
        assert np.array_equal(first[WINDOW_SAMPLES // 2 :], later[: WINDOW_SAMPLES // 2])


def test_jitter_is_rounded_to_half_frames(
    config: Config, songs: list[Song], reader: StemReader, cache: Path
) -> None:
    material, song, hop = (
        material_of(config, reader, cache, powers=True),
        songs[0],
        config.front_end.hop_samples,
    )
    none, little, half, back = (
        material.target(Cut(song, StemType.DRUMS, 20 * hop), jitter, generator())
        for jitter in (0, hop // 5, hop // 2, -hop // 2)
    )
    assert none is not None
    assert little is not None
    assert half is not None
    assert back is not None
    assert np.array_equal(none, little)
    assert not np.array_equal(none, half)
    # Half a hop before frame 20 is half a hop after frame 19.
    assert np.allclose(np.diff(back)[:, 1:], np.diff(half)[:, :-1], atol=1e-3)


@pytest.mark.parametrize("powers", [False, True])
def test_silence_is_no_material(
    config: Config, reader: StemReader, tmp_path: Path, cache: Path, powers: bool
) -> None:
    write_wav(tmp_path / "song" / "drums.wav", np.zeros(300_000, np.float32))
    write_wav(tmp_path / "song" / "bass.wav", noise(1, 300_000))
    (song,) = find_songs(tmp_path)
    material = material_of(config, reader, cache, powers=powers)
    assert material.target(Cut(song, StemType.DRUMS, 0), 0, generator()) is None
    assert material.target(Cut(song, StemType.BASS, 0), 0, generator()) is not None
    assert material.context(Cut(song, StemType.BASS, 0), generator()) is None
    assert material.context(Cut(song, StemType.DRUMS, 0), generator()) is not None


@pytest.mark.parametrize("powers", [False, True])
def test_a_context_lacks_the_wanted_stem(
    config: Config, songs: list[Song], reader: StemReader, cache: Path, powers: bool
) -> None:
    """A song of two types leaves one: its context is the other, brought to one level."""
    song = replace(songs[0], stems={one: songs[0].stems[one] for one in TYPES[:2]})
    material = material_of(config, reader, cache, powers=powers)
    context = material.context(Cut(song, TYPES[0], 0), generator())
    alone = material.target(Cut(song, TYPES[1], 0), 0, generator())
    assert context is not None
    assert alone is not None
    window = context[..., : alone.shape[-1]]
    assert np.corrcoef(window.ravel(), alone.ravel())[0, 1] > 0.99


def test_gains_weigh_powers(config: Config, songs: list[Song], reader: StemReader, cache: Path) -> None:
    """With gains, mixes differ from draw to draw; without them the whole of a song is always the same."""
    loud = replace(config, train=replace(config.train, gain_db=12.0))
    steady = replace(config, train=replace(config.train, gain_db=0.0))
    song = replace(songs[0], stems={one: songs[0].stems[one] for one in TYPES})
    for chosen, differs in ((loud, True), (steady, False)):
        material = material_of(chosen, reader, cache, powers=True)
        draws = [material.context(Cut(song, TYPES[0], 0), np.random.default_rng(seed)) for seed in range(8)]
        different = {draw.tobytes() for draw in draws if draw is not None}
        # Of two others there are three mixtures without gains: one, the other, both.
        assert (len(different) > 3) == differs
