from dataclasses import replace

import numpy as np
import pytest

from audio.decode import SAMPLE_RATE, Waveform
from audio.stems import StemType
from model.render.effects import Chain, apply_chain, compress, draw_chain, saturate
from model.render.equaliser import Band, Filter, equalise
from tests.model.render.sounds import band_share, cut, find_onset

SECONDS = 3.0


def tone(hertz: float = 440.0, level: float = 0.8) -> Waveform:
    time = np.arange(round(SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    return (level * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def noise() -> Waveform:
    return np.random.default_rng(0).standard_normal(round(SECONDS * SAMPLE_RATE)).astype(np.float32)


def click(at: float = 0.5) -> Waveform:
    sound = np.zeros(round(SECONDS * SAMPLE_RATE), np.float32)
    sound[round(at * SAMPLE_RATE)] = 1.0
    return sound


def apply(sound: Waveform, chain: Chain, seed: int = 0) -> Waveform:
    return apply_chain(sound, chain, np.random.default_rng(seed))


def gain_db(band: Band, hertz: float) -> float:
    heard = equalise(tone(hertz), (band,), 0.0, 0.0)[SAMPLE_RATE:]
    return float(20 * np.log10(heard.std() / tone(hertz)[SAMPLE_RATE:].std()))


def test_a_peak_lifts_its_frequency_and_leaves_far_ones() -> None:
    band = Band(Filter.PEAK, 1000.0, 9.0, 1.0)
    assert gain_db(band, 1000.0) == pytest.approx(9.0, abs=0.1)
    assert gain_db(band, 60.0) == pytest.approx(0.0, abs=0.3)


@pytest.mark.parametrize(
    ("shape", "inside", "outside"), [(Filter.LOW_SHELF, 40.0, 6000.0), (Filter.HIGH_SHELF, 6000.0, 40.0)]
)
def test_a_shelf_lifts_one_end(shape: Filter, inside: float, outside: float) -> None:
    band = Band(shape, 500.0, -6.0)
    assert gain_db(band, inside) == pytest.approx(-6.0, abs=0.4)
    assert gain_db(band, outside) == pytest.approx(0.0, abs=0.4)


def test_a_band_limit_leaves_nothing_above_it() -> None:
    assert band_share(equalise(noise(), (), 0.0, 4000.0), 6000, 8000) < 1e-3
    assert band_share(equalise(noise(), (), 300.0, 0.0), 0, 60) < 1e-3
    assert equalise(noise(), (), 0.0, 0.0) is not None


def test_saturation_adds_harmonics_and_squashes_peaks() -> None:
    driven = saturate(tone(), 24.0)
    assert band_share(driven, 1300, 1340) > 0.02 > band_share(tone(), 1300, 1340)
    assert np.abs(driven).max() < 1.3
    assert driven.std() > 1.3 * tone().std()


def test_compression_brings_loud_and_soft_nearer() -> None:
    sound = np.concatenate([tone(level=0.05), tone(level=0.8)]).astype(np.float32)
    squeezed = compress(sound, -20.0, 4.0, 0.05)
    half = len(tone())
    before, after = (20 * np.log10(s[half + 8000 :].std() / s[:half].std()) for s in (sound, squeezed))
    assert before - after > 8


def test_a_room_rings_after_the_sound_and_not_before() -> None:
    heard = apply(click(), Chain(room_seconds=0.8, room_db=-10.0))
    assert find_onset(heard, 0.5) == pytest.approx(0.5, abs=0.001)
    assert np.abs(cut(heard, 0.0, 0.49)).max() < 1e-4
    assert np.abs(cut(heard, 0.52, 0.7)).std() > 10 * np.abs(cut(heard, 1.2, 1.4)).std()


def test_an_echo_repeats() -> None:
    heard = apply(click(), Chain(echo_seconds=0.3, echo_db=-12.0))
    peaks = [float(np.abs(cut(heard, at - 0.01, at + 0.01)).max()) for at in (0.5, 0.8, 1.1)]
    assert peaks[1] / peaks[0] == pytest.approx(10 ** (-12 / 20), rel=0.05)
    assert peaks[2] / peaks[1] == pytest.approx(10 ** (-12 / 20), rel=0.05)


def test_noise_and_hum_lie_at_their_levels() -> None:
    quiet = cut(apply(click(2.9), Chain(noise_db=-60.0)), 0.0, 2.0)
    assert 20 * np.log10(quiet.std()) == pytest.approx(-60.0, abs=2.0)
    humming = cut(apply(click(2.9), Chain(hum_db=-50.0, hum_hertz=60.0)), 0.0, 2.0)
    assert band_share(humming, 55, 185) > 0.98


def test_an_empty_chain_changes_nothing_but_the_level() -> None:
    heard = apply(tone(), Chain())
    assert np.allclose(heard / np.abs(heard).max(), tone() / np.abs(tone()).max(), atol=1e-5)


def test_silence_stays_silence() -> None:
    assert not apply(
        np.zeros(1000, np.float32), draw_chain(StemType.GUITAR, dry=True, generator=np.random.default_rng(0))
    ).any()


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("stem_type", [StemType.GUITAR, StemType.BASS, StemType.VOCALS])
def test_any_chain_keeps_length_and_time(stem_type: StemType, seed: int) -> None:
    burst = click() + 0.3 * tone() * (np.arange(len(tone())) > 8000) * np.exp(
        -np.arange(len(tone())) / 20_000
    )
    chain = replace(draw_chain(stem_type, dry=True, generator=np.random.default_rng(seed)), highest=0.0)
    heard = apply(burst.astype(np.float32), chain)
    assert len(heard) == len(burst)
    assert np.isfinite(heard).all()
    assert find_onset(heard, 0.2) == pytest.approx(0.5, abs=0.005)


def test_a_floor_of_noise_is_never_mistaken_for_music() -> None:
    for seed in range(60):
        chain = draw_chain(StemType.KEYS, dry=False, generator=np.random.default_rng(seed))
        assert max(chain.noise_db, chain.hum_db) <= -55


def test_guitars_are_driven_more_often_than_strings() -> None:
    def share(stem_type: StemType) -> float:
        chains = [draw_chain(stem_type, dry=False, generator=np.random.default_rng(s)) for s in range(200)]
        return float(np.mean([chain.drive_db > 0 for chain in chains]))

    assert share(StemType.GUITAR) > 2 * share(StemType.STRINGS) > 0


def test_what_comes_dry_is_put_into_a_room_more_often() -> None:
    def share(*, dry: bool) -> float:
        chains = [draw_chain(StemType.SYNTH, dry=dry, generator=np.random.default_rng(s)) for s in range(100)]
        return float(np.mean([chain.room_seconds > 0 for chain in chains]))

    assert share(dry=True) > 0.6
    assert share(dry=False) < 0.4
