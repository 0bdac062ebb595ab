"""What becomes of tests on a machine that lacks what they need."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from tests.requirements import Requirement, demand_all_in_ci, leave_out_what_cannot_run

THERE = Requirement("there", lambda: True, "There is no such thing.")
MISSING = Requirement("missing", lambda: False, "There is no kettle. On Debian: apt install kettle.")
BOTH = (THERE, MISSING)


@dataclass(frozen=True)
class FakeItem:
    """A test with markers."""

    name: str
    markers: tuple[str, ...] = ()

    def get_closest_marker(self, name: str) -> str | None:
        return name if name in self.markers else None


@dataclass
class FakeConfig:
    """Remembers what was deselected; its own hook."""

    deselected: list[Any] = field(default_factory=list)

    @property
    def hook(self) -> "FakeConfig":
        return self

    def pytest_deselected(self, items: list[Any]) -> None:
        self.deselected += items


def leave_out(*items: FakeItem) -> tuple[list[str], list[str], list[str]]:
    """What is said, which tests are left, and which are told to be deselected."""
    config, left = FakeConfig(), list(items)
    said = leave_out_what_cannot_run(cast("pytest.Config", config), cast("list[pytest.Item]", left), BOTH)
    return said, [each.name for each in left], [each.name for each in config.deselected]


def test_only_tests_that_need_what_is_missing_are_left_out() -> None:
    plain, able, unable = FakeItem("plain"), FakeItem("able", ("there",)), FakeItem("tea", ("missing",))
    said, left, deselected = leave_out(plain, unable, able, FakeItem("both", ("there", "missing")))
    assert left == ["plain", "able"]
    assert deselected == ["tea", "both"]
    assert said == [f"{MISSING.missing} 2 tests that need it are left out."]


def test_nothing_is_said_where_no_test_needs_what_is_missing() -> None:
    assert leave_out(FakeItem("plain"), FakeItem("able", ("there",))) == ([], ["plain", "able"], [])


def test_ci_says_what_it_lacks_before_any_test_runs() -> None:
    with pytest.raises(pytest.UsageError, match="apt install kettle"):
        demand_all_in_ci({"CI": "true"}, BOTH)


@pytest.mark.parametrize("environment", [{}, {"CI": "false"}])
def test_elsewhere_nothing_is_demanded(environment: dict[str, str]) -> None:
    demand_all_in_ci(environment, BOTH)


def test_ci_that_has_everything_goes_on() -> None:
    demand_all_in_ci({"CI": "true"}, (THERE,))
