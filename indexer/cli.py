"""`counterpart index`: put stems into the library, look at it, mend it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from audio.stems import STEM_TYPES, StemType
from indexer.check import check_library
from indexer.commands import PathsFirstGroup
from indexer.embed import NoEmbedderError, StemEmbedder, open_embedder
from indexer.manifest_csv import ManifestCsvError
from indexer.report import print_report
from indexer.run import index_library, rebuild_library, remove_stems
from indexer.scan import NoAudioError, PathNotFoundError
from indexer.status import print_status, read_status
from indexer.stopping import IndexingStoppedError, stop_on_signals
from library.builds import DamagedBuildError, NoBuildError
from library.database import WrongRevisionError
from library.lock import DataFolderError, IndexerBusyError
from library.settings import Settings
from library.shards import DamagedShardError

STOPPED = 130  # what a shell expects of a command that Ctrl-C ended

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


@click.group(cls=PathsFirstGroup)
def index() -> None:
    """Index the stems below PATH… and publish them, or run a COMMAND.

    Example: counterpart index ~/stems ~/loops --type drums

    A first argument that is no command is a path: write ./status for a folder of that name. Options (--type,
    --data, --model, --device) are those of add. Repeat it when files have changed, stop it whenever you like:
    nothing is done twice.
    """


@index.command()
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--type",
    "given_type",
    type=click.Choice([each.value for each in STEM_TYPES]),
    help="Type of files of which nothing says it.",
)
@data_option
@model_options
@click.pass_context
def add(ctx: click.Context, /, paths: tuple[Path, ...], given_type: str | None, **options: Any) -> None:
    """Index PATH…; the same as `counterpart index PATH…`.

    Example: counterpart index ~/stems
    """
    stem_type = StemType(given_type) if given_type else None
    console = Console()
    with _sentences(console), stop_on_signals() as stop:
        settings = _read_settings(options)
        embedder = _find_collaborators(ctx).open_embedder(settings)
        report = index_library(paths, settings, embedder, console, given_type=stem_type, stop=stop)
        print_report(report, console)


@index.command()
@data_option
@model_options
@click.pass_context
def rebuild(ctx: click.Context, /, **options: Any) -> None:
    """Publish the whole library anew; embeds only what has no vectors of the model.

    Example: counterpart index rebuild
    """
    console = Console()
    with _sentences(console), stop_on_signals() as stop:
        settings = _read_settings(options)
        report = rebuild_library(
            settings, _find_collaborators(ctx).open_embedder(settings), console, stop=stop
        )
        print_report(report, console)


@index.command()
@data_option
def status(**options: Any) -> None:
    """Show what is in the library: types, stems, windows, failures.

    Example: counterpart index status
    """
    console = Console()
    with _sentences(console):
        print_status(read_status(_read_settings(options)), console)


@index.command()
@data_option
def check(**options: Any) -> None:
    """Compare catalogue, vectors and published build; exit with 1 if they differ.

    Example: counterpart index check
    """
    console = Console()
    with _sentences(console):
        problems = check_library(_read_settings(options))
        if problems:
            raise click.ClickException("\n".join(problems))
        console.print("The catalogue, the vectors and the published build agree.")


@index.command()
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(path_type=Path))
@data_option
def remove(paths: tuple[Path, ...], **options: Any) -> None:
    """Take the stems at or below PATH… out of every answer, at once. The files stay.

    Example: counterpart index remove ~/stems/old-song
    """
    console = Console()
    with _sentences(console):
        count = remove_stems(paths, _read_settings(options))
        console.print(f"Removed {count} stems. They come back if a folder that holds them is indexed again.")


@contextmanager
def _sentences(console: Console) -> Iterator[None]:
    """Expected errors become one line on stderr, and a stop the exit code of a stopped command."""
    try:
        yield
    except _EXPECTED as error:
        raise click.ClickException(str(error)) from error
    except (IndexingStoppedError, KeyboardInterrupt) as error:
        console.print("Stopped. What was done is kept; the next run goes on from there.", soft_wrap=True)
        raise click.exceptions.Exit(STOPPED) from error


def _read_settings(options: dict[str, Any]) -> Settings:
    return Settings(**{name: value for name, value in options.items() if value is not None})


def _find_collaborators(ctx: click.Context) -> Collaborators:
    return ctx.find_object(Collaborators) or Collaborators()
