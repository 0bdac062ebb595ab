"""The card beside the graphs."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from model.card import (
    CARD,
    GRAPHS,
    BrokenModelError,
    Calibration,
    ModelCard,
    check_graphs,
    read_card,
    sha256_of,
    write_card,
)


def write_graphs(folder: Path) -> dict[str, str]:
    """Files that stand for graphs; their checksums."""
    for name in GRAPHS:
        (folder / name).write_text(f"graph {name}")
    return {name: sha256_of(folder / name) for name in GRAPHS}


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    return ModelCard(
        name="tiny",
        version="1.0.0",
        dimension=80,
        stem_types=("drums", "bass"),
        sample_rate=16_000,
        window_samples=128_000,
        query_hop_samples=500,
        calibration=Calibration(8.0, -4.0, pairs=12),
        graphs=write_graphs(tmp_path),
        training={"data": [{"source": "folk – äldre", "licence": "CC0-1.0", "songs": 3}]},
    )


def test_a_card_comes_back_as_it_was(tmp_path: Path, card: ModelCard) -> None:
    write_card(tmp_path, card)
    assert read_card(tmp_path) == card


def test_a_card_can_be_read_by_people(tmp_path: Path, card: ModelCard) -> None:
    write_card(tmp_path, card)
    text = (tmp_path / CARD).read_text()
    assert "folk – äldre" in text
    assert len(text.splitlines()) > 20
    assert text.endswith("}\n")


def test_a_window_has_its_length_in_seconds(card: ModelCard) -> None:
    assert card.window_seconds == 8.0


def test_an_id_says_name_version_and_graphs(card: ModelCard) -> None:
    name, version, digest = card.id.split("-")
    assert (name, version) == ("tiny", "1.0.0")
    assert len(digest) == 8
    assert int(digest, 16) >= 0


@pytest.mark.parametrize("name", GRAPHS)
def test_another_graph_makes_another_id(card: ModelCard, name: str) -> None:
    other = replace(card, graphs={**card.graphs, name: "0" * 64})
    assert other.id != card.id


def test_an_id_does_not_depend_on_what_is_told_about_the_model(card: ModelCard) -> None:
    told = replace(card, calibration=Calibration(1.0, 0.0), training={}, evaluation={"R@1": 1.0})
    assert told.id == card.id


def test_graphs_that_belong_to_their_card_are_accepted(tmp_path: Path, card: ModelCard) -> None:
    check_graphs(tmp_path, card)


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_that_changed_is_refused(tmp_path: Path, card: ModelCard, name: str) -> None:
    (tmp_path / name).write_text("something else")
    with pytest.raises(BrokenModelError, match=rf"{name} is not the file that its card describes"):
        check_graphs(tmp_path, card)


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_that_is_missing_is_refused(tmp_path: Path, card: ModelCard, name: str) -> None:
    (tmp_path / name).unlink()
    with pytest.raises(BrokenModelError, match=rf"{name} is missing\. Export the model again"):
        check_graphs(tmp_path, card)


def test_a_graph_that_the_card_does_not_know_is_refused(tmp_path: Path, card: ModelCard) -> None:
    graphs = {name: digest for name, digest in card.graphs.items() if name != "target.onnx"}
    with pytest.raises(BrokenModelError, match=r"target\.onnx is not the file"):
        check_graphs(tmp_path, replace(card, graphs=graphs))


def test_a_folder_without_a_card_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(
        BrokenModelError, match=r"holds no model: card\.json is missing\. Export one: counterpart"
    ):
        read_card(tmp_path)


def test_a_file_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("")
    with pytest.raises(BrokenModelError, match="holds no model"):
        read_card(tmp_path / "model")


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '"card"', "{}", '{"calibration": {}}', "\xff"])
def test_what_is_no_card_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / CARD).write_text(text, encoding="latin-1")
    with pytest.raises(BrokenModelError, match=r"is no model card .* Export the model again"):
        read_card(tmp_path)


@pytest.mark.parametrize("name", ["name", "dimension", "stem_types", "graphs", "calibration"])
def test_a_card_that_lacks_something_is_refused(tmp_path: Path, card: ModelCard, name: str) -> None:
    write_card(tmp_path, card)
    values = json.loads((tmp_path / CARD).read_text())
    del values[name]
    (tmp_path / CARD).write_text(json.dumps(values))
    with pytest.raises(BrokenModelError, match=name):
        read_card(tmp_path)


def test_checksums_are_those_of_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256_of(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
