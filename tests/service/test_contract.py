"""Requests made up from the OpenAPI document: no answer that the document does not know, and no 5xx but 503.

CI sends a few hundred; `make contract` sends thousands (CONTRACT_EXAMPLES).
"""

import os
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from service.app import create_app
from service.decoders import Decoders
from service.resources import share_resources
from tests.fakes import FakeEmbedder
from tests.service.conftest import settings_for

EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "12"))


@pytest.fixture(scope="module")
def contract(indexed_data, decoders: Decoders) -> Iterator[object]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    app = create_app(
        settings_for(indexed_data),
        open_resources=lambda chosen: share_resources(chosen, FakeEmbedder(), decoders),
    )
    return schemathesis.openapi.from_asgi("/openapi.json", app)


schema = schemathesis.pytest.from_fixture("contract")


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_answers_are_those_of_the_document(case: schemathesis.Case) -> None:
    case.call_and_validate()
