"""Processes that decode: what a file does to one of them is no other file's trouble."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audio.decode import UnreadableAudioError
from audio.fingerprint import similarity
from audio.parts import channels_part
from audio.stems import StemType
from indexer.listen import listen
from indexer.read import ListenerDiedError
from indexer.workers import WorkerPool
from tests.songs import stem_waveform, write_stem

DEADLY = "tests.indexer.deadly_worker"


def test_a_process_hears_what_would_be_heard_here(tmp_path: Path) -> None:
    path = write_stem(tmp_path / "bass.wav", stem_waveform(0, StemType.BASS, 5.0))
    with WorkerPool() as pool:
        there = pool(path, 0)
        with pytest.raises(UnreadableAudioError, match="not audio") as refusal:
            pool(write_text(tmp_path / "text.wav"), 0)
        with pytest.raises(FileNotFoundError):
            pool(tmp_path / "nothing.wav", 0)
    here = listen(path, 0)
    assert refusal.value.reason == "not_audio"
    assert np.array_equal(there.waveform, here.waveform)
    assert there.facts == here.facts
    # The last digits of a spectrum depend on how many threads a process computes it with, and a pure tone's
    # fingerprint on the last digits.
    assert replace(there.heard, fingerprint=b"") == replace(here.heard, fingerprint=b"")
    prints = (np.frombuffer(each.heard.fingerprint or b"", "<u4") for each in (there, here))
    assert similarity(*prints) > 0.9


@pytest.mark.parametrize(("name", "end"), [("segfault.wav", "signal SIGSEGV"), ("exit.wav", "exit code 3")])
def test_a_process_that_dies_costs_one_file(tmp_path: Path, name: str, end: str) -> None:
    with WorkerPool(DEADLY) as pool:
        with pytest.raises(ListenerDiedError, match=end):
            pool(tmp_path / name, 0)
        assert pool(tmp_path / "fine.wav", 0).facts.seconds == 1.0


def test_a_process_that_never_ends_is_ended(tmp_path: Path) -> None:
    expected = pytest.raises(ListenerDiedError, match=r"more than 0\.1 s")
    with WorkerPool(DEADLY, patience_seconds=0.1) as pool, expected:
        pool(tmp_path / "forever.wav", 0)


def test_a_file_that_takes_too_much_is_not_tried_again_unchanged(tmp_path: Path) -> None:
    with WorkerPool(DEADLY) as pool:
        for name, much in (("grows.wav", "memory"), ("spins.wav", "processor time")):
            with pytest.raises(UnreadableAudioError, match=much):
                pool(tmp_path / name, 0)
            assert pool(tmp_path / "fine.wav", 0).facts.seconds == 1.0


def test_a_process_cannot_write_files_but_where_parts_have_to_be_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "writes.wav"
    with WorkerPool(DEADLY) as pool:
        with pytest.raises(OSError, match="large"):
            pool(path, 0)
        assert path.stat().st_size == 0
        with pytest.raises(OSError, match="was written"):
            pool(path, 1)
    assert path.read_bytes() == b"mine"


def test_a_part_of_a_file_is_heard_in_a_process(tmp_path: Path) -> None:
    path = write_stem(tmp_path / "all.wav", np.stack([stem_waveform(0, StemType.BASS, 3.0)] * 4, axis=1))
    with WorkerPool() as pool:
        assert pool(path, channels_part(3, 4)).facts.channels == 2
        assert pool(path, 0).facts.channels == 4


@pytest.mark.parametrize("name", ["forever.wav", "segfault.wav", "fine.wav"])
def test_what_a_process_leaves_behind_goes_with_it(tmp_path: Path, name: str) -> None:
    with WorkerPool(DEADLY, patience_seconds=5.0, temporary=tmp_path) as pool:
        with suppress(ListenerDiedError):
            pool(tmp_path / name, 1)
        assert len(list(tmp_path.glob("*/part.wav"))) == (name == "fine.wav")
    assert list(tmp_path.iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from indexer.workers import WorkerPool
with WorkerPool(temporary=Path(sys.argv[1])) as pool:
    pool(Path(sys.argv[2]), 101)
    print(len(os.listdir(sys.argv[1])), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_whose_indexer_was_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    path = write_stem(tmp_path / "bass.wav", stem_waveform(0, StemType.BASS, 3.0))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    killed = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", KILLED, str(temporary), str(path)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
    )
    assert (killed.returncode, killed.stdout) == (-signal.SIGKILL, b"1\n")
    until = time.monotonic() + 30
    while list(temporary.iterdir()) and time.monotonic() < until:
        time.sleep(0.05)
    assert list(temporary.iterdir()) == []


def test_a_process_that_is_killed_while_it_waits_costs_no_file(tmp_path: Path) -> None:
    with WorkerPool(DEADLY) as pool:
        process = pool(tmp_path / "who.wav", 0).facts.sample_rate
        os.kill(process, signal.SIGKILL)
        wait_for_end(process)
        assert pool(tmp_path / "who.wav", 0).facts.sample_rate != process


def test_no_object_is_taken_from_a_process(tmp_path: Path) -> None:
    with WorkerPool(DEADLY) as pool, pytest.raises(ListenerDiedError):
        pool(tmp_path / "pickles.wav", 0)


def test_a_process_knows_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "secret")
    with WorkerPool(DEADLY) as pool:
        process = pool(tmp_path / "who.wav", 0).facts.sample_rate
        environment = Path(f"/proc/{process}/environ").read_bytes()
    assert b"PYTHONPATH" in environment
    assert b"secret" not in environment


def test_each_thread_has_a_process_of_its_own(tmp_path: Path) -> None:
    with WorkerPool(DEADLY) as pool, ThreadPoolExecutor(2) as threads:
        rates = list(threads.map(lambda _: pool(tmp_path / "who.wav", 0).facts.sample_rate, range(6)))
    assert os.getpid() not in rates
    assert 1 <= len(set(rates)) <= 2


def test_no_process_outlives_the_pool(tmp_path: Path) -> None:
    with WorkerPool(DEADLY) as pool:
        process = pool(tmp_path / "who.wav", 0).facts.sample_rate
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    with pytest.raises(ListenerDiedError):
        ThreadPoolExecutor(1).submit(pool, tmp_path / "who.wav", 0).result()


def wait_for_end(process: int) -> None:
    """Until it is ended, and only its number is left, for whoever started it."""
    while Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.01)


def write_text(path: Path) -> Path:
    path.write_text("this is text, not sound")
    return path
