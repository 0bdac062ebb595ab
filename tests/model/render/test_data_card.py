import json
from pathlib import Path

import pytest

from model.render.data_card import CARD, NOT_STATED, OtherMannerError, check_manner, write_card
from model.render.palette import VARIED
from model.render.song import Manner

FLUID = Path("/sounds/FluidR3_GM.sf2")


def write_note(
    out: Path, name: str, source: str = "ours", licence: str = "MIT", soundfont: str = FLUID.name
) -> None:
    (out / name).mkdir(parents=True)
    stems = {"drums": {"engine": "drum machine"}, "bass": {"engine": "soundfont", "soundfont": soundfont}}
    note = {"source": source, "licence": licence, "seconds": 1800.0, "stems": stems}
    (out / name / "song.json").write_text(json.dumps(note))


def test_the_card_counts_songs_stems_and_licences(tmp_path: Path) -> None:
    for name, source, licence in (("a", "ours", "MIT"), ("b", "ours", "MIT"), ("c", "theirs", "")):
        write_note(tmp_path, name, source, licence)
    card = write_card(tmp_path, Manner(VARIED), [FLUID], seed=3)
    assert json.loads((tmp_path / CARD).read_text()) == card
    assert (card["songs"], card["hours"]) == (3, 1.5)
    assert card["stems"] == {"bass": 3, "drums": 3}
    assert card["engines"] == {"bass soundfont": 3, "drums drum machine": 3}
    assert card["sources"] == [
        {"source": "ours", "licence": "MIT", "songs": 2},
        {"source": "theirs", "licence": NOT_STATED, "songs": 1},
    ]


def test_soundfonts_are_listed_with_their_licences(tmp_path: Path) -> None:
    card = write_card(tmp_path, Manner(), [FLUID, Path("mine.sf2")], seed=0)
    assert card["soundfonts"]["FluidR3_GM.sf2"].startswith("MIT")
    assert card["soundfonts"]["mine.sf2"] == NOT_STATED


def test_soundfonts_of_songs_that_were_rendered_before_stay_listed(tmp_path: Path) -> None:
    write_note(tmp_path, "a")
    write_note(tmp_path, "b", soundfont="TimGM6mb.sf2")
    card = write_card(tmp_path, Manner(), [FLUID], seed=0)
    assert list(card["soundfonts"]) == ["FluidR3_GM.sf2", "TimGM6mb.sf2"]
    assert card["soundfonts"]["TimGM6mb.sf2"].startswith("GPL-2")


def test_palette_shares_and_seeds_are_on_the_card(tmp_path: Path) -> None:
    write_card(tmp_path, Manner(VARIED, transpose=2), [FLUID], seed=3)
    card = write_card(tmp_path, Manner(VARIED, transpose=2), [FLUID], seed=1)
    assert card["seeds"] == [1, 3]
    assert card["manner"]["palette"]["vocals"] == VARIED.vocals
    assert card["manner"]["transpose"] == 2
    assert "width" in card["limits"]


def test_a_folder_is_not_filled_up_in_another_manner(tmp_path: Path) -> None:
    check_manner(tmp_path, Manner())
    write_card(tmp_path, Manner(VARIED), [FLUID], seed=0)
    check_manner(tmp_path, Manner(VARIED))
    for other in (
        Manner(),
        Manner(VARIED, transpose=1),
        Manner(VARIED, stretch=1.1),
        Manner(VARIED, grid=120.0),
    ):
        with pytest.raises(OtherMannerError, match="Give another --out folder"):
            check_manner(tmp_path, other)
