"""What a run learned from is told, kept, and nothing else is claimed."""

import json
from pathlib import Path
from typing import Any

import pytest

from audio.stems import StemType
from model.provenance import (
    DATA_CARD,
    NoDataCardError,
    NothingToGoOnWithError,
    OtherSongsError,
    OtherStartError,
    check_not_learned,
    describe_run,
    history,
    public,
    read_data,
    sources,
    write_data,
)
from model.songs import Sides, Song
from tests.model.configs import tiny
from tests.model.test_checkpoint import save

LEARNED, HELD_OUT = ("a", "b"), ("c",)


def song(name: str, source: str = "", licence: str = "") -> Song:
    return Song(name, name, {StemType.BASS: (Path("bass.wav"),)}, source=source, licence=licence)


def sides(training: tuple[str, ...] = LEARNED, validation: tuple[str, ...] = HELD_OUT) -> Sides:
    return Sides([song(name) for name in training], [song(name) for name in validation], [])


def describe(
    run: Path, root: Path, found: Sides | None = None, start_from: Path | None = None
) -> dict[str, Any]:
    return describe_run(run, root, found or sides(), start_from)


def begin(run: Path, root: Path, start_from: Path | None = None) -> Path:
    """A run that was begun with the songs under `root` and has a checkpoint to go on from."""
    run.mkdir()
    write_data(run, describe(run, root, start_from=start_from))
    (run / "last").mkdir()
    return run


def earlier_run(run: Path, step: int = 7, source: str = "folk") -> Path:
    """A run to start from."""
    save(run / "best", step)
    data = {"root": "/home/me", "names": {"training": ["x"]}, "training": [{"source": source}]}
    write_data(run, data)
    return run


def test_songs_are_counted_by_source_and_licence() -> None:
    facts = [("folk", "CC0-1.0"), ("folk", "CC0-1.0"), ("folk", "CC-BY-4.0"), ("rock", "CC0-1.0")]
    songs = [song(str(number), source, licence) for number, (source, licence) in enumerate(facts)]
    assert sources(songs) == [
        {"source": "folk", "licence": "CC0-1.0", "songs": 2},
        {"source": "folk", "licence": "CC-BY-4.0", "songs": 1},
        {"source": "rock", "licence": "CC0-1.0", "songs": 1},
    ]


def test_a_new_run_tells_its_songs_and_where_they_lie(tmp_path: Path) -> None:
    assert describe(tmp_path / "run", tmp_path) == {
        "root": str(tmp_path),
        "training": [{"source": "", "licence": "", "songs": 2}],
        "validation": [{"source": "", "licence": "", "songs": 1}],
        "names": {"training": ["a", "b"], "validation": ["c"]},
    }


def test_where_songs_lie_and_what_they_are_called_is_for_no_card(tmp_path: Path) -> None:
    assert set(public(describe(tmp_path / "run", tmp_path))) == {"training", "validation"}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_data(tmp_path, {"root": "/songs"})
    assert read_data(tmp_path) == {"root": "/songs"}
    assert [path.name for path in tmp_path.iterdir()] == [DATA_CARD]


def test_a_run_that_tells_nothing_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoDataCardError, match=r"has no data\.json, which says what it learned from"):
        read_data(tmp_path)


def test_a_run_that_starts_from_another_tells_its_history(tmp_path: Path) -> None:
    first = earlier_run(tmp_path / "first")
    told = describe(tmp_path / "run", tmp_path, start_from=first)["started_from"]
    assert told == {"training": [{"source": "folk"}], "step": 7, "batch": tiny().train.batch}
    assert told == history(first)


@pytest.mark.parametrize("repeated", [True, False], ids=["--from repeated", "--from left out"])
def test_a_run_that_goes_on_keeps_what_it_started_from(tmp_path: Path, *, repeated: bool) -> None:
    first = earlier_run(tmp_path / "first")
    run = begin(tmp_path / "run", tmp_path, start_from=first)
    again = describe(run, tmp_path, start_from=first if repeated else None)
    assert again == read_data(run)
    assert again["started_from"]["training"] == [{"source": "folk"}]


def test_a_run_that_goes_on_cannot_start_from_another(tmp_path: Path) -> None:
    first = earlier_run(tmp_path / "first")
    other = earlier_run(tmp_path / "other", source="rock")
    run = begin(tmp_path / "run", tmp_path, start_from=first)
    with pytest.raises(OtherStartError, match=r"other as it is now\. Leave --from out to go on"):
        describe(run, tmp_path, start_from=other)


def test_a_run_that_started_from_nothing_cannot_go_on_from_a_network(tmp_path: Path) -> None:
    run = begin(tmp_path / "run", tmp_path)
    with pytest.raises(OtherStartError, match="did not begin with"):
        describe(run, tmp_path, start_from=earlier_run(tmp_path / "first"))


def test_a_run_goes_on_where_its_songs_have_been_moved_to(tmp_path: Path) -> None:
    run = begin(tmp_path / "run", tmp_path / "before")
    assert describe(run, tmp_path / "after")["root"] == str(tmp_path / "after")


def test_a_run_goes_on_with_more_songs(tmp_path: Path) -> None:
    run = begin(tmp_path / "run", tmp_path)
    card = describe(run, tmp_path, sides(("a", "b", "d")))
    assert card["names"]["training"] == ["a", "b", "d"]


@pytest.mark.parametrize(
    ("training", "validation", "said"),
    [
        (("x", "y"), ("z",), "a is missing or no longer of its training songs"),
        (("a",), ("c",), "b is missing or no longer of its training songs"),
        (("a", "b"), ("d",), "c is missing or no longer of its validation songs"),
        (("a", "b", "c"), ("d",), "c is missing or no longer of its validation songs"),
        (("a", "d"), ("b", "c"), "b is missing or no longer of its training songs"),
    ],
    ids=["others", "fewer", "none held out", "held out before", "learned from before"],
)
def test_a_run_does_not_go_on_with_other_songs(
    tmp_path: Path, training: tuple[str, ...], validation: tuple[str, ...], said: str
) -> None:
    run = begin(tmp_path / "run", tmp_path)
    with pytest.raises(OtherSongsError, match=f"began with other songs: .* {said}.*--from {run}"):
        describe(run, tmp_path, sides(training, validation))


def test_a_run_without_names_goes_on_with_the_same_folder_alone(tmp_path: Path) -> None:
    """Runs of earlier versions did not write them down."""
    run = begin(tmp_path / "run", tmp_path)
    (run / DATA_CARD).write_text(json.dumps({"root": str(tmp_path), "training": [], "validation": []}))
    assert describe(run, tmp_path)["names"]["validation"] == ["c"]
    with pytest.raises(OtherSongsError, match=rf"began with the songs of {tmp_path}\. Give that folder"):
        describe(run, tmp_path / "elsewhere")


def test_a_network_without_its_training_is_no_run_to_go_on_with(tmp_path: Path) -> None:
    (tmp_path / "shipped" / "best").mkdir(parents=True)
    with pytest.raises(NothingToGoOnWithError, match=rf"begin it with --from {tmp_path / 'shipped'}"):
        describe(tmp_path / "shipped", tmp_path)


def test_a_run_that_was_killed_before_its_first_checkpoint_begins_again(tmp_path: Path) -> None:
    run = begin(tmp_path / "run", tmp_path)
    (run / "last").rmdir()
    first = earlier_run(tmp_path / "first")
    assert describe(run, tmp_path / "others", start_from=first)["started_from"] == history(first)


@pytest.mark.parametrize(("learned", "asked"), [("a", "a"), ("rock/a", "a"), ("a", "rock/a")])
def test_what_was_learned_from_is_not_held_out_later(tmp_path: Path, learned: str, asked: str) -> None:
    """Whichever folder, of which one lies in the other, the songs are named below."""
    run = earlier_run(tmp_path / "earlier")
    write_data(run, {**read_data(run), "names": {"training": ["other", learned]}})
    with pytest.raises(OtherSongsError, match=f"has learned from {asked}"):
        check_not_learned(run, [song(asked)], "to calibrate on")
    with pytest.raises(OtherSongsError, match="to be held out"):
        describe(tmp_path / "run", tmp_path, sides(("x",), (asked,)), start_from=run)


def test_what_was_not_learned_from_may_be_held_out(tmp_path: Path) -> None:
    run = earlier_run(tmp_path / "earlier")
    write_data(run, {**read_data(run), "names": {"training": ["rock/ballad"]}})
    check_not_learned(run, [song("ballad 2"), song("pop/ballad"), song("lad")], "to calibrate on")


def test_of_an_unpacked_run_nobody_knows_the_songs(tmp_path: Path) -> None:
    run = earlier_run(tmp_path / "earlier")
    write_data(run, {"training": []})
    check_not_learned(run, [song("a")], "to calibrate on")
