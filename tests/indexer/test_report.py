"""What a person reads at the end of a run."""

from dataclasses import replace
from pathlib import Path

from rich.console import Console

from audio.stems import StemType
from indexer.build import BuildOutcome
from indexer.plan import Failure
from indexer.report import Report, print_failures, print_report
from indexer.scan import NO_TYPE, SkippedFile
from library.manifest import IndexedType, Manifest

MANIFEST = Manifest(
    build="b1",
    model_id="fake-1",
    dimension=24,
    window_seconds=8.0,
    hop_seconds=8.0,
    query_hop_seconds=0.5,
    created="2026-11-23T12:00:00+00:00",
    contents="",
    types={
        StemType.BASS: IndexedType(1200, 34_000, "bass.faiss", "", 0, "flat", recall=1.0, recall_queries=0)
    },
)


def make_report(build: BuildOutcome, failures: int = 0, skipped: int = 0) -> Report:
    return Report(
        embedded=3,
        recognised=0,
        unchanged=5,
        gone=1,
        failures=tuple(Failure(Path(f"/m/{n}[x].wav"), f"Broken {n}.") for n in range(failures)),
        skipped=tuple(SkippedFile(Path(f"/m/mix{n}.wav"), NO_TYPE) for n in range(skipped)),
        build=build,
    )


def show(report: Report) -> str:
    console = Console(width=200, record=True, quiet=False, file=None, force_terminal=False)
    with console.capture() as capture:
        print_report(report, console)
    return capture.get()


def test_types_stems_and_windows_are_a_table() -> None:
    text = show(make_report(BuildOutcome(MANIFEST, is_new=True, without_vectors=0)))
    assert "1,200" in text
    assert "34,000" in text
    assert "Published build b1 (model fake-1)." in text
    assert "3 embedded, 0 recognised, 5 unchanged, 1 gone, 0 failed, 0 skipped." in text


def test_failures_are_listed_by_file_and_reason() -> None:
    text = show(make_report(BuildOutcome(MANIFEST, is_new=True, without_vectors=0), failures=2))
    assert "/m/0[x].wav" in text
    assert "Broken 1." in text


def test_what_is_wrong_with_files_can_go_elsewhere_a_line_each() -> None:
    report = make_report(BuildOutcome(MANIFEST, is_new=True, without_vectors=0), failures=2)
    console, errors = Console(quiet=False), Console(width=20, force_terminal=False)
    with console.capture() as printed, errors.capture() as said:
        print_report(report, console, errors)
    assert "Broken" not in printed.get()
    assert said.get() == "Not indexed: /m/0[x].wav: Broken 0.\nNot indexed: /m/1[x].wav: Broken 1.\n"


def test_a_person_sees_a_table_of_failures() -> None:
    console = Console(width=60, force_terminal=True)
    with console.capture() as capture:
        print_failures([Failure(Path("/m/a.wav"), "It is silent.")], console)
    assert "reason" in capture.get()
    assert "It is silent." in capture.get()


def test_a_run_is_complete_if_another_would_do_no_more() -> None:
    report = make_report(BuildOutcome(MANIFEST, is_new=True, without_vectors=0), failures=2)
    assert report.is_complete
    left = Failure(Path("/m/a.wav"), "The disk is away.", may_pass=True)
    assert not replace(report, failures=(*report.failures, left)).is_complete


def test_a_long_list_of_failures_is_cut_and_counted() -> None:
    text = show(make_report(BuildOutcome(MANIFEST, is_new=True, without_vectors=0), failures=60))
    assert "Broken 49." in text
    assert "Broken 50." not in text
    assert "and 10 more" in text


def test_skipped_files_are_counted_by_reason() -> None:
    text = show(make_report(BuildOutcome(MANIFEST, is_new=True, without_vectors=0), skipped=3))
    assert "Skipped 3 files: no type" in text
    assert "/m/mix0.wav" in text


def test_files_that_a_manifest_names_in_vain_are_counted_with_the_first_of_them() -> None:
    report = make_report(BuildOutcome(MANIFEST, is_new=True, without_vectors=0))
    missing = {Path("/m"): [Path("/m/a[1].wav"), Path("/m/b.wav")], Path("/n"): [Path("/n/c.wav")]}
    text = show(replace(report, not_there=missing)).replace("\n", " ")
    assert "The manifest in /m names 2 files that are not there (/m/a[1].wav)." in text
    assert "The manifest in /n names a file that is not there (/n/c.wav)." in text
    assert "manifest in" not in show(report)


def test_warnings_go_to_where_errors_go() -> None:
    report = replace(
        make_report(BuildOutcome(MANIFEST, is_new=True, without_vectors=0)), warnings=("Odd [x].",)
    )
    console, errors = Console(width=20), Console(width=20, force_terminal=False)
    with console.capture() as printed, errors.capture() as said:
        print_report(report, console, errors)
    assert "Odd" not in printed.get()
    assert said.get() == "Odd [x].\n"


def test_names_of_files_neither_forge_lines_nor_reach_the_terminal_as_they_are() -> None:
    name = Path("/m/a\nNot indexed: forged\x1b[2J\udcff.wav")
    report = replace(
        make_report(BuildOutcome(MANIFEST, is_new=True, without_vectors=0)),
        failures=(Failure(name, "Broken."),),
        skipped=(SkippedFile(name, NO_TYPE),),
        not_there={name: [name]},
    )
    text = show(report)
    assert text.count("/m/a\\nNot indexed: forged\\x1b[2J\\udcff.wav") == 4
    assert "\x1b" not in text
    console = Console(width=160, force_terminal=True)
    with console.capture() as capture:
        print_failures(report.failures, console)
    assert "\x1b[2J" not in capture.get()


def test_a_run_that_tried_everything_does_not_advise_itself() -> None:
    report = replace(make_report(BuildOutcome(MANIFEST, is_new=True, without_vectors=7)), anew=True)
    assert "no vectors of this model and cannot be found: 7." in show(report)
    assert "counterpart index rebuild" not in show(report)


def test_an_unchanged_library_says_so() -> None:
    text = show(make_report(BuildOutcome(MANIFEST, is_new=False, without_vectors=0)))
    assert "Nothing has changed: build b1 stays." in text


def test_stems_without_vectors_of_the_model_are_mentioned() -> None:
    text = show(make_report(BuildOutcome(MANIFEST, is_new=True, without_vectors=7)))
    assert "7 stems of other folders" in text
    assert "counterpart index rebuild" in text


def test_a_library_without_stems_says_so() -> None:
    assert "no stem to publish" in show(make_report(BuildOutcome(None, is_new=False, without_vectors=0)))


def test_damaged_files_of_vectors_are_mentioned_with_what_mends_them() -> None:
    damaged = (Path("vectors/a.npz"), Path("vectors/b.npz"))
    outcome = BuildOutcome(MANIFEST, is_new=True, without_vectors=0, damaged=damaged)
    text = show(make_report(outcome))
    assert "2 damaged files of vectors were set aside" in text
    assert "counterpart index rebuild" in text
    assert "set aside" not in show(make_report(BuildOutcome(MANIFEST, is_new=True, without_vectors=0)))
