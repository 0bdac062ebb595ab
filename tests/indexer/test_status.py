"""The table says what each type holds, how it is indexed, and how well."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from audio.stems import StemType
from indexer.status import LibraryStatus, print_difference, print_status, tabulate_indexes
from library.manifest import IndexedType, Manifest

FLAT = IndexedType(
    stems=1200, vectors=30_000, file="bass.faiss", sha256="", bytes=61_000_000, kind="flat", recall=1.0,
    recall_queries=0,
)  # fmt: skip
QUANTISED = replace(
    FLAT, stems=40_000, vectors=1_000_000, bytes=1_100_000_000, kind="PQ128x4fs+fp16", recall=0.9871,
    recall_queries=128,
)  # fmt: skip
MANIFEST = Manifest(
    build="20261123T120000-abcdef01", model_id="fake-1-00000000", dimension=512, window_seconds=8.0,
    hop_seconds=4.0, query_hop_seconds=0.03125, created="2026-11-23T12:00:00+00:00", contents="",
    types={StemType.DRUMS: QUANTISED, StemType.BASS: FLAT},
)  # fmt: skip


@pytest.fixture
def console() -> Console:
    return Console(record=True, width=160, file=io.StringIO())


def show(status: LibraryStatus, console: Console) -> str:
    print_status(status, console)
    return console.export_text()


def test_each_type_has_a_row_with_kind_size_and_recall(console: Console) -> None:
    console.print(tabulate_indexes(MANIFEST))
    rows = {line.split()[1]: line for line in console.export_text().splitlines() if line.count("│") > 4}
    for cell in ("40,000", "1,000,000", "1.1 GB", "PQ128x4fs+fp16", "0.987"):
        assert cell in rows["drums"]
    for cell in ("1,200", "30,000", "61.0 MB", "flat", "exact"):
        assert cell in rows["bass"]
    for cell in ("41,200", "1,030,000", "1.2 GB"):
        assert cell in rows["all"]


def test_the_build_and_its_time_are_named(console: Console) -> None:
    text = show(LibraryStatus(Path("data"), MANIFEST, {StemType.DRUMS: 41_200}, ()), console)
    assert "Build 20261123T120000-abcdef01 of 2026-11-23T12:00:00 UTC" in text
    assert "not in the build yet" not in text


def test_without_a_build_it_says_what_to_run(console: Console) -> None:
    assert "counterpart index PATH" in show(LibraryStatus(Path("data"), None, {}, ()), console)


@pytest.mark.parametrize(
    ("difference", "words"), [(3, "not in the build yet: 3"), (-2, "removed since the build: 2"), (0, "")]
)
def test_a_difference_to_the_build_is_told(console: Console, difference: int, words: str) -> None:
    print_difference(difference, console)
    assert words in console.export_text()
