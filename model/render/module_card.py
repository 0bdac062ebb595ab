"""The card of a data set of modules: whose they are, under which licences, and how their types were told."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from model.card import read_card
from model.json_file import write_json_file
from model.render.data_card import CARD, LIMITS, OtherMannerError, count_songs, read_notes

MODULE_LIMITS = (
    f"{LIMITS} An instrument's type is told by its name, notes or sound, else guessed, and may be wrong. "
    "A licence is what index.csv states; nobody has checked it, nor the samples that a module holds."
)


def check_modules_alone(out: Path) -> None:
    """Refuse to add modules to songs that were rendered from MIDI: one card cannot speak of both.

    Raises:
        OtherMannerError: the folder's card is of songs rendered from MIDI.
    """
    path = out / CARD
    if path.exists() and "manner" in json.loads(path.read_text()):
        raise OtherMannerError(f"{out} holds songs rendered from MIDI. Give another --out folder.")


def write_module_card(out: Path, release: Path | None) -> dict[str, Any]:
    """Write `data-card.json` about all songs that are in the folder; returns what it says."""
    notes = read_notes(out)
    told = Counter(by for note in notes for stem in note["stems"].values() for by in stem["told_by"])
    card = {
        **count_songs(notes),
        "types_told_by": dict(sorted(told.items())),
        "guesses_by": sorted({*_known_guesses(out), *([read_card(release).id] if release else [])}),
        "limits": MODULE_LIMITS,
    }
    write_json_file(out / CARD, card)
    return card


def _known_guesses(out: Path) -> list[str]:
    """Releases that guessed for songs that are there already."""
    path = out / CARD
    return list(json.loads(path.read_text())["guesses_by"]) if path.exists() else []
