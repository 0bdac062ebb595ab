"""A JSON file is replaced whole, or stays as it was."""

import json
from pathlib import Path

import pytest

from model.json_file import write_json_file


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    write_json_file(tmp_path / "card.json", {"name": "Größe", "parts": [1, 2.5, None]})
    assert json.loads((tmp_path / "card.json").read_text(encoding="utf-8")) == {
        "name": "Größe",
        "parts": [1, 2.5, None],
    }
    assert [path.name for path in tmp_path.iterdir()] == ["card.json"]


def test_what_cannot_be_written_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    write_json_file(path, {"name": "before"})
    with pytest.raises(TypeError):
        write_json_file(path, {"name": object()})
    assert json.loads(path.read_text()) == {"name": "before"}
