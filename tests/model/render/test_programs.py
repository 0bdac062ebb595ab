import numpy as np
import pytest

from audio.labels import type_from_general_midi
from audio.stems import StemType
from model.render.programs import DRUM_KITS, VOICES, choose_drum_kit, choose_program, choose_voice


@pytest.mark.parametrize("program", range(128))
def test_a_program_is_replaced_by_one_of_its_type(program: int) -> None:
    generator = np.random.default_rng(program)
    chosen = {choose_program(program, generator) for _ in range(40)}
    assert {type_from_general_midi(p) for p in chosen} == {type_from_general_midi(program)}


def test_a_piano_becomes_many_instruments_and_stays_itself_often() -> None:
    generator = np.random.default_rng(0)
    chosen = [choose_program(0, generator) for _ in range(400)]
    assert len(set(chosen)) > 12
    assert chosen.count(0) > 120


def test_a_sound_effect_stays_what_it_is() -> None:
    generator = np.random.default_rng(0)
    assert {choose_program(122, generator) for _ in range(20)} == {122}


def test_voices_are_vocals_and_kits_are_drawn_from_the_list() -> None:
    generator = np.random.default_rng(0)
    assert {type_from_general_midi(voice) for voice in VOICES} == {StemType.VOCALS}
    assert {choose_voice(generator) for _ in range(60)} == set(VOICES)
    assert {choose_drum_kit(generator) for _ in range(200)} == set(DRUM_KITS)
