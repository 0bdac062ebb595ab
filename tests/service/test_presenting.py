"""What callers see of findings: rounded, complete, and nothing of the machine."""

from pathlib import Path

import pytest

from audio.key import Key, KeyGuess
from audio.stems import StemType
from audio.tempo import Tempo
from library.records import StemRecord
from service.heard_mix import MixFacts
from service.matching import Findings, Fit
from service.presenting import present_answer, present_stem, present_timings
from service.schemas import MatchAnswer
from service.stopwatch import Stopwatch
from tests.fakes import FakeCard

PLACE = "the-operators-disk"


def record(number: int = 1, **changes: object) -> StemRecord:
    facts: dict[str, object] = {
        "id": f"{number:016x}",
        "number": number,
        "type": StemType.BASS,
        "song": "song",
        "path": Path(f"/{PLACE}/song/bass.wav"),
        "relative_path": "song/bass.wav",
        "seconds": 12.345678,
        "sample_rate": 44_100,
        "channels": 2,
        "content_hash": "ab" * 32,
        "licence": "CC0-1.0",
        "tags": ("dry", "sub"),
        "bpm": 95.5,
        "key": "A minor",
        "type_source": "name",
        "status": "embedded",
        "paths": (Path(f"/{PLACE}/song/bass.wav"),),
        "roots": (Path(f"/{PLACE}"),),
    }
    return StemRecord(**{**facts, **changes})  # type: ignore[arg-type]  # fields of it


def fit(number: int, score: float) -> Fit:
    return Fit(score, record(number), mix_start=1.23456, stem_start=4.00049, seconds=7.99951)


def answer(findings: Findings, url_prefix: str = "") -> MatchAnswer:
    return present_answer(
        findings,
        filename="mix.wav",
        sha256="0" * 64,
        seconds=20.00049,
        card=FakeCard(),
        build="20260101-1",
        stopwatch=Stopwatch(),
        url_prefix=url_prefix,
    )


def test_matches_keep_their_order_and_are_numbered() -> None:
    matches = answer(Findings((fit(7, 0.9), fit(3, 0.8), fit(5, 0.8)), windows=25)).matches
    assert [(each.rank, each.stem.id[-1]) for each in matches] == [(1, "7"), (2, "3"), (3, "5")]


def test_numbers_are_rounded_to_what_they_are_worth() -> None:
    shown = answer(Findings((fit(1, 0.123456),), windows=25))
    (match,) = shown.matches
    assert (match.score, match.stem.seconds, shown.query.seconds) == (0.1235, 12.346, 20.0)
    assert match.placement.model_dump() == {"mix_start": 1.235, "stem_start": 4.0, "seconds": 8.0}


def test_what_is_estimated_of_the_mix_comes_with_how_sure_it_is() -> None:
    facts = MixFacts(Tempo(103.2345, 0.30307), KeyGuess(Key(11, minor=True), 0.53517))
    query = answer(Findings((), windows=25, facts=facts)).query
    assert (query.bpm, query.bpm_confidence) == (103.2, 0.303)
    assert (query.key, query.key_confidence) == ("B minor", 0.535)


@pytest.mark.parametrize(
    ("facts", "known"),
    [
        (MixFacts(), set()),
        (MixFacts(tempo=Tempo(90.0, 0.5)), {"bpm", "bpm_confidence"}),
        (MixFacts(key=KeyGuess(Key(0, minor=False), 0.5)), {"key", "key_confidence"}),
    ],
)
def test_what_cannot_be_told_of_the_mix_is_null(facts: MixFacts, known: set[str]) -> None:
    query = answer(Findings((), windows=0, facts=facts)).query.model_dump()
    said = {name for name in ("bpm", "bpm_confidence", "key", "key_confidence") if query[name] is not None}
    assert said == known


def test_nothing_of_the_machine_is_shown() -> None:
    shown = answer(Findings((fit(1, 0.5),), windows=25)).model_dump_json()
    assert PLACE not in shown
    assert "ab" * 32 not in shown
    assert "song/bass.wav" in shown


@pytest.mark.parametrize("prefix", ["", "/counterpart"])
def test_addresses_are_below_the_prefix_of_a_proxy(prefix: str) -> None:
    (match,) = answer(Findings((fit(10, 0.5),), windows=25), prefix).matches
    assert match.stem.audio_url == f"{prefix}/stems/000000000000000a/audio"
    assert match.stem.peaks_url == f"{prefix}/stems/000000000000000a/peaks"


@pytest.mark.parametrize(
    ("path", "part", "name"),
    [
        ("song/bass.wav", 0, "bass.wav"),
        ("Song.STEM.mp4", 2, "Song bass.m4a"),
        ("song/all tracks.flac", 103, "all tracks bass.wav"),
    ],
)
def test_a_stem_has_the_name_of_its_file_or_of_its_part_of_it(path: str, part: int, name: str) -> None:
    assert present_stem(record(relative_path=path, part=part)).audio_name == name


def test_a_stem_is_shown_with_who_said_what() -> None:
    guessed = record(
        type_source="model", type_confidence=0.7, bpm_source="tags", bpm_confidence=1.0, key=None
    )
    shown = present_stem(guessed)
    assert (shown.type, shown.type_source, shown.type_confidence) == ("bass", "model", 0.7)
    assert (shown.bpm, shown.bpm_source, shown.bpm_confidence) == (95.5, "tags", 1.0)
    assert (shown.key, shown.key_source, shown.key_confidence) == (None, None, None)
    assert shown.tags == ["dry", "sub"]


def test_steps_that_were_not_taken_took_no_time() -> None:
    ticks = iter([0.0, 1.0, 1.25, 2.0, 2.5, 3.0])
    stopwatch = Stopwatch(clock=lambda: next(ticks))
    with stopwatch.step("context"):
        pass
    timings = present_timings(stopwatch)
    assert timings.context == 250.0
    assert (timings.decode, timings.predict, timings.search) == (0.0, 0.0, 0.0)
    assert timings.total >= timings.context


def test_all_that_is_looked_up_counts_as_the_search() -> None:
    ticks = iter(range(20))
    stopwatch = Stopwatch(clock=lambda: next(ticks))
    for name in ("search", "second_look", "own_song", "duplicates", "context"):
        with stopwatch.step(name):
            pass
    assert present_timings(stopwatch).search == 4000.0
