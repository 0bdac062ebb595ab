"""The catalogue is opened to write, alone, or only to look."""

from pathlib import Path

import pytest
from alembic import command

from indexer.opening import open_for_reading, open_for_writing
from library.builds import NoBuildError
from library.catalogue import Catalogue
from library.database import WrongRevisionError, alembic_config
from library.durable import TEMPORARY_SUFFIX
from library.lock import IndexerBusyError
from library.settings import Settings
from tests.indexer.indexing import Indexing
from tests.postgresql import Server


def test_writing_makes_the_library_and_its_tables(settings: Settings) -> None:
    with open_for_writing(settings) as sessions, sessions() as session:
        assert Catalogue(session).count_stems() == {}
    with open_for_reading(settings) as sessions, sessions() as session:
        assert Catalogue(session).count_stems() == {}


def test_two_cannot_write_at_once(settings: Settings) -> None:
    with open_for_writing(settings), pytest.raises(IndexerBusyError), open_for_writing(settings):
        pass


@pytest.mark.postgresql
def test_two_folders_cannot_write_to_one_database_at_once(tmp_path: Path, postgresql_server: Server) -> None:
    url = postgresql_server.url(postgresql_server.create_database())
    one, other = (Settings(data=tmp_path / name, database_url=url) for name in ("one", "other"))
    with open_for_writing(one), pytest.raises(IndexerBusyError), open_for_writing(other):
        pass
    with open_for_writing(other):
        pass


def test_one_can_look_while_another_writes(settings: Settings) -> None:
    with open_for_writing(settings), open_for_reading(settings) as sessions, sessions() as session:
        assert Catalogue(session).failures() == []


def test_looking_makes_nothing(settings: Settings) -> None:
    with pytest.raises(NoBuildError, match="counterpart index PATH"), open_for_reading(settings):
        pass
    assert not settings.data.exists()


def test_an_empty_data_folder_says_what_to_run(settings: Settings) -> None:
    settings.data.mkdir()
    with pytest.raises(NoBuildError, match="counterpart index PATH"), open_for_reading(settings):
        pass
    assert list(settings.data.iterdir()) == []


def test_a_build_without_its_tables_says_what_to_run(indexing: Indexing) -> None:
    indexing.run()
    command.downgrade(alembic_config(indexing.settings.catalogue_url), "base")
    with (
        pytest.raises(WrongRevisionError, match="counterpart db upgrade"),
        open_for_reading(indexing.settings),
    ):
        pass


def test_looking_at_an_outdated_database_says_what_to_run(settings: Settings) -> None:
    with open_for_writing(settings):
        pass
    command.downgrade(alembic_config(settings.catalogue_url), "-1")
    with pytest.raises(WrongRevisionError, match="counterpart db upgrade"), open_for_reading(settings):
        pass


def test_writing_brings_an_outdated_database_up_to_date(settings: Settings) -> None:
    with open_for_writing(settings):
        command.downgrade(alembic_config(settings.catalogue_url), "base")
    with open_for_writing(settings), open_for_reading(settings):
        pass


def test_writing_clears_away_what_a_kill_left(settings: Settings) -> None:
    left = settings.data / "builds" / f"b1{TEMPORARY_SUFFIX}"
    left.mkdir(parents=True)
    with open_for_writing(settings):
        assert not left.exists()
