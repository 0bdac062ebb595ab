"""A second look: what is in time and in key with a mix agrees with it, wherever it begins."""

import numpy as np
import pytest

from audio.agreement import HARMONY_WEIGHT, RHYTHM_WEIGHT, Agreement
from audio.decode import SAMPLE_RATE, Waveform
from audio.sketch import CHROMA_HOP, Sketch, sketch
from audio.stems import StemType
from tests.audio.music import make_hit, make_note

SECONDS = 24
EMPTY = Sketch(np.zeros(0, np.int8), np.zeros((12, 0), np.int8))


def beats(seed: int, share: float = 0.3) -> Waveform:
    """Hits on random sixteenths."""
    waveform, hit, step = np.zeros(SECONDS * SAMPLE_RATE, np.float32), make_hit(), SAMPLE_RATE // 8
    generator = np.random.default_rng(seed)
    for place in np.flatnonzero(generator.random(SECONDS * 8 - 8) < share):
        end = min(len(hit), step)
        waveform[place * step : place * step + end] += hit[:end]
    return waveform


def chords(seed: int, transpose: int = 0) -> Waveform:
    """A note of a random pitch class each second."""
    pitches = np.random.default_rng(seed).integers(0, 12, SECONDS)
    return np.concatenate([make_note(57 + (int(pitch) + transpose) % 12, 1.0) for pitch in pitches])


@pytest.mark.parametrize("begin", [0.0, 1.37, 3.3])
def test_the_same_rhythm_agrees_wherever_it_begins(begin: float) -> None:
    whole = beats(1)
    mix = Agreement(sketch(whole[round(begin * SAMPLE_RATE) :]))
    assert mix.rhythm(sketch(whole)) > 0.75
    assert mix.rhythm(sketch(beats(2))) < 0.5


@pytest.mark.parametrize("begin", [0.0, 2.05])
def test_the_same_chords_agree_wherever_they_begin(begin: float) -> None:
    whole = chords(1)
    mix = Agreement(sketch(whole[round(begin * SAMPLE_RATE) :]))
    assert mix.harmony(sketch(whole)) > 0.8
    assert mix.harmony(sketch(chords(2))) < 0.5


def test_another_key_does_not_agree() -> None:
    mix = Agreement(sketch(chords(1)))
    assert mix.harmony(sketch(chords(1, transpose=1))) < 0.6 * mix.harmony(sketch(chords(1)))


def test_the_bonus_is_the_weighed_sum() -> None:
    mix, stem = Agreement(sketch(chords(1) + beats(1))), sketch(chords(1))
    rhythm, harmony = RHYTHM_WEIGHT * mix.rhythm(stem), HARMONY_WEIGHT * mix.harmony(stem)
    assert harmony > 0.1
    assert mix.bonus(stem, StemType.BASS) == pytest.approx(rhythm + harmony)


def test_drums_have_no_harmony() -> None:
    mix, stem = Agreement(sketch(chords(1) + beats(1))), sketch(beats(1) + chords(1))
    assert mix.bonus(stem, StemType.DRUMS) == pytest.approx(RHYTHM_WEIGHT * mix.rhythm(stem))


def test_no_bonus_is_below_0_or_above_what_the_weights_allow() -> None:
    mix = Agreement(sketch(chords(1) + beats(1)))
    for seed in range(4):
        for stem in (beats(seed), chords(seed), chords(seed) + beats(seed)):
            assert 0 <= mix.bonus(sketch(stem), StemType.KEYS) <= (RHYTHM_WEIGHT + HARMONY_WEIGHT) * 1.001


def test_bonuses_are_those_of_each_stem() -> None:
    mix, stems = Agreement(sketch(chords(1))), [sketch(chords(1)), None, sketch(chords(2)), EMPTY]
    bonuses = mix.bonuses(stems, StemType.KEYS)
    assert bonuses.dtype == np.float32
    assert bonuses[[1, 3]].tolist() == [0.0, 0.0]
    assert bonuses[0] == pytest.approx(mix.bonus(stems[0], StemType.KEYS))  # type: ignore[arg-type]  # a sketch
    assert bonuses[0] > bonuses[2]


def test_a_mix_without_anything_agrees_with_nothing() -> None:
    for mix in (EMPTY, sketch(np.zeros(8 * SAMPLE_RATE, np.float32))):
        assert Agreement(mix).bonus(sketch(chords(1)), StemType.KEYS) == 0.0


def test_two_drones_do_not_agree() -> None:
    """Neither has a rhythm or chords that move; of what rounding leaves nothing may be made."""
    drones = [
        (0.1 * np.sin(2 * np.pi * hertz / SAMPLE_RATE * np.arange(SECONDS * SAMPLE_RATE))).astype(np.float32)
        for hertz in (220.0, 330.0)
    ]
    # Their first and last frames lie half in silence.
    one, other = (Sketch(drawn.onsets, drawn.chroma[:, 2:-2]) for drawn in map(sketch, drones))
    assert Agreement(one).harmony(other) < 0.2
    assert Agreement(one).rhythm(other) < 0.2


def test_little_overlap_proves_little() -> None:
    """The last two seconds of a long mix are like the stem: that happens by chance."""
    stem, long = beats(1), beats(2)
    long[-2 * SAMPLE_RATE :] = stem[4 * SAMPLE_RATE : 6 * SAMPLE_RATE]
    assert Agreement(sketch(long)).rhythm(sketch(stem)) < 0.6


def test_a_short_loop_agrees_less_than_a_long_stem() -> None:
    whole, mix = beats(1), Agreement(sketch(beats(1)))
    loop = mix.rhythm(sketch(whole[: 4 * SAMPLE_RATE]))
    assert 0.25 < loop < 0.6 * mix.rhythm(sketch(whole))


@pytest.mark.parametrize("seconds", [5, 10, 18])
def test_of_a_short_mix_chords_prove_as_much_less_as_the_root_of_its_length(seconds: int) -> None:
    """Twenty frames of chroma are like some place of any long stem."""
    whole = chords(1)
    short = Agreement(sketch(whole[2 * SAMPLE_RATE : (2 + seconds) * SAMPLE_RATE]))
    assert short.harmony(sketch(whole)) == pytest.approx((seconds / 20) ** 0.5, rel=0.15)


def test_of_a_short_mix_the_rhythm_proves_as_much_as_of_a_long_one() -> None:
    whole = beats(1)
    assert Agreement(sketch(whole[: 5 * SAMPLE_RATE])).rhythm(sketch(whole)) > 0.75


def test_a_mix_of_minutes_is_not_asked_to_overlap_wholly() -> None:
    """A stem of 24 s that is in the mix agrees, however long the mix goes on."""
    long = np.concatenate([beats(seed) for seed in (5, 1, 6, 7)])
    assert Agreement(sketch(long)).rhythm(sketch(beats(1))) > 0.7


def test_a_stem_a_sample_longer_is_no_other_stem() -> None:
    """Lengths are padded to common sizes: nothing may depend on which."""
    mix = Agreement(sketch(beats(1)[: 20 * SAMPLE_RATE]))
    lengths = [SECONDS * SAMPLE_RATE - cut for cut in range(0, 5 * CHROMA_HOP, CHROMA_HOP)]
    values = [mix.rhythm(sketch(beats(1)[:length])) for length in lengths]
    assert np.ptp(values) < 0.05
