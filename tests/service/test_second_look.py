"""The order that users see: what the network found, and how far it agrees with the mix."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from audio.agreement import HARMONY_WEIGHT, LOOKED_AT, RHYTHM_WEIGHT, Agreement
from audio.decode import SAMPLE_RATE
from audio.sketch import Sketch, sketch
from audio.stems import StemType
from library.database import close_sessions, open_sessions
from library.ranking import StemHit
from library.tables import StemRow
from service.open_catalogue import CatalogueSource
from service.question import Question
from service.second_look import SecondLook
from tests.audio.music import make_beat
from tests.service.conftest import SONGS, settings_for
from tests.service.test_matching import find
from tests.songs import mix_waveform, stem_waveform

DRUMS, BASS = StemType.DRUMS, StemType.BASS
FAST, SLOW = (sketch(make_beat(bpm, 16.0)) for bpm in (140, 95))


class Catalogue:
    """Has sketches, and remembers for which it was asked."""

    def __init__(self, sketches: Mapping[int, Sketch]) -> None:
        self.contents = {number: drawn.to_bytes() for number, drawn in sketches.items()}
        self.asked: list[set[int]] = []

    def sketches(self, numbers: Collection[int]) -> Mapping[int, bytes]:
        self.asked.append(set(numbers))
        return {number: self.contents[number] for number in numbers if number in self.contents}


def hit(number: int, score: float) -> StemHit:
    return StemHit(number, score, mix_start=1.0, stem_start=2.0)


def look(mix: Sketch, hits: list[StemHit], stem_type: StemType = DRUMS) -> list[StemHit]:
    return SecondLook(mix, Catalogue({1: FAST, 2: SLOW}).sketches).rank(hits, stem_type)


def test_who_is_in_time_overtakes() -> None:
    for mix, wanted in ((FAST, [1, 2]), (SLOW, [2, 1])):
        assert [each.number for each in look(mix, [hit(2, 0.5), hit(1, 0.5)])] == wanted


def test_a_far_better_score_is_not_overtaken() -> None:
    lead = RHYTHM_WEIGHT + HARMONY_WEIGHT
    assert [each.number for each in look(FAST, [hit(2, 0.5 + lead), hit(1, 0.5)])] == [2, 1]


def test_the_bonus_is_added_and_the_place_is_kept() -> None:
    (found,) = look(FAST, [hit(1, 0.5)])
    assert found.score == pytest.approx(0.5 + Agreement(FAST).bonus(FAST, DRUMS))
    assert (found.mix_start, found.stem_start) == (1.0, 2.0)


def test_stems_without_a_sketch_keep_their_score() -> None:
    found = look(FAST, [hit(7, 0.9), hit(1, 0.5)])
    assert {each.number: each.score for each in found}[7] == 0.9


def test_equal_ones_stay_in_their_order() -> None:
    assert [each.number for each in look(FAST, [hit(9, 0.5), hit(7, 0.5), hit(8, 0.5)])] == [9, 7, 8]


def test_no_hits_ask_nothing() -> None:
    catalogue = Catalogue({1: FAST})
    assert SecondLook(FAST, catalogue.sketches).rank([], DRUMS) == []
    assert catalogue.asked == []


def test_each_stem_is_compared_once_however_often_a_search_begins_anew() -> None:
    catalogue = Catalogue({1: FAST, 2: SLOW})
    second_look = SecondLook(FAST, catalogue.sketches)
    first = second_look.rank([hit(1, 0.5), hit(2, 0.4)], DRUMS)
    again = second_look.rank([hit(2, 0.4), hit(3, 0.3)], DRUMS)
    assert catalogue.asked == [{1, 2}, {3}]
    assert first[1] == again[0]


def test_types_are_looked_at_apart() -> None:
    """As a bass a stem is also judged by its harmony."""
    catalogue = Catalogue({1: sketch(stem_waveform(2, BASS, 20))})
    second_look = SecondLook(sketch(mix_waveform(2, BASS, 20)), catalogue.sketches)
    (as_drums,) = second_look.rank([hit(1, 0.5)], DRUMS)
    (as_bass,) = second_look.rank([hit(1, 0.5)], BASS)
    assert as_bass.score >= as_drums.score
    assert catalogue.asked == [{1}, {1}]


def give_sketch(data: Path, song: int, content: bytes) -> None:
    """Make the catalogue believe that the bass of a song sounds otherwise."""
    sessions = open_sessions(settings_for(data).catalogue_url)
    with sessions.begin() as session:
        hashes = {fit.stem.song: fit.stem.number for fit in find(data, Question((BASS,))).fits}
        session.execute(
            update(StemRow).where(StemRow.number == hashes[f"song-{song:02}"]).values(sketch=content)
        )
    close_sessions(sessions)


def test_an_indexed_stem_has_the_sketch_of_its_sound(indexed_data: Path) -> None:
    source = CatalogueSource(settings_for(indexed_data).catalogue_url)
    with source.open() as catalogue:
        fits = find(indexed_data, Question((BASS,))).fits
        stored = catalogue.sketches([fit.stem.number for fit in fits])
    source.close()
    assert len(fits) == len(stored) == SONGS
    for fit in fits:
        drawn = Sketch.from_bytes(stored[fit.stem.number])
        wanted = sketch(stem_waveform(int(fit.stem.song[-2:]), BASS, fit.stem.seconds))
        # Files have 16 bits.
        assert np.abs(drawn.onsets.astype(int) - wanted.onsets).max() <= 2
        assert drawn.chroma.shape == wanted.chroma.shape


def test_what_agrees_is_found_first_even_with_a_limit_of_one(own_data: Path) -> None:
    """The network's second best is looked at, too, before anything is cut off."""
    question = Question((BASS,), without_songs=frozenset({"song-02"}))
    first, second = (fit.stem.song for fit in find(own_data, question).fits[:2])
    give_sketch(own_data, int(first[-2:]), sketch(np.zeros(20 * SAMPLE_RATE, np.float32)).to_bytes())
    give_sketch(own_data, int(second[-2:]), sketch(mix_waveform(2, BASS, 20)).to_bytes())
    assert [fit.stem.song for fit in find(own_data, replace(question, limit=1)).fits] == [second]


def test_more_is_looked_at_than_is_usually_wanted() -> None:
    assert Question((BASS,)).limit * 5 <= LOOKED_AT
