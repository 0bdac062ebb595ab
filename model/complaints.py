"""What a user of the command line can put right is said in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

TRAIN_EXTRA = frozenset({"mido", "onnx", "onnxscript", "torch"})


@contextmanager
def one_line_errors(*others: type[Exception]) -> Iterator[None]:
    """Errors in input, files that cannot be read or written, and `others` become one line.

    All else keeps its traceback.
    """
    expected: tuple[type[Exception], ...] = (ValueError, *others)
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in TRAIN_EXTRA:
            raise
        raise click.ClickException(
            "This needs PyTorch and ONNX: pip install 'counterpart[train]'."
        ) from error
    except expected as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        # The system's own have a number; ours are sentences already.
        said = f"{error.filename}: {error.strerror}." if error.errno and error.filename else str(error)
        raise click.ClickException(said) from error
