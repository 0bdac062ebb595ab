"""The migrations make exactly the tables that the code reads, and can be taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, inspect, text

from library.database import WrongRevisionError, alembic_config, check_revision, upgrade
from tests.databases import BOTH, empty_database


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with empty_database(request.param, tmp_path, request) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'catalogue.db'}"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    yield engine
    engine.dispose()


def test_upgrading_an_empty_database_makes_every_table(url: str, engine: Engine) -> None:
    upgrade(url)
    assert set(inspect(engine).get_table_names()) == {
        *("alembic_version", "api_keys", "builds", "files", "songs", "stem_tags", "stems")
    }


def test_the_tables_in_the_code_are_those_of_the_migrations(url: str) -> None:
    upgrade(url)
    command.check(alembic_config(url))


def test_upgrading_twice_changes_nothing(url: str) -> None:
    upgrade(url)
    upgrade(url)
    check_revision(url)


def test_downgrading_to_nothing_removes_every_table(url: str, engine: Engine) -> None:
    upgrade(url)
    command.downgrade(alembic_config(url), "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]


def test_a_downgraded_database_can_be_upgraded_again(url: str) -> None:
    upgrade(url)
    command.downgrade(alembic_config(url), "base")
    upgrade(url)
    command.check(alembic_config(url))


def test_a_migration_that_fails_leaves_nothing_behind(url: str, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE stem_tags (number INTEGER)"))  # the last that migrations make
    with pytest.raises(Exception, match="already exists"):
        upgrade(url)
    assert inspect(engine).get_table_names() == ["stem_tags"]


def test_the_folder_of_the_database_is_made(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'new' / 'catalogue.db'}")
    assert (tmp_path / "new" / "catalogue.db").exists()


def test_a_missing_database_is_refused_and_not_made(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(WrongRevisionError, match="counterpart db upgrade"):
        check_revision(sqlite_url)
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_another_revision_is_refused(url: str) -> None:
    upgrade(url)
    command.downgrade(alembic_config(url), "base")
    with pytest.raises(WrongRevisionError, match="has no tables yet"):
        check_revision(url)


def test_a_database_of_a_newer_version_is_left_alone(url: str, engine: Engine) -> None:
    upgrade(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of_tomorrow'"))
    for attempt in (check_revision, upgrade):
        with pytest.raises(WrongRevisionError, match=r"of_tomorrow.* Install that version again"):
            attempt(url)


def test_a_password_is_not_in_the_message(tmp_path: Path) -> None:
    url = f"sqlite://someone:secret@/{tmp_path / 'catalogue.db'}"
    with pytest.raises(WrongRevisionError) as refusal:
        check_revision(url)
    assert "secret" not in str(refusal.value)
