"""Compare what is on the disk with what the catalogue remembers: what is to be read, and what is gone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from audio.stems import StemType
from indexer.scan import FoundStem, Scan
from library.catalogue import Catalogue
from library.records import KnownStem, StemEntry
from library.shards import ShardStore


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be indexed."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What an indexing run has to do."""

    work: tuple[StemEntry, ...]
    """New and changed files, and those without vectors of this model."""
    unchanged: int
    described: tuple[tuple[int, FoundStem], ...]
    """Unchanged files of which a manifest, say, tells something new; by stem number."""
    failed_before: tuple[Failure, ...]
    """Files that could not be read and have not changed since."""
    gone: tuple[int, ...]
    """Numbers of stems whose files are no longer there, or no longer stems."""


def make_plan(scan: Scan, known: Sequence[KnownStem], shards: ShardStore) -> Plan:
    """What to do so that the catalogue agrees with `scan`; `known` is what it remembers of there."""
    by_path = {each.entry.path: each for each in known}
    found = {each.entry.path for each in scan.stems}
    pairs = [(each, by_path.get(each.entry.path)) for each in scan.stems]
    kept = [(each, before) for each, before in pairs if before and not _must_read(each, before, shards)]
    return Plan(
        work=tuple(
            each.entry for each, before in pairs if before is None or _must_read(each, before, shards)
        ),
        unchanged=sum(before.status == "embedded" for _, before in kept),
        described=tuple((before.number, each) for each, before in kept if before.entry != each.entry),
        failed_before=tuple(
            Failure(each.entry.path, before.error or "") for each, before in kept if before.status == "failed"
        ),
        gone=tuple(
            each.number
            for each in by_path.values()
            if each.entry.path not in found and not _is_hidden_from_us(each.entry.path, scan.closed_folders)
        ),
    )


def carry_out_cheap_part(plan: Plan, catalogue: Catalogue) -> None:
    """Everything in `plan` that needs no file to be read."""
    catalogue.mark_gone(plan.gone)
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


def types_given_before(known: Iterable[KnownStem]) -> Mapping[Path, StemType]:
    """Types that an earlier run was given with --type; they hold until something better says otherwise."""
    return {each.entry.path: each.entry.type for each in known if each.entry.type_source == "option"}


def _must_read(found: FoundStem, before: KnownStem, shards: ShardStore) -> bool:
    if before.state != found.state:
        return True
    return before.status != "failed" and before.content_hash not in shards


def _is_hidden_from_us(path: Path, closed_folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in closed_folders)
