"""The card of a rendered data set: what went in, under which licences, and how it was made."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from model.json_file import read_json_object, write_json_file
from model.render.song import Manner
from model.songs import NOTE

CARD = "data-card.json"
# As Debian's packages state them in their copyright files.
SOUNDFONT_LICENCES: Mapping[str, str] = {
    "FluidR3_GM.sf2": "MIT (Frank Wen; Debian fluid-soundfont-gm)",
    "FluidR3Mono_GM.sf3": "MIT (Frank Wen, Michael Cowgill; Debian fluidr3mono-gm-soundfont)",
    "MuseScore_General.sf3": "MIT (Frank Wen, Michael Cowgill, S. Christian Collins; Debian)",
    "MuseScore_General_Full.sf3": "MIT (Frank Wen, Michael Cowgill, S. Christian Collins; Debian)",
    "TimGM6mb.sf2": "GPL-2 (Tim Brechbill; Debian timgm6mb-soundfont)",
}
NOT_STATED = "not stated"
LIMITS = "Stems are mono at 16 kHz: width, panning and stereo effects are lost."


class OtherMannerError(ValueError):
    """A folder that holds songs rendered in another manner."""


def describe_manner(manner: Manner) -> dict[str, Any]:
    """What all songs of a data set have in common."""
    return {
        "palette": asdict(manner.palette),
        "transpose": manner.transpose,
        "stretch": manner.stretch,
        "grid": manner.grid,
    }


def check_manner(out: Path, manner: Manner) -> None:
    """Refuse to add songs to a data set that was made in another way.

    Raises:
        OtherMannerError: the folder's card states another manner.
    """
    path = out / CARD
    if path.exists() and read_json_object(path).get("manner") != describe_manner(manner):
        raise OtherMannerError(
            f"{out} holds songs rendered with another palette, transposition, stretch or grid, or not "
            "from MIDI. Give another --out folder or the same options."
        )


def write_card(out: Path, manner: Manner, soundfonts: Sequence[Path], seed: int) -> dict[str, Any]:
    """Write `data-card.json` about all songs that are in the folder; returns what it says.

    Beside the soundfonts that these were played with it lists `soundfonts`, of songs that are yet to come.
    """
    notes = read_notes(out)
    fonts = sorted({*_played_with(notes), *(path.name for path in soundfonts)})
    card = {
        **count_songs(notes),
        "soundfonts": {name: SOUNDFONT_LICENCES.get(name, NOT_STATED) for name in fonts},
        "manner": describe_manner(manner),
        "seeds": sorted({seed, *_known_seeds(out)}),
        "limits": LIMITS,
    }
    write_json_file(out / CARD, card)
    return card


def read_notes(out: Path) -> list[dict[str, Any]]:
    """What `song.json` says of each song in the folder."""
    return [read_json_object(path) for path in sorted(out.glob(f"*/{NOTE}"))]


def count_songs(notes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a card says of songs whatever they were made from: how many, whose, of what, by which engine."""
    engines = Counter(f"{t} {_engine(stem)}" for note in notes for t, stem in note["stems"].items())
    return {
        "songs": len(notes),
        "hours": round(sum(note["seconds"] for note in notes) / 3600, 3),
        "sources": _count_sources(notes),
        "stems": dict(sorted(Counter(t for note in notes for t in note["stems"]).items())),
        "engines": dict(sorted(engines.items())),
    }


def _engine(stem: Mapping[str, Any]) -> str:
    return str(stem.get("engine", "soundfont"))


def _played_with(notes: Iterable[Mapping[str, Any]]) -> set[str]:
    """Names of the soundfonts of songs; instruments of our own have none."""
    return {stem["soundfont"] for note in notes for stem in note["stems"].values() if "soundfont" in stem}


def _count_sources(notes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    counted = Counter((note["source"], note["licence"] or NOT_STATED) for note in notes)
    return [
        {"source": source, "licence": licence, "songs": songs}
        for (source, licence), songs in sorted(counted.items())
    ]


def _known_seeds(out: Path) -> list[int]:
    path = out / CARD
    return list(read_json_object(path).get("seeds", [])) if path.exists() else []
