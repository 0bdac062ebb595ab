"""A JSON file is replaced whole, or stays as it was."""

import json
from pathlib import Path

import pytest

from model.json_file import BrokenJsonError, read_json_object, write_json_file


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


@pytest.mark.parametrize(
    ("content", "told"), [(b"{broken", "not JSON"), (b"\xff\xfe", "not JSON"), (b"[]", "no JSON")]
)
def test_a_file_that_holds_something_else_is_named(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "card.json"
    path.write_bytes(content)
    with pytest.raises(BrokenJsonError, match=rf"card\.json .*{told}"):
        read_json_object(path)


def test_an_object_is_read(tmp_path: Path) -> None:
    write_json_file(tmp_path / "card.json", {"name": "Größe"})
    assert read_json_object(tmp_path / "card.json") == {"name": "Größe"}
