"""Refuses what a request says in vain: ignoring a filter would answer another question."""

from collections.abc import Iterable
from typing import get_origin

from fastapi import Request
from pydantic import BaseModel
from starlette.datastructures import ImmutableMultiDict


class UnknownParameterError(ValueError):
    """A parameter that does not exist (yet)."""

    def __init__(self, name: str, known: Iterable[str], what: str = "query parameter") -> None:
        super().__init__(f"Unknown {what} {name!r}. Known: {', '.join(known)}. Leave it out or correct it.")


class RepeatedParameterError(ValueError):
    """A parameter that is given several times, and of which one would be heard."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The query parameter {name!r} is given more than once. Give it once.")


class MisplacedParameterError(ValueError):
    """A parameter of the address that was sent in the form, or the other way round, where nobody looks."""

    def __init__(self, name: str, *, in_form: bool) -> None:
        belongs = f"the address, behind a question mark: ?{name}=…" if in_form else "a form field."
        place = "form" if in_form else "address"
        super().__init__(f"{name!r} stands in the {place}. It belongs into {belongs}")


def check_query(given: ImmutableMultiDict[str, str], model: type[BaseModel]) -> None:
    """Make sure that `model` has every parameter of an address, and several values only where it takes them.

    Raises:
        UnknownParameterError, RepeatedParameterError: it has not.
    """
    refuse_unknown(given, model.model_fields)
    for name, field in model.model_fields.items():
        if get_origin(field.annotation) is not list and len(given.getlist(name)) > 1:
            raise RepeatedParameterError(name)


async def refuse_misplaced(request: Request, model: type[BaseModel]) -> None:
    """Make sure that no parameter of `model` was sent in the form, unless the address says the same.

    Raises:
        MisplacedParameterError: one was.
    """
    for name, value in (await request.form()).multi_items():
        if name in model.model_fields and value not in request.query_params.getlist(name):
            raise MisplacedParameterError(name, in_form=True)


def refuse_unknown(given: Iterable[str], known: Iterable[str], what: str = "query parameter") -> None:
    """Make sure that every name is known; `what` is named so.

    Raises:
        UnknownParameterError: one is not.
    """
    for name in given:
        if name not in known:
            raise UnknownParameterError(name, known, what)
