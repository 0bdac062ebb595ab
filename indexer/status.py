"""What is in the library now, without opening a model: types, stems, windows, the build, the failures."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.filesize import decimal
from rich.markup import escape
from rich.table import Table

from audio.stems import StemType
from indexer.opening import open_for_reading
from indexer.plan import Failure
from indexer.printable import printable
from indexer.report import print_failures
from library.builds import current_manifest
from library.catalogue import Catalogue
from library.manifest import Manifest
from library.settings import Settings


@dataclass(frozen=True, slots=True)
class LibraryStatus:
    """What is in the library now."""

    data: Path
    manifest: Manifest | None
    """Of the published build."""
    stems: dict[StemType, int]
    """Stems that can be found, by the catalogue."""
    failures: tuple[Failure, ...]


def read_status(settings: Settings) -> LibraryStatus:
    """What is in the library now.

    Raises:
        NoBuildError: there is no library yet.
        WrongRevisionError: its database is out of date.
    """
    with open_for_reading(settings) as sessions, sessions() as session:
        catalogue = Catalogue(session)
        failures = tuple(Failure(each.path, each.error or "") for each in catalogue.failures())
        stems = catalogue.count_stems()
    return LibraryStatus(settings.data, current_manifest(settings.data), stems, failures)


def print_status(status: LibraryStatus, console: Console) -> None:
    """The table of indexes, the build, the failures."""
    if status.manifest is None:
        console.print(
            f"There is no index in {escape(printable(status.data))} yet. Run: counterpart index PATH"
        )
    else:
        console.print(tabulate_indexes(status.manifest))
        console.print(
            f"Build {status.manifest.build} of {status.manifest.created[:19]} UTC, "
            f"model {status.manifest.model_id}, {status.manifest.dimension} numbers a vector.",
            soft_wrap=True,
        )
        print_difference(sum(status.stems.values()) - status.manifest.stems, console)
    print_failures(status.failures, console)


def tabulate_indexes(manifest: Manifest) -> Table:
    """The index of each stem type: how much it holds, how large it is, and how good."""
    table = Table("type", "stems", "windows", "size", "index", "recall@10", title="Library")
    for column in (1, 2, 3, 5):
        table.columns[column].justify = "right"
    for stem_type, indexed in manifest.types.items():
        recall = f"{indexed.recall:.3f}" if indexed.recall_queries else "exact"
        counts = (f"{indexed.stems:,}", f"{indexed.vectors:,}", decimal(indexed.bytes))
        table.add_row(stem_type, *counts, indexed.kind, recall)
    table.add_section()
    size = decimal(sum(indexed.bytes for indexed in manifest.types.values()))
    table.add_row("all", f"{manifest.stems:,}", f"{manifest.vectors:,}", size)
    return table


def print_difference(stems: int, console: Console) -> None:
    """Say that the catalogue has `stems` more (below zero: fewer) than the build; nothing if it has not."""
    if stems > 0:
        console.print(f"Stems that are not in the build yet: {stems}. Run: counterpart index rebuild")
    if stems < 0:
        console.print(
            f"Stems removed since the build: {-stems}. They are not answered with; "
            "counterpart index rebuild takes them out of the index as well."
        )
