import json
from pathlib import Path

import pytest

from model.card import read_card
from model.render.data_card import CARD, NOT_STATED, OtherMannerError, check_manner, write_card
from model.render.module_card import check_modules_alone, write_module_card
from model.render.song import Manner


def write_note(out: Path, name: str, licence: str, told_by: list[str]) -> None:
    (out / name).mkdir(parents=True)
    stems = {
        "drums": {"engine": "module", "told_by": told_by},
        "keys": {"engine": "module", "told_by": ["guess"]},
    }
    note = {"source": "a game", "licence": licence, "seconds": 900.0, "stems": stems}
    (out / name / "song.json").write_text(json.dumps(note))


def test_the_card_counts_songs_stems_and_licences(tmp_path: Path) -> None:
    for name, licence in (("a", "CC0-1.0"), ("b", "CC0-1.0"), ("c", "")):
        write_note(tmp_path, name, licence, ["name"])
    card = write_module_card(tmp_path, None)
    assert json.loads((tmp_path / CARD).read_text()) == card
    assert (card["songs"], card["hours"]) == (3, 0.75)
    assert card["engines"] == {"drums module": 3, "keys module": 3}
    assert card["sources"] == [
        {"source": "a game", "licence": "CC0-1.0", "songs": 2},
        {"source": "a game", "licence": NOT_STATED, "songs": 1},
    ]


def test_the_card_says_how_types_were_told_and_what_it_cannot_promise(tmp_path: Path) -> None:
    write_note(tmp_path, "a", "", ["name", "notes"])
    write_note(tmp_path, "b", "", ["notes"])
    card = write_module_card(tmp_path, None)
    assert card["types_told_by"] == {"guess": 2, "name": 1, "notes": 2}
    assert "may be wrong" in card["limits"]
    assert "width" in card["limits"]


def test_releases_that_guessed_before_stay_on_the_card(
    tmp_path: Path, release: Path, vit_release: Path
) -> None:
    write_module_card(tmp_path, release)
    card = write_module_card(tmp_path, vit_release)
    assert card["guesses_by"] == sorted(read_card(each).id for each in (release, vit_release))


def test_modules_are_not_added_to_songs_from_midi(tmp_path: Path) -> None:
    check_modules_alone(tmp_path)
    write_card(tmp_path, Manner(), [], seed=0)
    with pytest.raises(OtherMannerError, match=r"rendered from MIDI\. Give another --out folder"):
        check_modules_alone(tmp_path)


def test_songs_from_midi_are_not_added_to_modules(tmp_path: Path) -> None:
    write_module_card(tmp_path, None)
    check_modules_alone(tmp_path)
    with pytest.raises(OtherMannerError, match=r"not from MIDI\. Give another --out folder"):
        check_manner(tmp_path, Manner())
