"""What some tests need besides Python packages, and what becomes of them on a machine without it.

They are left out there, and a line says so. With CI=true it is an error instead: a check that CI only seems
to make is worse than none.
"""

import ctypes.util
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from tests import postgresql
from tests.data import MISSING as NO_DEVELOPMENT_DATA
from tests.data import find_development_data
from tests.web.browser import MISSING as NO_BROWSER
from tests.web.browser import can_test_page


@dataclass(frozen=True)
class Requirement:
    """Something that a marker of its name asks for."""

    marker: str
    is_there: Callable[[], bool]
    missing: str

    def describe(self) -> str:
        return f"{self.marker}: needs what not every machine has. {self.missing}"


REQUIREMENTS = (
    Requirement("browser", can_test_page, NO_BROWSER),
    Requirement(
        "development_data", lambda: find_development_data(os.environ) is not None, NO_DEVELOPMENT_DATA
    ),
    Requirement(
        "ffmpeg",
        lambda: shutil.which("ffmpeg") is not None,
        "There is no ffmpeg. On Debian: apt install ffmpeg.",
    ),
    Requirement(
        "fluidsynth",
        lambda: ctypes.util.find_library("fluidsynth") is not None,
        "There is no libfluidsynth. On Debian: apt install libfluidsynth3.",
    ),
    Requirement(
        "mma", lambda: shutil.which("mma") is not None, "There is no MMA. On Debian: apt install mma."
    ),
    Requirement(
        "openmpt",
        lambda: ctypes.util.find_library("openmpt") is not None,
        "There is no libopenmpt. On Debian: apt install libopenmpt0.",
    ),
    Requirement("postgresql", lambda: postgresql.find_programs() is not None, postgresql.MISSING),
)


def demand_all_in_ci(
    environment: Mapping[str, str] = os.environ, requirements: tuple[Requirement, ...] = REQUIREMENTS
) -> None:
    """With CI=true, everything must be there.

    Raises:
        pytest.UsageError: something is not.
    """
    if environment.get("CI") == "true":
        for requirement in requirements:
            if not requirement.is_there():
                raise pytest.UsageError(requirement.missing)


def leave_out_what_cannot_run(
    config: pytest.Config,
    items: list[pytest.Item],
    requirements: tuple[Requirement, ...] = REQUIREMENTS,
) -> list[str]:
    """Deselect the tests whose requirement is missing, and say so: for `pytest_collection_modifyitems`."""
    said = []
    for requirement in requirements:
        needing = [item for item in items if item.get_closest_marker(requirement.marker)]
        if needing and not requirement.is_there():
            config.hook.pytest_deselected(items=needing)
            items[:] = [item for item in items if item not in needing]
            said.append(f"{requirement.missing} {len(needing)} tests that need it are left out.")
    return said
