"""What an indexing run did, as data and as tables."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from indexer.build import BuildOutcome
from indexer.plan import Failure
from indexer.printable import printable
from indexer.scan import SkippedFile
from library.manifest import Manifest

_FAILURES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Report:
    """What an indexing run did."""

    embedded: int
    """Stems that were embedded now."""
    recognised: int
    """Stems whose sound had vectors already: renamed files, copies, or what a killed run left."""
    unchanged: int
    gone: int
    failures: tuple[Failure, ...]
    skipped: tuple[SkippedFile, ...]
    build: BuildOutcome
    notes: tuple[Failure, ...] = ()
    """Files that were embedded now although something is wrong with them."""

    not_there: Mapping[Path, Sequence[Path]] = field(default_factory=dict)
    """Files that a manifest names and that are not there, by the manifest's folder."""
    warnings: tuple[str, ...] = ()
    """What may not be as it was meant, a sentence each."""
    anew: bool = False
    """Whether it was tried to embed everything that had no vectors, of whatever folder."""

    @property
    def is_complete(self) -> bool:
        """Whether running it again, with the same files, would do no more."""
        return not any(each.may_pass for each in self.failures)


def print_report(report: Report, console: Console, errors: Console | None = None) -> None:
    """Types and skipped files, and one line about the build; what is wrong with files goes to `errors`."""
    errors = errors or console
    if report.build.manifest is not None:
        console.print(tabulate_types(report.build.manifest))
    print_failures(report.failures, errors)
    print_failures(report.notes, errors, "Indexed as far as possible")
    for reason, count in Counter(each.reason for each in report.skipped).items():
        example = next(each.path for each in report.skipped if each.reason == reason)
        files = "1 file" if count == 1 else f"{count} files"
        line = f"Skipped {files}: {reason} ({example})."
        console.print(escape(printable(line)), soft_wrap=True)
    for root, paths in report.not_there.items():
        console.print(escape(printable(_name_missing(root, paths))), soft_wrap=True)
    for warning in report.warnings:
        errors.print(escape(printable(warning)), soft_wrap=True)
    console.print(_summarise(report), soft_wrap=True)


def _name_missing(root: Path, paths: Sequence[Path]) -> str:
    files = "a file that is" if len(paths) == 1 else f"{len(paths)} files that are"
    return f"The manifest in {root} names {files} not there ({paths[0]})."


def tabulate_types(manifest: Manifest) -> Table:
    """Stems and windows of each type in a build."""
    table = Table("type", "stems", "windows", title="Library")
    table.columns[1].justify = table.columns[2].justify = "right"
    for stem_type, indexed in manifest.types.items():
        table.add_row(stem_type, f"{indexed.stems:,}", f"{indexed.vectors:,}")
    table.add_section()
    table.add_row("all", f"{manifest.stems:,}", f"{manifest.vectors:,}")
    return table


def print_failures(failures: Sequence[Failure], console: Console, title: str = "Not indexed") -> None:
    """The files that could not be indexed, with the reason of each; nothing if there are none.

    A table for a person, and a line each where a log or another program reads it.
    """
    if not failures:
        return
    shown = failures[:_FAILURES_SHOWN]
    if console.is_terminal:
        console.print(_tabulate_failures(shown, title))
    else:
        for each in shown:
            line = printable(f"{title}: {each.path}: {each.reason}")
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    if len(failures) > len(shown):
        console.print(f"… and {len(failures) - len(shown)} more.")


def _tabulate_failures(failures: Sequence[Failure], title: str) -> Table:
    table = Table("file", "reason", title=title)
    table.columns[0].overflow = "fold"
    for each in failures:
        table.add_row(escape(printable(each.path)), escape(printable(each.reason)))
    return table


def _summarise(report: Report) -> str:
    counts = [
        f"{report.embedded} embedded",
        f"{report.recognised} recognised",
        f"{report.unchanged} unchanged",
        f"{report.gone} gone",
        f"{len(report.failures)} failed",
        f"{len(report.skipped)} skipped",
    ]
    lines = [", ".join(counts) + ".", _summarise_build(report.build)]
    if report.build.damaged:
        lines.append(
            f"{len(report.build.damaged)} damaged files of vectors were set aside. "
            "Their stems are embedded again by: counterpart index rebuild"
        )
    if report.build.without_vectors:
        lines.append(_name_without_vectors(report.build.without_vectors, report.anew))
    return "\n".join(lines)


def _name_without_vectors(count: int, tried: bool) -> str:
    if tried:
        return f"Stems that have no vectors of this model and cannot be found: {count}. See above."
    return (
        f"{count} stems of other folders have no vectors of this model and cannot be found. "
        "Run: counterpart index rebuild"
    )


def _summarise_build(build: BuildOutcome) -> str:
    if build.manifest is None:
        return "There is no stem to publish yet."
    if not build.is_new:
        return f"Nothing has changed: build {build.manifest.build} stays."
    return f"Published build {build.manifest.build} (model {build.manifest.model_id})."
