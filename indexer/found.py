"""What a scan found, and what it could not look at."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from library.records import FileState, StemEntry


@dataclass(frozen=True, slots=True)
class FoundStem:
    """An audio file, or a part of one, that is a stem."""

    entry: StemEntry
    state: FileState


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """An audio file that is no stem."""

    path: Path
    reason: str


@dataclass(slots=True)
class Scan:
    """What is in the given folders."""

    stems: list[FoundStem] = field(default_factory=list)
    skipped: list[SkippedFile] = field(default_factory=list)
    closed: list[SkippedFile] = field(default_factory=list)
    """Folders and files that could not be looked at: what is there is unknown, not gone."""
    hidden: set[str] = field(default_factory=set)
    """Folders and files that were passed over in silence: what is there is as unknown."""
    places: frozenset[Path] = frozenset()
    """The given folders themselves, which are looked at even if they are hidden in another."""
    not_there: dict[Path, list[Path]] = field(default_factory=dict)
    """Files that a manifest names and that are not there, by the folder of the manifest."""
    warnings: list[str] = field(default_factory=list)
    """What may not be as it was meant, a sentence each."""

    def find_unknown(self, paths: Iterable[Path]) -> set[Path]:
        """Those of `paths` that were not looked for: nobody can say that they are gone."""
        places = {str(each) for each in self.places}
        unknown = (self.hidden - places) | {str(each.path) for each in self.closed}
        return {path for path in paths if _nearest(path, unknown | places) in unknown}


def _nearest(path: Path, among: set[str]) -> str | None:
    """`path` or the folder nearest to it that is one of `among`."""
    return next((name for each in (path, *path.parents) if (name := str(each)) in among), None)
