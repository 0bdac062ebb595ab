"""What a run learned from: `data.json` in its folder, for the run to go on and for the cards of releases.

Cards are read by everybody: where songs lie and what they are called stays in the run's folder.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from model.checkpoint import has_checkpoint, load_network, load_progress
from model.json_file import write_json_file
from model.songs import Sides, Song

DATA_CARD = "data.json"
PRIVATE = frozenset({"root", "names"})


class NoDataCardError(FileNotFoundError):
    """A run that does not say what it learned from."""


class OtherSongsError(ValueError):
    """A run that is to go on with other songs than it began with."""


class OtherStartError(ValueError):
    """A run that is to go on as if it had begun with a network that it did not begin with."""


class NothingToGoOnWithError(ValueError):
    """A run folder that holds a network, and not the training that it came from."""


def describe_run(run: Path, root: Path, sides: Sides, start_from: Path | None) -> dict[str, Any]:
    """What `data.json` is to say of a new run, or of one that goes on: that keeps what it began with.

    Raises:
        NoDataCardError: the run, or the one that it starts from, does not say what it learned from.
        OtherSongsError: the run that goes on began with other songs.
        OtherStartError: the run that goes on did not begin with the network of `start_from`.
        NothingToGoOnWithError: `run` was unpacked from a release, or has lost its last checkpoint.
    """
    card = describe_data(root, sides)
    if start_from:
        check_not_learned(start_from, sides.validation, "to be held out")
    if has_checkpoint(run / "last"):
        told = read_data(run)
        _check_songs(run, told, card)
        _check_start(run, told, start_from)
        return card | ({"started_from": told["started_from"]} if "started_from" in told else {})
    if has_checkpoint(run / "best"):
        raise NothingToGoOnWithError(
            f"{run} holds a network and no training to go on with. Choose another --out, and begin it with "
            f"--from {run}."
        )
    return card | ({"started_from": history(start_from)} if start_from else {})


def describe_data(root: Path, sides: Sides) -> dict[str, Any]:
    """The songs under `root` by what training may do with them."""
    return {
        "root": str(root.resolve()),
        "training": sources(sides.training),
        "validation": sources(sides.validation),
        "names": {"training": _names(sides.training), "validation": _names(sides.validation)},
    }


def write_data(run: Path, card: Mapping[str, Any]) -> None:
    """Write `data.json` whole or not at all."""
    write_json_file(run / DATA_CARD, card)


def read_data(run: Path) -> dict[str, Any]:
    """Read `data.json`.

    Raises:
        NoDataCardError: the run has none.
    """
    try:
        data: dict[str, Any] = json.loads((run / DATA_CARD).read_text())
    except FileNotFoundError as error:
        raise NoDataCardError(
            f"{run} has no {DATA_CARD}, which says what it learned from. Give a run that "
            "`counterpart model train` made."
        ) from error
    return data


def public(data: Mapping[str, Any]) -> dict[str, Any]:
    """What of `data.json` may go into a card."""
    return {name: value for name, value in data.items() if name not in PRIVATE}


def history(run: Path) -> dict[str, Any]:
    """What an earlier run was trained on, and for how long.

    Raises:
        NoDataCardError: it does not say what it learned from.
        NoCheckpointError: it holds no best checkpoint.
    """
    return {
        **public(read_data(run)),
        "step": load_progress(run / "best").step,
        "batch": load_network(run / "best").config.train.batch,
    }


def sources(songs: Sequence[Song]) -> list[dict[str, Any]]:
    """How many songs of which collection, under which licence."""
    counts = Counter((song.source, song.licence) for song in songs)
    return [
        {"source": source, "licence": licence, "songs": number}
        for (source, licence), number in counts.items()
    ]


def check_not_learned(run: Path, songs: Sequence[Song], purpose: str) -> None:
    """Make sure that a run has not learned from any of `songs`, by their names.

    A run that was unpacked from a release does not know its songs' names, so nothing can be said of it.

    Raises:
        NoDataCardError: the run does not say what it learned from.
        OtherSongsError: it has learned from one.
    """
    learned = read_data(run).get("names", {}).get("training", [])
    for song in songs:
        if any(_is_same(song.name, name) for name in learned):
            raise OtherSongsError(
                f"{run} has learned from {song.name}, which is among the songs {purpose}. Songs are held out "
                "by their names and groups, below the folder that is given: give the folder that the run "
                "began with, and its manifest as it was, or songs that are not called alike."
            )


def _is_same(one: str, other: str) -> bool:
    """Whether names of songs, below folders of which one may lie in the other, can be of one song."""
    return f"/{one}".endswith(f"/{other}") or f"/{other}".endswith(f"/{one}")


def _check_songs(run: Path, told: Mapping[str, Any], card: Mapping[str, Any]) -> None:
    """Refuse songs by which the card would lose others, or one would change sides after it was learned from.

    Names are compared, so the folder may have been moved; it may have grown, too.
    """
    if "names" not in told:  # as in runs of before names were written down
        if told.get("root") != card["root"]:
            raise OtherSongsError(
                f"{run} began with the songs of {told.get('root')}. Give that folder, or begin another --out "
                f"with --from {run}."
            )
        return
    for side, before in told["names"].items():
        if lost := sorted(set(before) - set(card["names"][side])):
            raise OtherSongsError(
                f"{run} began with other songs: under {card['root']}, {lost[0]} is missing or no longer of "
                f"its {side} songs. Give the songs that it began with, or begin another --out with "
                f"--from {run}."
            )


def _check_start(run: Path, told: Mapping[str, Any], start_from: Path | None) -> None:
    """Refuse a network that the run did not begin with: it would be claimed, and not used."""
    if start_from and history(start_from) != told.get("started_from"):
        raise OtherStartError(
            f"{run} did not begin with {start_from} as it is now. Leave --from out to go on with it, "
            "or choose another --out."
        )


def _names(songs: Sequence[Song]) -> list[str]:
    return [song.name for song in songs]
