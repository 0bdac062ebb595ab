"""`counterpart serve` and `counterpart match`."""

import logging
import math
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click
import uvicorn
from pydantic import ValidationError
from rich.console import Console

from audio.decode import DecodeLimits, UnreadableAudioError, decode
from audio.stems import GROUPS, STEM_TYPES, UnknownStemTypeError, expand_types
from library.builds import DamagedBuildError, NoBuildError, WrongModelError
from library.database import DATABASE_FAILURES, WrongRevisionError, explain_failure
from library.filters import StemFilters
from library.index_gpu import NoGpuError
from library.settings import explain_wrong_settings
from model.card import BrokenModelError
from model.embedder import DeviceNotFoundError
from model.finite_range import FiniteRange
from service.answer_table import tabulate
from service.answering import answer_question
from service.app import create_app
from service.asking import SHORTEST_SECONDS, UnusableMixError
from service.filter_options import filter_options
from service.filter_query import filters_of
from service.logs import configure_logging
from service.question import Question
from service.rates import RateLimitSettingError
from service.recent_mixes import hash_upload
from service.resources import ResourceOpener, Resources, open_resources
from service.schemas import MatchAnswer
from service.settings import ServiceSettings
from service.tracing import TracingNotInstalledError

# Whose messages are sentences for the person at the terminal.
EXPECTED = (
    BrokenModelError,
    DamagedBuildError,
    DeviceNotFoundError,
    NoBuildError,
    NoGpuError,
    RateLimitSettingError,
    TracingNotInstalledError,
    UnknownStemTypeError,
    UnreadableAudioError,
    UnusableMixError,
    WrongModelError,
    WrongRevisionError,
)

LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})

logger = logging.getLogger(__name__)

Command = Callable[..., None]


def library_options(command: Command) -> Command:
    """The options that say where the library is and what runs the model."""
    for option in (
        click.option(
            "--device", type=click.Choice(["cpu", "cuda"]), help="Where the model runs.  [default: cpu]"
        ),
        click.option(
            "--model", type=click.Path(path_type=Path), help="Model folder; default: the shipped one."
        ),
        click.option("--data", type=click.Path(path_type=Path), help="Folder of the index.  [default: data]"),
    ):
        command = option(command)
    return command


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@library_options
@click.pass_context
def serve(context: click.Context, /, host: str, port: int, **options: Any) -> None:
    """Serve the HTTP API until Ctrl-C.

    Example: counterpart serve --port 8080
    """
    settings = read_settings(options)
    with ending_on_sigterm(), expected_errors(), opener_of(context)(settings) as resources:
        resources.decoders.start()
        app = create_app(settings, open_resources=lambda _: nullcontext(resources))
        shown = f"[{host}]" if ":" in host else host
        click.echo(f"Counterpart answers at http://{shown}:{port} (the API is described at /docs).")
        configure_logging(settings.log_format)
        if host not in LOCAL and not settings.require_key:
            logger.warning(
                "Everybody who reaches %s may ask. COUNTERPART_REQUIRE_KEY=true asks for keys.", host
            )
        # What runs is finished; the time for an answer is the longest that it can take.
        uvicorn.run(
            app,
            host=host,
            port=port,
            log_config=None,
            timeout_graceful_shutdown=math.ceil(settings.answer_seconds) + 1,
        )


@click.command()
@click.argument("mix", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--type",
    "types",
    multiple=True,
    required=True,
    metavar="TYPE",
    help=f"Wanted stem type; repeat for several. {', '.join([*STEM_TYPES, *GROUPS])}.",
)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="Stems of each type."
)
@click.option(
    "--start",
    type=FiniteRange(0),
    default=0.0,
    help="Where the region of MIX begins, in seconds.",
)
@click.option(
    "--seconds",
    type=FiniteRange(SHORTEST_SECONDS),
    help="Length of the region.",
)
@click.option("--exclude-song", multiple=True, metavar="SONG", help="Song whose stems are not wanted.")
@click.option("--exclude-own-song", is_flag=True, help="Leave out songs that can be heard in MIX.")
@filter_options
@click.option("--json", "as_json", is_flag=True, help="Print the JSON of POST /match.")
@library_options
@click.pass_context
def match(context: click.Context, /, mix: Path, limit: int, as_json: bool, **options: Any) -> None:
    """Find the stems that fit MIX, without a server.

    Example: counterpart match mix.wav --type bass --type drums
    """
    with expected_errors():
        question = Question(
            types=expand_types(options.pop("types")),
            limit=limit,
            start=options.pop("start"),
            seconds=options.pop("seconds"),
            without_songs=frozenset(options.pop("exclude_song")),
            without_own_song=options.pop("exclude_own_song"),
            filters=read_filters(options),
        )
        with opener_of(context)(read_settings(options)) as resources:
            answer = answer_file(resources, mix, question)
    if as_json:
        click.echo(answer.model_dump_json(indent=2))
    else:
        Console().print(tabulate(answer))


def answer_file(resources: Resources, mix: Path, question: Question) -> MatchAnswer:
    """The answer of `POST /match` for a file on this machine."""
    limits = DecodeLimits(max_seconds=resources.settings.max_mix_seconds)
    indexes = resources.build.indexes()
    with mix.open("rb") as file:
        sha256 = hash_upload(file)
    with resources.catalogues.open() as catalogue:
        return answer_question(
            resources,
            indexes,
            catalogue,
            question,
            filename=mix.name,
            sha256=sha256,
            read_mix=lambda: decode(mix, limits),
        )


def read_filters(options: dict[str, Any]) -> StemFilters:
    """The filters among `options`, which loses them."""
    try:
        return filters_of(options)
    except ValidationError as error:
        # A sentence for each: click has no types for keys and ranges.
        raise click.ClickException(" ".join(f"{each['msg']}." for each in error.errors())) from error


def opener_of(context: click.Context) -> ResourceOpener:
    """What opens the resources: the real thing, unless a test passed its own as `obj`."""
    if context.obj is None:
        return open_resources
    opener: ResourceOpener = context.obj
    return opener


def read_settings(options: dict[str, Any]) -> ServiceSettings:
    """Settings from the environment; what was said on the command line wins."""
    try:
        return ServiceSettings(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as error:
        raise click.ClickException(explain_wrong_settings(error)) from error


@contextmanager
def ending_on_sigterm() -> Iterator[None]:
    """Let SIGTERM end the block as an exception does, so that what was opened is closed.

    uvicorn finishes what runs, and then raises the signal that it caught again: by default that ends the
    process on the spot, and the indexer that it started would live on, with the library's lock.
    """

    def end(_: int, __: FrameType | None) -> NoReturn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not cut the closing short
        raise SystemExit(0)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def expected_errors() -> Iterator[None]:
    """Say in one sentence what a person can mend, without a traceback."""
    try:
        yield
    except EXPECTED as error:
        raise click.ClickException(str(error)) from error
    except DATABASE_FAILURES as error:
        raise click.ClickException(explain_failure(error)) from error
