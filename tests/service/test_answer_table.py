"""The table of `counterpart match`."""

from io import StringIO

import pytest
from rich.console import Console

from service.answer_table import clock, tabulate
from service.schemas import Match, MatchAnswer, ModelView, Placement, QueryView, StemView, Timings


def answer_with(song: str, path: str, bpm: float | None = None, key: str | None = None) -> MatchAnswer:
    stem = StemView(
        id="0" * 16,
        type="bass",
        song=song,
        path=path,
        seconds=30,
        bpm=bpm,
        key=key,
        audio_url="/stems/0/audio",
        peaks_url="/stems/0/peaks",
    )
    placement = Placement(mix_start=68.25, stem_start=8, seconds=8)
    return MatchAnswer(
        query=QueryView(filename="mix.wav", sha256="0" * 64, seconds=90, windows=25),
        model=ModelView(name="small", version="3"),
        build="20260101-1",
        matches=[Match(rank=1, score=0.914, stem=stem, placement=placement)],
        timings_ms=Timings(decode=1, context=2, predict=3, search=4, total=11.6),
    )


def show(answer: MatchAnswer, width: int = 160) -> str:
    text = StringIO()
    Console(file=text, width=width).print(tabulate(answer))
    return text.getvalue()


def test_a_row_tells_fit_stem_and_place() -> None:
    shown = show(answer_with("song-a", "song-a/bass.wav"))
    for part in ("91%", "bass", "song-a", "song-a/bass.wav", "0:08.00 of it at 1:08.25"):
        assert part in shown


def test_tempo_and_key_are_shown_where_they_are_known() -> None:
    known = show(answer_with("a", "a/bass.wav", bpm=95.96, key="A minor"))
    assert "96.0" in known
    assert "A minor" in known
    assert "None" not in show(answer_with("a", "a/bass.wav"))


def test_the_foot_tells_model_build_and_time() -> None:
    assert "small 3, build 20260101-1, 12 ms" in show(answer_with("a", "a/bass.wav"))


def test_names_that_look_like_markup_are_shown_as_they_are() -> None:
    shown = show(answer_with("[bold]song[/]", "[red]/bass.wav"))
    assert "[bold]song[/]" in shown
    assert "[red]/bass.wav" in shown


def test_a_narrow_terminal_loses_no_name() -> None:
    shown = show(answer_with("song-a", "a-rather-long-folder/with-a-long-name.wav"), width=70)
    joined = "".join(line.split("│")[5].strip() for line in shown.splitlines() if line.startswith("│"))
    assert joined == "a-rather-long-folder/with-a-long-name.wav"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0:00.00"), (8.0, "0:08.00"), (59.996, "1:00.00"), (61.5, "1:01.50"), (3600, "60:00.00")],
)
def test_the_clock_counts_minutes(seconds: float, expected: str) -> None:
    assert clock(seconds) == expected
