"""What PyTorch's exporter remarks on itself, left out: whoever exports a network can do nothing about it."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

EXPORTER = "torch.onnx._internal.exporter"
LOGGERS = (
    f"{EXPORTER}._registration",  # operators of torchvision are not there: no network here has any
    f"{EXPORTER}._core",  # front ends compute their kernels: that they are no weights is meant
)
"""Each logs as a warning what is beside it; each export is compared with PyTorch afterwards."""

REMARKS = (
    r"`isinstance\(treespec, LeafSpec\)` is deprecated",  # on a call of its own
    r"# The axis name: \w+ will not be used",  # two inputs share a batch, or a number of moments
)


@contextmanager
def without_remarks() -> Iterator[None]:
    """Exports in this context warn of what is unknown here only. Errors are raised and logged as ever."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            for remark in REMARKS:
                warnings.filterwarnings("ignore", message=remark)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
