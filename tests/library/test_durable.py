import hashlib
from pathlib import Path

import pytest

from library.durable import TEMPORARY_SUFFIX, file_sha256, replace_link, write_durably


def test_a_file_is_there_whole(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        path.write_text("all of it")

    write_durably(tmp_path / "file", write)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "all of it"


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")

    def fail(path: Path) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_durably(tmp_path / "file", fail)
    assert (tmp_path / "file").read_text() == "old"


def test_a_link_is_replaced(tmp_path: Path) -> None:
    for name in ("one", "two"):
        replace_link(tmp_path / "current", Path(name))
    assert (tmp_path / "current").readlink() == Path("two")


def test_what_a_kill_left_of_a_link_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / f"current{TEMPORARY_SUFFIX}").symlink_to("one")
    replace_link(tmp_path / "current", Path("two"))
    assert [path.name for path in tmp_path.iterdir() if path.is_symlink()] == ["current"]


def test_the_checksum_is_the_usual_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"sound")
    assert file_sha256(tmp_path / "file") == hashlib.sha256(b"sound").hexdigest()
