"""What the commands of `counterpart index` share: options, settings, and errors as sentences."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError
from rich.console import Console

from indexer.embed import NoEmbedderError, StemEmbedder, open_embedder
from indexer.manifest_csv import ManifestCsvError
from indexer.places import PathNameError, PathNotFoundError
from indexer.printable import printable
from indexer.readings import default_workers
from indexer.report import Report, print_report
from indexer.run import NothingIndexedError
from indexer.scan import NoAudioError
from indexer.stopping import IndexingStoppedError
from library.builds import DamagedBuildError, NoBuildError
from library.database import DATABASE_FAILURES, WrongRevisionError, explain_failure
from library.lock import DataFolderError, IndexerBusyError
from library.settings import Settings, explain_wrong_settings
from library.shards import DamagedShardError

STOPPED = 130  # what a shell expects of a command that Ctrl-C ended
INCOMPLETE = os.EX_TEMPFAIL  # 75

# Whose messages are sentences for the person at the terminal.
_EXPECTED = (
    DamagedBuildError,
    DamagedShardError,
    DataFolderError,
    IndexerBusyError,
    ManifestCsvError,
    NoAudioError,
    NoBuildError,
    NoEmbedderError,
    NothingIndexedError,
    PathNameError,
    PathNotFoundError,
    WrongRevisionError,
)

Command = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Collaborators:
    """What the commands work with; whoever calls them may put another into the context's `obj`."""

    open_embedder: Callable[[Settings], StemEmbedder] = open_embedder


def data_option(command: Command) -> Command:
    """Add --data."""
    return click.option(
        "--data", type=click.Path(path_type=Path), help="Folder of the library.  [default: data]"
    )(command)


def model_options(command: Command) -> Command:
    """Add --model and --device."""
    device = click.option(
        "--device", type=click.Choice(["cpu", "cuda"]), help="Where the model runs.  [default: cpu]"
    )
    folder = click.option(
        "--model", type=click.Path(path_type=Path), help="Model folder; default: the shipped one."
    )
    return folder(device(command))


def workers_option(command: Command) -> Command:
    """Add --workers."""
    return click.option(
        "--workers",
        type=click.IntRange(0, 64),
        default=default_workers,
        show_default=False,
        help="Processes that decode files; 0 decodes in this one.  [default: one a core but one, at most 8]",
    )(command)


@contextmanager
def sentences(console: Console) -> Iterator[None]:
    """Expected errors become one line on stderr, and a stop the exit code of a stopped command."""
    try:
        yield
    except _EXPECTED as error:
        raise click.ClickException(printable(error)) from error
    except DATABASE_FAILURES as error:
        raise click.ClickException(explain_failure(error)) from error
    except OSError as error:
        said = ": ".join(str(each) for each in (error.filename, error.strerror or error) if each)
        raise click.ClickException(
            f"{printable(said)}. What was done is kept; the next run goes on from there."
        ) from error
    except (IndexingStoppedError, KeyboardInterrupt) as error:
        console.print("Stopped. What was done is kept; the next run goes on from there.", soft_wrap=True)
        raise click.exceptions.Exit(STOPPED) from error


def finish(report: Report, console: Console) -> None:
    """Print what a run did.

    Raises:
        Exit: a file could not be read this time: whoever started the run is to start it again.
    """
    print_report(report, console, Console(stderr=True))
    if not report.is_complete:
        raise click.exceptions.Exit(INCOMPLETE)


def read_settings(options: dict[str, Any]) -> Settings:
    """Settings from the environment, with the options that were given in their place."""
    try:
        return Settings(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as error:
        raise click.ClickException(explain_wrong_settings(error)) from error


def find_collaborators(ctx: click.Context) -> Collaborators:
    """Those that the caller put into the context, or the real ones."""
    return ctx.find_object(Collaborators) or Collaborators()
