"""A database that fails in the middle answers 503, and 200 again when it is back, without a restart."""

import shutil
from pathlib import Path

import pytest

from library.database import upgrade
from tests.postgresql import Server
from tests.service.conftest import ClientOpener, settings_for
from tests.service.test_match_refusals import check_problem


def test_a_damaged_database_is_a_503_until_it_is_mended(own_data: Path, open_client: ClientOpener) -> None:
    client = open_client(settings_for(own_data))
    assert client.get("/stems").status_code == 200
    database, kept = own_data / "counterpart.db", own_data / "kept.db"
    shutil.copy(database, kept)
    database.write_bytes(b"no database " * 1000)
    response = client.get("/stems")
    problem = check_problem(response, 503, "database")
    assert problem["type"] == "urn:counterpart:problem:database-failed"
    assert int(response.headers["retry-after"]) > 0
    assert str(own_data) not in response.text
    assert client.get("/readyz").status_code == 503
    database.write_bytes(kept.read_bytes())
    assert client.get("/stems").status_code == 200
    assert client.get("/readyz").status_code == 200


@pytest.mark.postgresql
def test_a_database_that_goes_away_is_a_503_until_it_is_back(
    postgresql_server: Server, indexed_data: Path, open_client: ClientOpener
) -> None:
    name = postgresql_server.create_database()
    url = postgresql_server.url(name)
    upgrade(url)
    client = open_client(settings_for(indexed_data, database_url=url))
    assert client.get("/stems").json()["stems"] == []
    postgresql_server.drop_database(name)
    check_problem(client.get("/stems"), 503, "database")
    postgresql_server.execute(f"CREATE DATABASE {name}")
    upgrade(url)
    assert client.get("/stems").status_code == 200
    postgresql_server.drop_database(name)
