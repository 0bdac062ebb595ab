"""Exports tell of what concerns whoever exports, and of nothing else."""

import logging
import warnings
from pathlib import Path

import pytest

from model.export import Release, export
from model.exporter_remarks import LOGGERS, without_remarks
from model.jepa import Jepa
from tests.model.conftest import CALIBRATION


def test_an_export_warns_of_nothing(
    jepa: Jepa, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Told once a process, so it would depend on the order of tests; not of the exporter's.
        warnings.simplefilter("ignore", DeprecationWarning)
        export(jepa, tmp_path / "release", Release("1.2.3", CALIBRATION))
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert capfd.readouterr() == ("", "")


def test_other_warnings_are_still_told() -> None:
    with pytest.warns(UserWarning, match="weights are not finite"), without_remarks():
        warnings.warn("weights are not finite", stacklevel=1)


@pytest.mark.parametrize("name", LOGGERS)
def test_logging_is_as_it_was_afterwards_whatever_happens(name: str) -> None:
    logger = logging.getLogger(name)
    before = logger.level

    def fail_in_an_export() -> None:
        with without_remarks():
            assert not logger.isEnabledFor(logging.WARNING)
            assert logger.isEnabledFor(logging.ERROR)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_in_an_export()
    assert logger.level == before
