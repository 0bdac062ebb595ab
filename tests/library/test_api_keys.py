"""Keys are shown once, kept as hashes, and gone when they are revoked; the same on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from library.api_keys import ApiKeys, UnknownApiKeyError
from library.database import close_sessions, open_sessions
from tests.databases import BOTH, migrated_database

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(params=BOTH)
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Session]:
    with migrated_database(request.param, tmp_path, request) as url:
        sessions = open_sessions(url)
        with sessions() as opened:
            yield opened
        close_sessions(sessions)


def test_a_key_is_found_by_its_text_and_nothing_else(session: Session) -> None:
    keys = ApiKeys(session)
    made = keys.create("batch", ["read"], NOW)
    assert keys.find(made.text) == made.key
    for wrong in (
        "",
        "cp_",
        made.text[:-1],
        made.text + "x",
        made.text[:-1] + "?",
        f"cp_{made.key.id}_" + "x" * 32,
    ):
        assert keys.find(wrong) is None


def test_the_database_does_not_know_the_key(session: Session) -> None:
    made = ApiKeys(session).create("batch", ["read"], NOW)
    secret = made.text.rpartition("_")[2] if made.text.count("_") == 2 else made.text[16:]
    rows = session.execute(text("SELECT * FROM api_keys")).all()
    assert len(rows) == 1
    assert secret not in str(rows)


def test_who_may_write_may_read(session: Session) -> None:
    assert ApiKeys(session).create("a", ["write"], NOW).key.scopes == {"read", "write"}


def test_a_key_without_a_scope_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="read, write"):
        ApiKeys(session).create("a", [], NOW)


def test_a_revoked_key_is_listed_but_not_found(session: Session) -> None:
    keys = ApiKeys(session)
    made = keys.create("a", ["read"], NOW)
    later = NOW.replace(hour=13)
    keys.revoke(made.key.id, later)
    keys.revoke(made.key.id, later.replace(hour=14))
    assert keys.find(made.text) is None
    assert [key.revoked for key in keys.list_keys()] == [later]


def test_a_key_that_does_not_exist_cannot_be_revoked(session: Session) -> None:
    with pytest.raises(UnknownApiKeyError, match="counterpart keys list"):
        ApiKeys(session).revoke("nothing", NOW)
