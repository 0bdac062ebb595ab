"""A database that fails: nobody waits for it long, and whoever runs a command is told in a sentence."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import exc, text

from library.database import (
    DATABASE_FAILURES,
    check_revision,
    close_sessions,
    explain_failure,
    open_sessions,
    upgrade,
)
from tests.databases import AWAY
from tests.postgresql import Server

PATIENCE_SECONDS = 20


@pytest.fixture
def silent_url() -> Iterator[str]:
    """URL of a server that takes connections and never says a word, as one does whose machine vanished."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"postgresql+psycopg://someone:secret@127.0.0.1:{server.getsockname()[1]}/none"


def ask(url: str) -> None:
    """Connect as a request does."""
    sessions = open_sessions(url)
    try:
        with sessions() as session:
            session.connection()
    finally:
        close_sessions(sessions)


def test_nobody_waits_long_for_a_server_that_is_silent(silent_url: str) -> None:
    """All at once, for each takes the seconds that it may."""
    attempts: tuple[Callable[[str], None], ...] = (check_revision, upgrade, ask)
    pool = ThreadPoolExecutor(len(attempts))
    for future in [pool.submit(attempt, silent_url) for attempt in attempts]:
        assert isinstance(future.exception(PATIENCE_SECONDS), DATABASE_FAILURES)
    pool.shutdown()


def failure_of(url: str) -> Exception:
    with pytest.raises(DATABASE_FAILURES) as raised:
        check_revision(url)
    return raised.value


def test_a_failure_is_a_sentence_with_what_the_driver_said_first() -> None:
    told = explain_failure(failure_of(AWAY))
    assert told.startswith("The database fails: connection")
    assert "refused" in told
    assert "COUNTERPART_DATABASE_URL" in told
    assert "\n" not in told
    assert "secret" not in told


def test_a_failure_without_a_driver_is_a_sentence_as_well() -> None:
    assert "no connection was free. Check" in explain_failure(exc.TimeoutError("no connection was free."))


def test_our_own_mistakes_are_not_the_databases() -> None:
    mistake = exc.ProgrammingError("SELECT nothing", {}, Exception("no such column: nothing"))
    with pytest.raises(exc.ProgrammingError):
        explain_failure(mistake)


@pytest.mark.postgresql
def test_a_database_without_an_encoding_answers_with_text(postgresql_server: Server) -> None:
    name = postgresql_server.create_database("template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
    url = postgresql_server.url(name)
    upgrade(url)
    check_revision(url)
    sessions = open_sessions(url)
    with sessions() as session:
        assert session.scalar(text("SELECT 'é' || current_setting('server_encoding')")) == "éSQL_ASCII"
    close_sessions(sessions)
    postgresql_server.drop_database(name)
