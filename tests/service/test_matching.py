"""The path from samples to fits, without HTTP: ranking, placement, and stems that are gone or not wanted."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.stems import StemType
from indexer.run import remove_stems
from library.builds import StemIndexes
from library.catalogue import Catalogue
from service.asking import UnusableMixError
from service.current_build import CurrentBuild
from service.matching import Findings, match_mix
from service.open_catalogue import CatalogueSource
from service.question import Question
from service.stopwatch import Stopwatch
from tests.fakes import FakeCard, FakeEmbedder
from tests.service.conftest import SONGS, index, settings_for
from tests.songs import mix_waveform, stem_waveform, write_stem

BASS = (StemType.BASS,)


def find(data: Path, question: Question, waveform: NDArray[np.float32] | None = None) -> Findings:
    """What fits a mix of song 2 without its bass, or `waveform`."""
    mix = mix_waveform(2, StemType.BASS, 20) if waveform is None else waveform
    source = CatalogueSource(settings_for(data).catalogue_url)
    try:
        with source.open() as catalogue:
            return match_mix(
                mix,
                question,
                embedder=FakeEmbedder(),
                indexes=CurrentBuild(data, FakeCard().id).indexes(),
                catalogue=catalogue,
                stopwatch=Stopwatch(),
            )
    finally:
        source.close()


def songs(findings: Findings) -> list[str]:
    return [fit.stem.song for fit in findings.fits]


def test_fits_are_sorted_by_score_with_one_a_stem(indexed_data: Path) -> None:
    findings = find(indexed_data, Question((StemType.DRUMS, StemType.BASS)))
    scores = [fit.score for fit in findings.fits]
    assert scores == sorted(scores, reverse=True)
    assert len({fit.stem.id for fit in findings.fits}) == len(findings.fits) == 2 * SONGS


def test_the_same_question_has_the_same_answer(indexed_data: Path) -> None:
    assert find(indexed_data, Question(BASS)) == find(indexed_data, Question(BASS))


def test_windows_counts_the_queries_of_one_type(indexed_data: Path) -> None:
    assert find(indexed_data, Question(BASS)).windows == 25
    assert find(indexed_data, Question((StemType.BASS, StemType.DRUMS, StemType.KEYS))).windows == 25


def test_the_limit_is_met_although_some_are_not_wanted(indexed_data: Path) -> None:
    question = Question(BASS, limit=2, without_songs=frozenset({"song-02"}))
    found = songs(find(indexed_data, question))
    assert len(found) == 2
    assert "song-02" not in found


def test_nothing_is_left_when_no_song_is_wanted(indexed_data: Path) -> None:
    every = frozenset(f"song-{number:02}" for number in range(SONGS))
    assert find(indexed_data, Question(BASS, without_songs=every)).fits == ()


def test_what_was_removed_makes_room_for_others(own_stems: Path, own_data: Path) -> None:
    before = songs(find(own_data, Question(BASS, limit=2)))
    remove_stems([own_stems / before[0]], settings_for(own_data))
    after = songs(find(own_data, Question(BASS, limit=2)))
    assert before[0] not in after
    assert len(after) == 2


def test_a_stem_that_the_catalogue_lost_is_dropped(own_data: Path) -> None:
    """The index holds it, but it is not (any more) a stem that can be answered with."""

    class Forgetful(Catalogue):
        def stems_by_number(self, numbers):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - as Catalogue
            known = super().stems_by_number(numbers)
            return {number: stem for number, stem in known.items() if stem.song != "song-02"}

    source = CatalogueSource(settings_for(own_data).catalogue_url)
    with source.open() as catalogue:
        findings = match_mix(
            mix_waveform(2, StemType.BASS, 20),
            Question(BASS, limit=SONGS),
            embedder=FakeEmbedder(),
            indexes=CurrentBuild(own_data, FakeCard().id).indexes(),
            catalogue=Forgetful(catalogue._session),
            stopwatch=Stopwatch(),
        )
    source.close()
    assert sorted(songs(findings)) == ["song-00", "song-01", "song-03"]


def test_the_overlap_is_what_both_have_of_a_window(tmp_path: Path) -> None:
    """The stem's second window has only 3 of its 8 seconds."""
    write_stem(tmp_path / "stems" / "a" / "bass.wav", stem_waveform(2, StemType.BASS, 11))
    index(tmp_path / "stems", tmp_path / "data")
    for seconds in (5.0, 8.0, 20.0):
        (fit,) = find(tmp_path / "data", Question(BASS), mix_waveform(2, StemType.BASS, seconds)).fits
        assert 0 <= fit.seconds <= min(8.0, seconds - fit.mix_start, 11 - fit.stem_start) + 1e-9


def test_a_mix_that_is_too_short_is_refused(indexed_data: Path) -> None:
    with pytest.raises(UnusableMixError, match="at least 2 seconds"):
        find(indexed_data, Question(BASS), mix_waveform(2, StemType.BASS, 1))


class OvershootingEmbedder(FakeEmbedder):
    def compatibility(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        return scores + 5


@pytest.fixture
def indexes(indexed_data: Path) -> StemIndexes:
    return CurrentBuild(indexed_data, FakeCard().id).indexes()


def test_a_score_is_never_more_than_one(indexed_data: Path, indexes: StemIndexes) -> None:
    source = CatalogueSource(settings_for(indexed_data).catalogue_url)
    with source.open() as catalogue:
        findings = match_mix(
            mix_waveform(2, StemType.BASS, 20),
            Question(BASS),
            embedder=OvershootingEmbedder(),
            indexes=indexes,
            catalogue=catalogue,
            stopwatch=Stopwatch(),
        )
    source.close()
    assert {fit.score for fit in findings.fits} == {1.0}
