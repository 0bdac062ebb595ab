import numpy as np
import pytest

from model.render.excerpt import choose_excerpt
from model.render.midi import MidiSong, Part
from tests.model.render.midi_files import make_part


def make_song(*parts: Part) -> MidiSong:
    return MidiSong(parts, max(float(part.notes[-1, 1]) for part in parts), 120.0)


def test_a_short_song_is_taken_whole_without_its_silent_intro() -> None:
    song = make_song(make_part(0, 0, count=20, start=4.0))
    start, seconds = choose_excerpt(song, 60.0, np.random.default_rng(0))
    assert start == pytest.approx(4.0)
    assert seconds == pytest.approx(song.seconds - 4.0)


@pytest.mark.parametrize("seed", range(5))
def test_the_excerpt_is_where_most_types_play(seed: int) -> None:
    solo = make_part(0, 0, count=400)
    together = [make_part(1, 33, count=60, start=100.0), make_part(9, 0, count=60, start=100.0)]
    start, seconds = choose_excerpt(make_song(solo, *together), 20.0, np.random.default_rng(seed))
    assert 98 <= start <= 112
    assert seconds == pytest.approx(20.0)


def test_two_parts_of_one_type_count_once() -> None:
    keys = [make_part(channel, channel, count=60) for channel in range(5)]
    pair = [make_part(6, 0, count=60, start=100.0), make_part(7, 33, count=60, start=100.0)]
    start, _ = choose_excerpt(make_song(*keys, *pair), 20.0, np.random.default_rng(0))
    assert start >= 98


def test_seeds_choose_other_stretches_of_an_even_song() -> None:
    song = make_song(make_part(0, 0, count=400))
    starts = {choose_excerpt(song, 20.0, np.random.default_rng(seed))[0] for seed in range(8)}
    assert len(starts) > 4
    assert max(starts) <= song.seconds - 20.0
