"""Frozen dataclasses from the plain values of TOML and JSON, each checked against the type of its field."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints


class ConfigError(ValueError):
    """A config names something that does not exist, or values that do not fit together."""


def build_dataclass(kind: type, values: Any, where: str = "") -> object:
    """An instance of the dataclass `kind`, and of those within it; `where` names the section in complaints.

    Raises:
        ConfigError: an option that `kind` has not, or a value of another type.
    """
    if not isinstance(values, Mapping):
        raise ConfigError(
            f"{where.rstrip('.')} = {values!r}, but it is a section: write [{where.rstrip('.')}]."
        )
    hints = get_type_hints(kind)
    known = {option.name for option in fields(kind)}
    if unknown := set(values) - known:
        raise ConfigError(f"Unknown option {where}{min(unknown)}. Known: {', '.join(sorted(known))}.")
    return kind(**{name: _convert(hints[name], value, f"{where}{name}.") for name, value in values.items()})


def _convert(kind: Any, value: Any, where: str) -> object:
    if is_dataclass(kind) and isinstance(kind, type):
        return build_dataclass(kind, value, where)
    name, origin, arguments = where.rstrip("."), get_origin(kind), get_args(kind)
    if origin is Literal:
        if value not in arguments:
            raise ConfigError(f"{name} = {value!r}, but it must be one of {arguments}.")
        return value
    if origin is tuple:  # TOML and JSON have none
        if not isinstance(value, (list, tuple)):
            raise ConfigError(f"{name} = {value!r}, but it must be a list.")
        return tuple(_convert(arguments[0], one, where) for one in value)
    if type(value) is not kind and (kind, type(value)) != (float, int):
        raise ConfigError(f"{name} = {value!r}, but it must be of type {kind.__name__}.")
    return value
