"""Index a library: scan, read, embed, write, build, publish. Every step can be repeated and killed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from audio.stems import StemType
from audio.windows import HOP_SECONDS
from indexer.build import build_library
from indexer.describe import FallbackType, TypeSaid, is_called_a_mix
from indexer.embed import GuessType, StemEmbedder
from indexer.embedding import Hands, embed_stems
from indexer.lost import set_lost_aside
from indexer.opening import open_for_reading, open_for_writing
from indexer.places import find_places, leave_out_empty, resolve_places
from indexer.plan import Failure, Place, carry_out_cheap_part, make_plan, plan_rebuild, types_given_before
from indexer.report import Report
from indexer.scan import Scan, scan_places
from indexer.stopping import Stop
from indexer.write import StemWriter
from library.catalogue import Catalogue
from library.records import TO_BE_GUESSED
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
    guess_type: GuessType | None = None,
    retry_failed: bool = False,
    workers: int = 0,
    stop: Stop | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Report:
    """Bring the library in line with the files below `paths` and publish it.

    `given_type` is for files of which nothing says the type; without it, `guess_type` is asked.
    With `retry_failed`, files that could not be read before are read although they have not changed.
    `workers` processes decode; with 0 it is done in this one, which a broken decoder could then end.
    The folder of uploads may be among `paths` before there are any.

    Raises:
        PathNotFoundError, PathNameError, NoAudioError, ManifestCsvError: see `indexer.places` and
            `indexer.scan`; nothing was changed then.
        IndexerBusyError, DataFolderError: see `library.lock`.
        IndexingStoppedError: `stop` was requested; what was done is kept.
    """
    places = find_places(leave_out_empty(paths, settings.uploads))
    hands = Hands(embedder, console, stop or Stop(), workers)
    with open_for_writing(settings) as sessions:
        shards = _open_shards(settings, embedder)
        with sessions() as session:
            known = [stem for place in places for stem in Catalogue(session).known_stems(place)]
        new = [each for each in places if not any(stem.entry.path.is_relative_to(each) for stem in known)]
        fallback = _choose_fallback(given_type, types_given_before(known), guess_type)
        scan = scan_places(places, fallback, data=settings.data, may_be_empty=new)
        plan = make_plan(scan, known, shards, retry_failed=retry_failed)
        with sessions.begin() as session:
            carry_out_cheap_part(plan, Catalogue(session))
        done = embed_stems(plan.work, StemWriter(sessions, shards, guess_type), hands)
        with sessions.begin() as session:
            Catalogue(session).forget_files(plan.perhaps_moved)
        build = build_library(settings.data, sessions, shards, embedder.card, created=clock())
    return Report(
        embedded=done.embedded,
        recognised=done.recognised,
        unchanged=plan.unchanged,
        gone=len(plan.gone) + len(plan.perhaps_moved),
        failures=(*plan.failed_before, *done.failures, *_closed(scan)),
        skipped=tuple(scan.skipped),
        not_there=_of_owners(scan, settings),
        warnings=tuple(scan.warnings),
        build=build,
        notes=tuple(done.notes),
    )


def rebuild_library(
    settings: Settings,
    embedder: StemEmbedder,
    console: Console,
    *,
    guess_type: GuessType | None = None,
    workers: int = 0,
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
        plan = plan_rebuild(known, shards)
        there, lost = set_lost_aside(plan.work)
        hands = Hands(embedder, console, stop or Stop(), workers)
        done = embed_stems(there, StemWriter(sessions, shards, guess_type), hands)
        build = build_library(settings.data, sessions, shards, embedder.card, created=clock(), anew=True)
    return Report(
        embedded=done.embedded,
        recognised=done.recognised,
        unchanged=plan.unchanged,
        gone=0,
        failures=(*plan.failed_before, *done.failures, *lost),
        skipped=(),
        build=build,
        notes=tuple(done.notes),
        anew=True,
    )


class NothingIndexedError(LookupError):
    """A path to remove below which the library has nothing."""


def remove_stems(paths: Sequence[Path], settings: Settings) -> int:
    """Take the stems at or below `paths` out of every answer, at once. Returns how many.

    A stem that has another file elsewhere stays, with that file. The files stay where they are, and come back
    when their folder is indexed again; the next build leaves the removed stems out.

    Raises:
        NoBuildError, WrongRevisionError: there is no library; none is made.
        NothingIndexedError: there is nothing at one of `paths`; nothing was changed.
        PathNameError: see `indexer.places`.
        IndexerBusyError, DataFolderError: see `library.lock`.
    """
    with open_for_reading(settings):
        pass  # there is a library
    with open_for_writing(settings) as sessions, sessions.begin() as session:
        catalogue = Catalogue(session)
        return catalogue.forget_files(
            {number for path in resolve_places(paths) for number in _find_files(catalogue, path)}
        )


def _find_files(catalogue: Catalogue, place: Path) -> list[int]:
    found = [stem.number for stem in catalogue.known_stems(place)]
    if not found:
        raise NothingIndexedError(f"The library has nothing at or below {place}. Nothing was removed.")
    return found


def _closed(scan: Scan) -> list[Failure]:
    return [Failure(each.path, each.reason, may_pass=True) for each in scan.closed]


def _of_owners(scan: Scan, settings: Settings) -> Mapping[Path, Sequence[Path]]:
    """Files that manifests name in vain; the service's own keeps the lines of what was removed."""
    inbox = settings.uploads.resolve()
    return {root: paths for root, paths in scan.not_there.items() if root != inbox}


def _choose_fallback(
    given: StemType | None, before: Mapping[Place, TypeSaid], guess_type: GuessType | None
) -> FallbackType:
    """The type of a file of which nothing says it: as given now, as before, or to be guessed by its sound."""

    def choose(path: Path, part: int) -> TypeSaid | None:
        if given is not None:
            return TypeSaid(given, "option")
        if (path, part) in before:
            return before[path, part]
        if guess_type is None or is_called_a_mix(path):
            return None
        return TypeSaid(StemType.OTHER, TO_BE_GUESSED, 0.0)

    return choose


def _open_shards(settings: Settings, embedder: StemEmbedder) -> ShardStore:
    shards = ShardStore.open(settings.data, embedder.card.id, HOP_SECONDS)
    shards.remove_unfinished()
    return shards
