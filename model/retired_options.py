"""Options of configs that are gone: releases and runs of earlier versions still name them."""

from collections.abc import Mapping
from typing import Any

RETIRED: Mapping[str, Mapping[str, object]] = {"train": {"siblings": False, "relatives": 0.0}}
"""By section, with the value that is today's way."""


def without_retired(values: Mapping[str, Any]) -> dict[str, Any]:
    """A config's values without options that are gone; what asks for another way is left, to be refused."""
    return {section: _kept(options, RETIRED.get(section, {})) for section, options in values.items()}


def _kept(options: Any, gone: Mapping[str, object]) -> Any:
    if not isinstance(options, Mapping):  # no section: a config's name, or a mistake that is told elsewhere
        return options
    return {name: value for name, value in options.items() if not (name in gone and value == gone[name])}
