"""Settings come from the environment, are checked, and are all in the example."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from library.settings import explain_wrong_settings
from service.settings import ServiceSettings

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"


def example_settings() -> dict[str, str]:
    """Every setting that the example names, also those that are only a comment."""
    lines = re.findall(r"^(?:# )?COUNTERPART_(\w+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    return {name.lower(): value for name, value in lines}


def test_every_setting_is_in_the_example_and_no_other() -> None:
    assert set(example_settings()) == set(ServiceSettings.model_fields)


def test_the_example_shows_the_defaults() -> None:
    read = ServiceSettings.model_validate(example_settings())
    for name, field in ServiceSettings.model_fields.items():
        if field.default is not None:
            assert getattr(read, name) == field.default, name


def test_every_setting_is_described() -> None:
    assert all(field.description for field in ServiceSettings.model_fields.values())


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERPART_MAX_INFERENCE", "7")
    assert ServiceSettings().max_inference == 7


@pytest.mark.parametrize(
    "wrong", [{"max_inference": 0}, {"max_upload_bytes": 0}, {"max_mix_seconds": -1}, {"device": "tpu"}]
)
def test_a_setting_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ServiceSettings.model_validate(wrong)


@pytest.mark.parametrize("wrong", [{"decode_seconds": 30}, {"decode_seconds": 40}, {"answer_seconds": 15}])
def test_decoding_must_end_before_the_answer_is_due(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        ServiceSettings.model_validate(wrong)
    told = explain_wrong_settings(caught.value)
    assert "COUNTERPART_ANSWER_SECONDS: Decoding one file may take" in told
    assert "COUNTERPART_DECODE_SECONDS lower" in told
    ServiceSettings.model_validate({**wrong, "decode_seconds": 5})


def test_a_wrong_time_for_decoding_is_named_alone() -> None:
    with pytest.raises(ValidationError) as caught:
        ServiceSettings.model_validate({"decode_seconds": 0})
    assert [each["loc"] for each in caught.value.errors()] == [("decode_seconds",)]


def test_the_largest_upload_must_find_room() -> None:
    with pytest.raises(ValidationError) as caught:
        ServiceSettings.model_validate({"max_upload_bytes": 800_000_000})
    told = explain_wrong_settings(caught.value)
    assert "COUNTERPART_UPLOAD_BUDGET_BYTES: One upload may have 800000000 bytes" in told
    ServiceSettings.model_validate({"max_upload_bytes": 800_000_000, "upload_budget_bytes": 800_000_000})
