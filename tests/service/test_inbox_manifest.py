"""Every line of the manifest is whole, whatever befell the one before: one that is not stops all indexing."""

import json
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from audio.stems import StemType
from indexer.manifest import read_manifest
from indexer.manifest_jsonl import read_jsonl_lines
from service.inbox_manifest import append_line, mend
from service.stem_inbox import MANIFEST, UPLOADS, StemInbox

FIRST = {"file": "a.wav", "type": "bass", "song": "blåtoner"}
SECOND = {"file": "b.wav", "type": "drums"}


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file may become larger than `size`, as on a disk that is nearly full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def lines_of(path: Path) -> list[object]:
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def test_lines_are_appended_and_the_indexer_reads_them(tmp_path: Path) -> None:
    path = tmp_path / MANIFEST
    append_line(path, FIRST)
    append_line(path, SECOND)
    assert lines_of(path) == [FIRST, SECOND]
    assert [(line.file, line.cells["type"]) for line in read_jsonl_lines(path)] == [
        ("a.wav", StemType.BASS),
        ("b.wav", StemType.DRUMS),
    ]


def test_of_a_line_that_has_no_room_nothing_stays(tmp_path: Path) -> None:
    path = tmp_path / MANIFEST
    append_line(path, FIRST)
    before = path.read_bytes()
    with room_for(len(before) + 5), pytest.raises(OSError, match="large"):
        append_line(path, SECOND)
    assert path.read_bytes() == before
    append_line(path, SECOND)
    assert lines_of(path) == [FIRST, SECOND]


@pytest.mark.parametrize(
    "torn", [b'{"file": "x', b'{"file": "x.wav"\0\0\0', "{“".encode()[:-1], b" ", b"[1]"]
)
def test_a_line_that_a_power_failure_tore_is_cut_off(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / MANIFEST
    append_line(path, FIRST)
    path.write_bytes(path.read_bytes() + torn)
    append_line(path, SECOND)
    assert lines_of(path) == [FIRST, SECOND]


def test_a_whole_line_without_its_end_gets_one(tmp_path: Path) -> None:
    path = tmp_path / MANIFEST
    path.write_text(json.dumps(FIRST))
    append_line(path, SECOND)
    assert lines_of(path) == [FIRST, SECOND]


def test_a_torn_line_may_be_long_or_the_only_one(tmp_path: Path) -> None:
    path = tmp_path / MANIFEST
    path.write_bytes(b'{"song": "' + 300_000 * b"a")
    append_line(path, FIRST)
    assert lines_of(path) == [FIRST]


def test_a_service_that_starts_mends_what_would_stop_the_indexer(tmp_path: Path) -> None:
    folder = tmp_path / UPLOADS
    folder.mkdir()
    append_line(folder / MANIFEST, FIRST)
    with (folder / MANIFEST).open("ab") as manifest:
        manifest.write(b'{"file": ')
    StemInbox(tmp_path)
    assert list(read_manifest(folder)) == [folder / "a.wav"]


def test_where_there_is_no_manifest_none_is_made(tmp_path: Path) -> None:
    mend(tmp_path / MANIFEST)
    mend(tmp_path / "nowhere" / MANIFEST)
    assert list(tmp_path.iterdir()) == []


def test_many_write_at_once_and_every_line_stays(tmp_path: Path) -> None:
    path = tmp_path / MANIFEST

    def write(number: int) -> None:
        for each in range(20):
            mend(path)
            append_line(path, {"file": f"{number}-{each}.wav", "song": 200 * "a"})

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines_of(path)) == 80
