"""What PyTorch's exporter remarks on itself, left out: whoever exports a network can do nothing about it."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

REGISTRATION = "torch.onnx._internal.exporter._registration"
"""Logs a warning for each operator of torchvision where that is not installed; no network here has any."""

REMARKS = (
    r"`isinstance\(treespec, LeafSpec\)` is deprecated",  # on a call of its own
    r"# The axis name: \w+ will not be used",  # two inputs share a batch, or a number of moments
)


@contextmanager
def without_remarks() -> Iterator[None]:
    """Exports in this context warn of what is unknown here only. Errors are raised and logged as ever."""
    logger = logging.getLogger(REGISTRATION)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            for remark in REMARKS:
                warnings.filterwarnings("ignore", message=remark)
            yield
    finally:
        logger.setLevel(level)
