import subprocess
import sys
from pathlib import Path

import pytest

from library.lock import DataFolderError, IndexerBusyError, lock_data

HOLD = """
import pathlib, sys
from library.lock import lock_data
with lock_data(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_data_folder_is_made(tmp_path: Path) -> None:
    with lock_data(tmp_path / "new" / "data"):
        assert (tmp_path / "new" / "data").is_dir()


def test_a_second_writer_is_refused_with_the_process_of_the_first(tmp_path: Path) -> None:
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(IndexerBusyError, match=rf"process {holder.pid}\) is at work"),
            lock_data(tmp_path),
        ):
            pass
        holder.kill()


def test_a_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    test_a_second_writer_is_refused_with_the_process_of_the_first(tmp_path)
    with lock_data(tmp_path):
        pass


def test_the_lock_can_be_taken_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), lock_data(tmp_path):
        raise ZeroDivisionError
    with lock_data(tmp_path):
        pass


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(DataFolderError, match="--data or COUNTERPART_DATA"),
        lock_data(tmp_path / "file" / "data"),
    ):
        pass
