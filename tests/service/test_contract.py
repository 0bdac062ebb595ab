"""Requests made up from the OpenAPI document: no answer that the document does not know, and no 5xx but 503.

CI sends a few hundred; `make contract` sends thousands (CONTRACT_EXAMPLES).
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from service.app import create_app
from service.decoders import Decoders
from service.resources import share_resources
from tests.fakes import FakeEmbedder
from tests.service.conftest import settings_for
from tests.service.servers import running_server

EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "12"))


@pytest.fixture(scope="module")
def contract(indexed_data: Path, decoders: Decoders) -> Iterator[Any]:
    """The document of a real server over a real library."""
    app = create_app(
        settings_for(indexed_data),
        open_resources=lambda chosen: share_resources(chosen, FakeEmbedder(), decoders),
    )
    with running_server(app) as url:
        yield schemathesis.openapi.from_url(f"{url}/openapi.json")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_answers_are_those_of_the_document(contract: Any, mode: GenerationMode) -> None:
    """All checks but one: bytes made up are no audio, so a well-formed upload is refused most of the time."""
    operations = [result.ok() for result in contract.get_all_operations()]
    assert len(operations) >= 12
    sent = sum(ask(operation, mode) for operation in operations if can_be_asked(operation, mode))
    print(f"{sent} {mode.value} requests")  # noqa: T201 - what `make contract` is for
    assert sent >= len(operations)


def can_be_asked(operation: Any, mode: GenerationMode) -> bool:
    """Whether there is anything about it that could be wrong."""
    return mode is GenerationMode.POSITIVE or bool(list(operation.iter_parameters()) or operation.body)


def ask(operation: Any, mode: GenerationMode) -> int:
    """Send requests of this kind, check each answer against the document, and count them."""
    sent = 0

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    def check(case: Any) -> None:
        nonlocal sent
        sent += 1
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    with suppress(Unsatisfiable):  # nothing about it can be wrong
        check()
    return sent
