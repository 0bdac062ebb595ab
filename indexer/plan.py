"""Compare what is on the disk with what the catalogue remembers: what is to be read, and what is gone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.describe import TypeSaid
from indexer.listen import LISTENER_VERSION
from indexer.scan import FoundStem, Scan
from library.catalogue import Catalogue
from library.records import TO_BE_GUESSED, KnownStem, StemEntry
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


def make_plan(scan: Scan, known: Sequence[KnownStem], shards: ShardStore) -> Plan:
    """What to do so that the catalogue agrees with `scan`; `known` is what it remembers of there."""
    remembered = {_place(each.entry): each for each in known}
    pairs = [(_keep_guess(each, before), before) for each, before in _pair(scan.stems, remembered)]
    work = [each for each, before in pairs if before is None or _must_read(each, before, shards)]
    kept = [(each, before) for each, before in pairs if before and not _must_read(each, before, shards)]
    gone = _find_gone(remembered, scan)
    new_sizes = {each.state.size for each in work}
    moved = {each.number for each in gone if each.state is not None and each.state.size in new_sizes}
    return Plan(
        work=tuple(each.entry for each in work),
        unchanged=sum(before.status == "embedded" for _, before in kept),
        described=tuple((before.number, each) for each, before in kept if before.entry != each.entry),
        failed_before=tuple(
            Failure(each.entry.path, before.error or "") for each, before in kept if before.status == "failed"
        ),
        gone=tuple(each.number for each in gone if each.number not in moved),
        perhaps_moved=tuple(sorted(moved)),
    )


def carry_out_cheap_part(plan: Plan, catalogue: Catalogue) -> None:
    """Everything in `plan` that needs no file to be read."""
    catalogue.forget_files(plan.gone)
    for number, found in plan.described:
        catalogue.describe(number, found.entry, found.state)


def plan_rebuild(known: Iterable[KnownStem], shards: ShardStore) -> tuple[StemEntry, ...]:
    """The stems of the whole catalogue that have no vectors of this model, or could not be opened before.

    Their files are not looked for otherwise: a disk that is not there now loses nothing.
    """
    return tuple(
        each.entry
        for each in known
        if (each.status == "failed" and each.state is None)
        or (each.status == "embedded" and each.content_hash not in shards)
    )


def types_given_before(known: Iterable[KnownStem]) -> Mapping[Place, TypeSaid]:
    """Types that an earlier run was given with --type or the model guessed, until something says better."""
    return {
        _place(entry): TypeSaid(entry.type, entry.type_source, entry.type_confidence)
        for entry in (each.entry for each in known)
        if entry.type_source in {"option", "model"}
    }


def _pair(
    stems: Iterable[FoundStem], remembered: Mapping[Place, KnownStem]
) -> list[tuple[FoundStem, KnownStem | None]]:
    return [(each, remembered.get(_place(each.entry))) for each in stems]


def _place(entry: StemEntry) -> Place:
    return entry.path, entry.part


def _keep_guess(found: FoundStem, before: KnownStem | None) -> FoundStem:
    """A file that did not change is not guessed at again."""
    if before is None or before.state != found.state or found.entry.type_source != TO_BE_GUESSED:
        return found
    said = before.entry
    if said.type_source == TO_BE_GUESSED:  # it failed before it could be guessed
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
    return before.content_hash not in shards or before.heard_version < LISTENER_VERSION


def _find_gone(remembered: Mapping[Place, KnownStem], scan: Scan) -> list[KnownStem]:
    found = {_place(each.entry) for each in scan.stems}
    closed = [each.path for each in scan.closed]
    return [
        each
        for place, each in remembered.items()
        if place not in found and not any(place[0].is_relative_to(folder) for folder in closed)
    ]
