from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audio.stems import STEM_TYPES, StemType
from model.render.arrange import arrange_stems
from model.render.instruments import play_stem
from model.render.midi import BEND, Control, Part
from model.render.palette import PALETTES, PLAIN, VARIED, Engine, own_engine
from tests.model.render.midi_files import ClickPlayer, make_part

BAND = [
    make_part(0, 33, 40),
    make_part(1, 0, 60),
    make_part(9, 0, 36),
    make_part(2, 52, 64),
    make_part(3, 80, 72),
]
ALWAYS = replace(
    VARIED, drums=1.0, bass=1.0, vocals=1.0, guitar=1.0, keys=1.0, strings=1.0, wind=1.0, synth=1.0, other=1.0
)


def engines(palette: str | object, parts: list[Part], seed: int = 0) -> dict[StemType, Engine]:
    chosen = PALETTES[palette] if isinstance(palette, str) else ALWAYS
    plans = arrange_stems(parts, ClickPlayer(), 2, np.random.default_rng(seed), chosen)
    return {plan.stem_type: plan.engine for plan in plans}


def test_the_plain_palette_is_soundfonts_alone() -> None:
    for seed in range(10):
        assert set(engines("plain", BAND, seed).values()) == {Engine.SOUNDFONT}
    assert not PLAIN.effects
    assert not PLAIN.performance


def test_the_varied_palette_mixes_instruments_by_its_shares() -> None:
    counts = Counter(engine for seed in range(60) for engine in engines("varied", BAND, seed).values())
    assert set(counts) == set(Engine)
    sung = [engines("varied", BAND, seed)[StemType.VOCALS] is Engine.VOICE for seed in range(60)]
    assert np.mean(sung) == pytest.approx(VARIED.vocals, abs=0.17)


def test_each_type_has_a_share_and_an_instrument_of_our_own() -> None:
    for stem_type in STEM_TYPES:
        assert 0 < VARIED.share(stem_type) < 1
        assert own_engine(stem_type) is not Engine.SOUNDFONT
    assert engines(ALWAYS, BAND) == {
        StemType.DRUMS: Engine.DRUM_MACHINE,
        StemType.BASS: Engine.ELECTRONIC,
        StemType.VOCALS: Engine.VOICE,
        StemType.KEYS: Engine.ELECTRONIC,
        StemType.SYNTH: Engine.ELECTRONIC,
    }


def test_what_our_instruments_cannot_play_is_left_to_soundfonts() -> None:
    bent = Part(0, 33, BAND[0].notes, (Control(1.0, BEND, 16383),))
    timpani = make_part(4, 47, 40)
    chosen = engines(ALWAYS, [bent, timpani])
    assert set(chosen.values()) == {Engine.SOUNDFONT}


def test_the_palette_moves_no_other_draw() -> None:
    plain, varied = (
        arrange_stems(BAND, ClickPlayer(), 2, np.random.default_rng(4), palette)
        for palette in (PLAIN, VARIED)
    )
    assert [(p.soundfont, p.room, p.peak) for p in plain] == [(p.soundfont, p.room, p.peak) for p in varied]


@pytest.mark.parametrize("number", range(len(BAND)))
def test_a_stem_played_by_our_own_instrument_is_as_long_as_asked_and_noted(number: int) -> None:
    plans = arrange_stems(BAND, ClickPlayer(), 2, np.random.default_rng(1), ALWAYS)
    plan = plans[number]
    parts = [voice.part for voice in plan.voices]
    take = play_stem(plan, parts, 9.0, ClickPlayer(), np.random.default_rng(2))
    assert len(take.sound) == 9 * 16_000
    assert np.abs(take.sound).max() > 0.05
    assert set(take.note) & {"kit", "singers", "timbres"}


def test_a_soundfont_stem_is_named(tmp_path: Path) -> None:
    plan = arrange_stems(BAND, ClickPlayer(), 2, np.random.default_rng(1))[0]
    take = play_stem(plan, [v.part for v in plan.voices], 9.0, ClickPlayer(), np.random.default_rng(2))
    assert take.note["soundfont"].startswith("clicks-")
    assert len(take.sound) == 9 * 16_000


def test_a_transposed_part_is_played_by_the_same_instrument() -> None:
    plan = next(
        p
        for p in arrange_stems(BAND, ClickPlayer(), 2, np.random.default_rng(1), ALWAYS)
        if p.engine is Engine.VOICE
    )
    parts = [voice.part for voice in plan.voices]
    higher = [Part(p.channel, p.program, np.add(p.notes, [0, 0, 5, 0])) for p in parts]
    notes = [play_stem(plan, ps, 9.0, ClickPlayer(), np.random.default_rng(2)).note for ps in (parts, higher)]
    assert notes[0] == notes[1]
