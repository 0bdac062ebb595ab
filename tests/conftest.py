"""What every test package shares."""

from collections.abc import Iterator
from typing import Any

import pytest

from library.database import upgrade
from tests.postgresql import Server, running_server
from tests.requirements import REQUIREMENTS, demand_all_in_ci, leave_out_what_cannot_run

LEFT_OUT = "left_out"
SAID = pytest.StashKey[dict[str, None]]()
"""Lines, each once: every process that runs tests collects all of them."""


def pytest_configure(config: pytest.Config) -> None:
    demand_all_in_ci()
    config.stash[SAID] = {}
    for requirement in REQUIREMENTS:
        config.addinivalue_line("markers", requirement.describe())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    said = leave_out_what_cannot_run(config, items)
    config.stash[SAID] |= dict.fromkeys(said)
    if hasattr(config, "workeroutput"):  # of pytest-xdist: what one of several processes sends home
        config.workeroutput[LEFT_OUT] = said


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[SAID] |= dict.fromkeys(getattr(node, "workeroutput", {}).get(LEFT_OUT, []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash[SAID]:
        terminalreporter.write_line(line)


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
