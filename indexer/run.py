"""Index a library: scan, read, embed, write, build, publish. Every step can be repeated and killed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from audio.stems import StemType
from audio.windows import HOP_SECONDS
from indexer.build import build_library
from indexer.embed import StemEmbedder, embed_windows
from indexer.opening import open_for_writing
from indexer.plan import (
    Failure,
    carry_out_cheap_part,
    make_plan,
    plan_rebuild,
    types_given_before,
)
from indexer.progress import IndexingProgress
from indexer.read import DecodedStem, FailedStem, RecognisedStem, StemReading, read_stem
from indexer.report import Report
from indexer.scan import find_places, scan_places
from indexer.stopping import IndexingStoppedError, Stop
from indexer.write import StemWriter
from library.catalogue import Catalogue
from library.records import StemEntry
from library.settings import Settings
from library.shards import ShardStore


def utc_now() -> datetime:
    """The time that a build is stamped with."""
    return datetime.now(UTC)


def index_library(
    paths: Iterable[Path],
    settings: Settings,
    embedder: StemEmbedder,
    console: Console,
    *,
    given_type: StemType | None = None,
    stop: Stop | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Report:
    """Bring the library in line with the files below `paths` and publish it.

    `given_type` is for files of which nothing says the type.

    Raises:
        PathNotFoundError, NoAudioError, ManifestCsvError: see `indexer.scan`; nothing was changed then.
        IndexerBusyError, DataFolderError: see `library.lock`.
        IndexingStoppedError: `stop` was requested; what was done is kept.
    """
    places = find_places(paths)
    stop = stop or Stop()
    with open_for_writing(settings) as sessions:
        shards = _open_shards(settings, embedder)
        with sessions() as session:
            known = [stem for place in places for stem in Catalogue(session).known_stems(place)]
        before = types_given_before(known)
        scan = scan_places(places, lambda path: given_type or before.get(path))
        plan = make_plan(scan, known, shards)
        with sessions.begin() as session:
            carry_out_cheap_part(plan, Catalogue(session))
        done = embed_stems(plan.work, embedder, StemWriter(sessions, shards), console, stop)
        build = build_library(settings.data, sessions, shards, embedder.card, created=clock())
    return Report(
        embedded=done.embedded,
        recognised=done.recognised,
        unchanged=plan.unchanged,
        gone=len(plan.gone),
        failures=(*plan.failed_before, *done.failures),
        skipped=tuple(scan.skipped),
        build=build,
    )


def rebuild_library(
    settings: Settings,
    embedder: StemEmbedder,
    console: Console,
    *,
    stop: Stop | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Report:
    """Publish the whole catalogue anew, from vectors where there are some of this model, embedding the rest.

    Raises:
        IndexerBusyError, DataFolderError: see `library.lock`.
        IndexingStoppedError: `stop` was requested; what was done is kept.
    """
    with open_for_writing(settings) as sessions:
        shards = _open_shards(settings, embedder)
        with sessions() as session:
            known = Catalogue(session).known_stems()
        work = plan_rebuild(known, shards)
        done = embed_stems(work, embedder, StemWriter(sessions, shards), console, stop or Stop())
        build = build_library(settings.data, sessions, shards, embedder.card, created=clock(), anew=True)
    return Report(
        embedded=done.embedded,
        recognised=done.recognised,
        unchanged=len(known) - len(work),
        gone=0,
        failures=tuple(done.failures),
        skipped=(),
        build=build,
    )


def remove_stems(paths: Sequence[Path], settings: Settings) -> int:
    """Take the stems at or below `paths` out of every answer, at once. Returns how many.

    The files stay where they are, and come back when their folder is indexed again; the next build leaves the
    removed stems out.
    """
    with open_for_writing(settings) as sessions, sessions.begin() as session:
        catalogue = Catalogue(session)
        numbers = {stem.number for path in paths for stem in catalogue.known_stems(path.resolve())}
        catalogue.mark_gone(numbers)
    return len(numbers)


@dataclass(slots=True)
class Done:
    """What became of the files that were read."""

    embedded: int = 0
    recognised: int = 0
    failures: list[Failure] = field(default_factory=list)


def embed_stems(
    work: Sequence[StemEntry], embedder: StemEmbedder, writer: StemWriter, console: Console, stop: Stop
) -> Done:
    """Read, embed and write `work`, one file at a time.

    Raises:
        IndexingStoppedError: `stop` was requested; what was done before is on the disk.
    """
    done = Done()
    with IndexingProgress(console, len(work)) as progress:
        try:
            for entry in work:
                stop.check()
                reading = read_stem(entry, writer.is_embedded, HOP_SECONDS)
                _hand_over(reading, embedder, writer, done)
                progress.advance(reading.facts.seconds if isinstance(reading, DecodedStem) else 0.0)
        except IndexingStoppedError:
            writer.flush()
            raise
        writer.flush()
    stop.check()
    return done


def _hand_over(reading: StemReading, embedder: StemEmbedder, writer: StemWriter, done: Done) -> None:
    match reading:
        case DecodedStem():
            writer.add_embedded(reading, embed_windows(embedder, reading.windows.samples))
            done.embedded += 1
        case RecognisedStem():
            writer.add_recognised(reading)
            done.recognised += 1
        case FailedStem():
            writer.add_failed(reading)
            done.failures.append(Failure(reading.entry.path, reading.reason))


def _open_shards(settings: Settings, embedder: StemEmbedder) -> ShardStore:
    shards = ShardStore.open(settings.data, embedder.card.id, HOP_SECONDS)
    shards.remove_unfinished()
    return shards
