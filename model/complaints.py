"""What a user of the command line can put right is said in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

TRAIN_EXTRA = frozenset({"mido", "onnx", "onnxscript", "torch"})


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Errors in input become one line; all else keeps its traceback."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in TRAIN_EXTRA:
            raise
        raise click.ClickException(
            "This needs PyTorch and ONNX: pip install 'counterpart[train]'."
        ) from error
    except (ValueError, FileNotFoundError) as error:
        raise click.ClickException(str(error)) from error
