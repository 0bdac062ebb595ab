"""What an indexing run did, as data and as tables."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from indexer.build import BuildOutcome
from indexer.plan import Failure
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


def print_report(report: Report, console: Console) -> None:
    """Types, failures and skipped files as tables, and one line about the build."""
    if report.build.manifest is not None:
        console.print(tabulate_types(report.build.manifest))
    print_failures(report.failures, console)
    print_failures(report.notes, console, "Indexed as far as possible")
    for reason, count in Counter(each.reason for each in report.skipped).items():
        example = next(each.path for each in report.skipped if each.reason == reason)
        files = "1 file" if count == 1 else f"{count} files"
        console.print(f"Skipped {files}: {escape(reason)} ({escape(str(example))}).", soft_wrap=True)
    console.print(_summarise(report), soft_wrap=True)


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
    """The files that could not be indexed, with the reason of each; nothing if there are none."""
    if not failures:
        return
    table = Table("file", "reason", title=title)
    table.columns[0].overflow = "fold"
    for failure in failures[:_FAILURES_SHOWN]:
        table.add_row(escape(str(failure.path)), escape(failure.reason))
    console.print(table)
    if len(failures) > _FAILURES_SHOWN:
        console.print(f"… and {len(failures) - _FAILURES_SHOWN} more.")


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
        lines.append(
            f"{report.build.without_vectors} stems of other folders have no vectors of this model and cannot "
            "be found. Run: counterpart index rebuild"
        )
    return "\n".join(lines)


def _summarise_build(build: BuildOutcome) -> str:
    if build.manifest is None:
        return "There is no stem to publish yet."
    if not build.is_new:
        return f"Nothing has changed: build {build.manifest.build} stays."
    return f"Published build {build.manifest.build} (model {build.manifest.model_id})."
