import subprocess
import sys
from pathlib import Path

import pytest

from library.lock import DataFolderError, IndexerBusyError, lock_data, lock_database
from tests.postgresql import Server

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


@pytest.mark.postgresql
def test_a_second_writer_to_a_database_is_refused_whatever_its_folder(postgresql_server: Server) -> None:
    url, other = (postgresql_server.url(postgresql_server.create_database()) for _ in range(2))
    with lock_database(url):
        with pytest.raises(IndexerBusyError, match="at work in the database"), lock_database(url):
            pass
        with lock_database(other):
            pass
    with lock_database(url):
        pass


@pytest.mark.postgresql
def test_a_server_that_ends_the_connection_does_not_end_the_run(postgresql_server: Server) -> None:
    url = postgresql_server.url(postgresql_server.create_database())
    with lock_database(url):
        postgresql_server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        )
    with lock_database(url):
        pass


def test_a_database_in_a_file_needs_no_lock_of_its_own(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'counterpart.db'}"
    with lock_database(url), lock_database(url):
        assert list(tmp_path.iterdir()) == []
