import numpy as np
import pytest

from audio.decode import SAMPLE_RATE
from model.render.drum_machine import make_stroke, play_drums
from model.render.drum_sounds import draw_kit
from model.render.midi import Part
from tests.model.render.sounds import band_share, cut, find_onset

KIT = draw_kit(np.random.default_rng(0))
KICK, SNARE, CLAP, CLOSED_HAT, OPEN_HAT, CRASH = 36, 38, 39, 42, 46, 49


def hits(*strokes: tuple[float, int, int]) -> Part:
    return Part(
        9, 0, np.array([[start, start + 0.1, key, velocity] for start, key, velocity in strokes], np.float64)
    )


@pytest.mark.parametrize("seed", range(8))
def test_kicks_are_low_snares_in_between_and_hats_high(seed: int) -> None:
    kit = draw_kit(np.random.default_rng(seed))
    assert band_share(make_stroke(kit, KICK), 0, 300) > 0.7
    assert band_share(make_stroke(kit, SNARE), 100, 8000) > 0.95
    assert band_share(make_stroke(kit, CLOSED_HAT), 3500, 8000) > 0.8


@pytest.mark.parametrize("key", range(27, 88))
def test_every_key_of_the_percussion_map_sounds_at_once(key: int) -> None:
    stroke = make_stroke(KIT, key)
    assert 0.1 < np.abs(stroke).max() < 1.2
    assert find_onset(stroke) < 0.015
    assert np.isfinite(stroke).all()


def test_strokes_come_when_they_are_written() -> None:
    sound = play_drums(hits((0.5, KICK, 100), (1.5, SNARE, 100)), 2.5, KIT)
    assert find_onset(sound[:SAMPLE_RATE]) == pytest.approx(0.5, abs=0.01)
    assert find_onset(sound[SAMPLE_RATE:]) == pytest.approx(0.5, abs=0.01)


def test_a_soft_stroke_is_quiet() -> None:
    soft, loud = (np.abs(play_drums(hits((0.1, SNARE, v)), 1.0, KIT)).max() for v in (40, 120))
    assert loud > 3 * soft


def test_a_closed_hat_silences_the_open_one() -> None:
    open_hat = play_drums(hits((0.0, OPEN_HAT, 100)), 2.0, KIT)
    choked = play_drums(hits((0.0, OPEN_HAT, 100), (0.1, CLOSED_HAT, 1)), 2.0, KIT)
    assert np.abs(cut(choked, 0.18, 0.4)).max() < 0.2 * np.abs(cut(open_hat, 0.18, 0.4)).max()


def test_a_crash_rings_longer_than_a_hat() -> None:
    assert len(make_stroke(KIT, CRASH)) > 5 * len(make_stroke(KIT, CLOSED_HAT))


def test_toms_go_up_with_their_keys() -> None:
    def centre(key: int) -> float:
        power = np.abs(np.fft.rfft(make_stroke(KIT, key), 65_536)[:4096]) ** 2
        return float(np.argmax(power))

    assert centre(41) < centre(45) < centre(48) < centre(50)


def test_kits_differ_and_a_kit_sounds_the_same_again() -> None:
    assert len({draw_kit(np.random.default_rng(seed)) for seed in range(20)}) == 20
    assert np.array_equal(make_stroke(KIT, SNARE), make_stroke(KIT, SNARE))
    assert np.abs(make_stroke(KIT, CLAP)).max() > 0.3
