"""What every test package shares."""

from collections.abc import Iterator

import pytest

from library.database import upgrade
from tests.postgresql import Server, running_server
from tests.requirements import REQUIREMENTS, leave_out_what_cannot_run


def pytest_configure(config: pytest.Config) -> None:
    for requirement in REQUIREMENTS:
        config.addinivalue_line("markers", requirement.describe())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    leave_out_what_cannot_run(config, items)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A PostgreSQL server; tests that ask for it are marked `postgresql`."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: Server) -> str:
    """A database with the catalogue's tables, for copying."""
    name = postgresql_server.create_database()
    upgrade(postgresql_server.url(name))
    return name
