"""What every test package shares."""

import pytest

from tests.requirements import REQUIREMENTS, leave_out_what_cannot_run


def pytest_configure(config: pytest.Config) -> None:
    for requirement in REQUIREMENTS:
        config.addinivalue_line("markers", requirement.describe())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    leave_out_what_cannot_run(config, items)
