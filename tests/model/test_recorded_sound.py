"""Rooms, noise and bandwidths on spectra."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audio.decode import SAMPLE_RATE
from audio.stems import StemType
from model.config import Config
from model.config_sections import FrontEndConfig
from model.material import Cut, Example, Material, choose_material
from model.recorded_sound import (
    CUT_DB_PER_OCTAVE,
    CUTS,
    HIGHEST_OCTAVES,
    NOISES,
    ROOMS,
    RecordedSound,
)
from model.songs import Song
from model.stem_reader import StemReader
from model.train_config import TrainConfig

CONFIG = FrontEndConfig(bins=90, bins_per_octave=12)
HOP = CONFIG.hop_samples
DRY = RecordedSound(None, None, None)

Side = Callable[[Material, int], Example | None]


def impulse(frames: int = 64) -> np.ndarray:
    powers = np.zeros((frames, CONFIG.bins), np.float32)
    powers[4] = 1.0
    return powers


def many(count: int = 400) -> list[RecordedSound]:
    generator = np.random.default_rng(1)
    return [RecordedSound.random(CONFIG, generator) for _ in range(count)]


def test_without_any_of_it_sound_stays_as_it_is() -> None:
    assert np.array_equal(DRY(impulse(), HOP), impulse())


@pytest.mark.parametrize("seconds", [0.3, 1.0])
def test_a_tail_loses_60_db_in_its_time(seconds: float) -> None:
    heard = replace(DRY, tail=(seconds, 0.1))(impulse(), HOP)
    assert np.array_equal(heard[:5], impulse()[:5])  # nothing sounds before its cause
    levels = 10 * np.log10(heard[5:, 0])
    per_second = float(np.diff(levels).mean()) * SAMPLE_RATE / HOP
    assert per_second == pytest.approx(-60.0 / seconds, rel=0.01)


def test_a_tail_holds_the_wanted_share_of_the_energy() -> None:
    heard = replace(DRY, tail=(0.3, 0.25))(impulse(), HOP)
    assert heard[5:].sum() / impulse().sum() == pytest.approx(0.25, rel=0.01)


def test_noise_is_steady_and_as_loud_as_wanted() -> None:
    floor = np.full(CONFIG.bins, 0.01, np.float32)
    heard = replace(DRY, floor=floor)(impulse(), HOP)
    assert heard[0] == pytest.approx(0.01 * impulse().mean())
    assert np.ptp(heard[5:], axis=0).max() == 0.0


def test_noise_follows_the_level_of_what_is_recorded() -> None:
    sound = replace(DRY, floor=np.full(CONFIG.bins, 0.01, np.float32))
    assert sound(100 * impulse(), HOP) == pytest.approx(100 * sound(impulse(), HOP))


def test_a_bandwidth_takes_away_from_the_ends_and_never_adds() -> None:
    responses = [sound.response for sound in many() if sound.response is not None]
    assert responses
    for response in responses:
        lost = -10 * np.log10(response)
        assert lost.min() >= -1e-4
        assert lost.max() <= CUT_DB_PER_OCTAVE * HIGHEST_OCTAVES + 1e-3
        middle = slice(CONFIG.bins // 4, CONFIG.bins // 2)
        assert lost[middle] == pytest.approx(0.0, abs=1e-4)
    assert any(response[0] < 0.5 for response in responses)
    assert any(response[-1] < 0.01 for response in responses)


def test_each_is_as_frequent_as_declared() -> None:
    drawn = many(1000)
    for wanted, found in (
        (ROOMS, [sound.tail is not None for sound in drawn]),
        (NOISES, [sound.floor is not None for sound in drawn]),
        (1 - (1 - CUTS) ** 2, [sound.response is not None for sound in drawn]),
    ):
        assert np.mean(found) == pytest.approx(wanted, abs=0.06)


def test_the_same_generator_records_the_same() -> None:
    one, other = (RecordedSound.random(CONFIG, np.random.default_rng(7))(impulse(), HOP) for _ in range(2))
    assert np.array_equal(one, other)


def test_both_sides_of_a_pair_are_recorded_and_differently(
    songs: list[Song], reader: StemReader, tmp_path: Path
) -> None:
    options = TrainConfig(mix_powers=True, gain_db=0.0)
    dry = Config(front_end=CONFIG, train=options)
    recorded = Config(front_end=CONFIG, train=replace(options, recorded=True))
    song = replace(songs[0], stems={one: songs[0].stems[one] for one in list(songs[0].stems)[:2]})
    cut = Cut(song, StemType.DRUMS, 0)
    assert cut.stem_type in song.stems
    plain, changed = (choose_material(reader, config, tmp_path) for config in (dry, recorded))
    sides: tuple[Side, ...] = (
        lambda material, seed: material.target(cut, 0, np.random.default_rng(seed)),
        lambda material, seed: material.context(cut, np.random.default_rng(seed)),
    )
    for side in sides:
        one, other = side(plain, 1), side(plain, 2)
        assert one is not None
        assert other is not None
        assert np.array_equal(one, other)
        draws = [draw for seed in range(6) if (draw := side(changed, seed)) is not None]
        assert len(draws) == 6
        assert len({draw.tobytes() for draw in draws}) > 3
        assert all(np.isfinite(draw).all() for draw in draws)


def test_a_recording_is_brought_to_one_level(songs: list[Song], reader: StemReader, tmp_path: Path) -> None:
    """What a room or a bandwidth adds or takes away does not show as loudness."""
    config = Config(front_end=CONFIG, train=TrainConfig(mix_powers=True, recorded=True))
    material = choose_material(reader, config, tmp_path)
    cut = Cut(songs[0], StemType.DRUMS, 0)
    energies = []
    for seed in range(12):
        image = material.target(cut, 0, np.random.default_rng(seed))
        assert image is not None
        energies.append(np.exp(image * CONFIG.deviation + CONFIG.mean).sum())
    assert max(energies) / min(energies) < 1.3
