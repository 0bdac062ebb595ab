"""Compare what is on the disk with what the catalogue remembers: what is to be read, and what is gone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.describe import TypeSaid
from indexer.listen import LISTENER_VERSION
from indexer.scan import FoundStem, Scan
from library.catalogue import Catalogue
from library.records import TO_BE_GUESSED, FileState, KnownStem, StemEntry
from library.shards import ShardStore


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be indexed."""

    path: Path
    reason: str
    may_pass: bool = False
    """Whether the next run tries again although the file stays as it is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an indexing run has to do."""

    work: tuple[StemEntry, ...]
    """New and changed files, and those without vectors of this model."""
    unchanged: int
    described: tuple[tuple[int, FoundStem], ...]
    """Unchanged files of which a manifest, say, tells something new; by file number."""
    failed_before: tuple[Failure, ...]
    """Files that could not be read and have not changed since."""
    gone: tuple[int, ...]
    """Numbers of files that are no longer there, or no longer stems."""
    perhaps_moved: tuple[int, ...] = ()
    """The same, but a new file has their size: their stems stay until that file has been read."""


Place = tuple[Path, int]
"""A file and the part of it."""


def make_plan(
    scan: Scan, known: Sequence[KnownStem], shards: ShardStore, *, retry_failed: bool = False
) -> Plan:
    """What to do so that the catalogue agrees with `scan`; `known` is what it remembers of there.

    Files that could not be read are read again if they have changed, or all of them with `retry_failed`.
    """

    def must_read(found: FoundStem, before: KnownStem) -> bool:
        return (retry_failed and before.status == "failed") or _must_read(found, before, shards)

    remembered = {_place(each.entry): each for each in known}
    pairs = [(_keep_guess(each, before), before) for each, before in _pair(scan.stems, remembered)]
    work = [each for each, before in pairs if before is None or must_read(each, before)]
    kept = [(each, before) for each, before in pairs if before and not must_read(each, before)]
    gone = _find_gone(remembered, scan)
    new_sizes = {each.state.size for each in work}
    moved = {each.number for each in gone if each.state is not None and each.state.size in new_sizes}
    return Plan(
        work=tuple(each.entry for each in work),
        unchanged=_count_embedded(before for _, before in kept),
        described=tuple((before.number, each) for each, before in kept if before.entry != each.entry),
        failed_before=_failures(before for _, before in kept),
        gone=tuple(each.number for each in gone if each.number not in moved),
        perhaps_moved=tuple(sorted(moved)),
    )


def carry_out_cheap_part(plan: Plan, catalogue: Catalogue) -> None:
    """Everything in `plan` that needs no file to be read."""
    catalogue.forget_files(plan.gone)
    for number, found in plan.described:
        catalogue.describe(number, found.entry, found.state)


def plan_rebuild(known: Iterable[KnownStem], shards: ShardStore) -> Plan:
    """What to do with the whole catalogue: read what has no vectors of this model, or could not be opened.

    The other files are not looked for: a disk that is not there now loses nothing.
    """
    work: list[KnownStem] = []
    kept: list[KnownStem] = []
    for each in known:
        missing = each.state is None if each.status == "failed" else each.content_hash not in shards
        (work if missing else kept).append(each)
    return Plan(
        work=tuple(each.entry for each in work),
        unchanged=_count_embedded(kept),
        described=(),
        failed_before=_failures(kept),
        gone=(),
    )


def _count_embedded(kept: Iterable[KnownStem]) -> int:
    return sum(each.status == "embedded" for each in kept)


def _failures(kept: Iterable[KnownStem]) -> tuple[Failure, ...]:
    return tuple(Failure(each.entry.path, each.error or "") for each in kept if each.status == "failed")


def file_state(path: Path) -> FileState | None:
    """What tells whether the file has changed; None if nobody can say."""
    try:
        return FileState.of(path.stat())
    except OSError:
        return None


def types_given_before(
    known: Iterable[KnownStem], file_state: Callable[[Path], FileState | None] = file_state
) -> Mapping[Place, TypeSaid]:
    """Types that an earlier run was given with --type or the model guessed, until something says better.

    A guess was made by the sound: it is worth nothing where another file lies now.
    """
    return {
        _place(each.entry): TypeSaid(each.entry.type, each.entry.type_source, each.entry.type_confidence)
        for each in known
        if each.entry.type_source == "option"
        or (each.entry.type_source == "model" and each.state == file_state(each.entry.path))
    }


def _pair(
    stems: Iterable[FoundStem], remembered: Mapping[Place, KnownStem]
) -> list[tuple[FoundStem, KnownStem | None]]:
    return [(each, remembered.get(_place(each.entry))) for each in stems]


def _place(entry: StemEntry) -> Place:
    return entry.path, entry.part


def _keep_guess(found: FoundStem, before: KnownStem | None) -> FoundStem:
    """A file that did not change is not guessed at again. What a manifest said holds while it says so."""
    if before is None or before.state != found.state or found.entry.type_source != TO_BE_GUESSED:
        return found
    said = before.entry
    if said.type_source not in {"option", "model"}:
        return found
    entry = replace(
        found.entry, type=said.type, type_source=said.type_source, type_confidence=said.type_confidence
    )
    return FoundStem(entry, found.state)


def _must_read(found: FoundStem, before: KnownStem, shards: ShardStore) -> bool:
    if before.state != found.state:
        return True
    if before.status == "failed":
        return False
    if found.entry.type_source == TO_BE_GUESSED:  # by its vectors
        return True
    return before.content_hash not in shards or before.heard_version < LISTENER_VERSION


def _find_gone(remembered: Mapping[Place, KnownStem], scan: Scan) -> list[KnownStem]:
    found = {_place(each.entry) for each in scan.stems}
    missing = {place: each for place, each in remembered.items() if place not in found}
    unknown = scan.find_unknown(path for path, _ in missing)
    return [each for (path, _), each in missing.items() if path not in unknown]
