"""What was sent is indexed in the end, however often that fails before, and whatever the failure is."""

import logging
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from library.settings import Settings
from service.index_runner import LONGEST_PAUSE_SECONDS, IndexRunner, can_index

FAILING = (sys.executable, "-c", "raise SystemExit(3)")


class Pauses:
    """Notes the pauses and takes none; whoever waits for it is told when there were `enough`."""

    def __init__(self, enough: int) -> None:
        self.seconds: list[float] = []
        self._enough = enough
        self._reached = threading.Event()

    def __call__(self, seconds: float, until: threading.Event) -> None:
        self.seconds.append(seconds)
        if len(self.seconds) >= self._enough:
            self._reached.set()

    def wait(self) -> None:
        assert self._reached.wait(60)


def run_until_paused(command: Sequence[str], pauses: Pauses) -> int:
    """Ask once, wait until it paused often enough, and close; returns how many runs there were."""
    with closing(IndexRunner(command, pauses)) as runner:
        runner.ask()
        pauses.wait()
    return runner.runs


def test_it_goes_on_trying_at_the_longest_pause_until_it_is_closed(caplog: pytest.LogCaptureFixture) -> None:
    pauses = Pauses(enough=9)
    assert run_until_paused(FAILING, pauses) >= 9
    assert pauses.seconds[:9] == [5, 10, 20, 40, 80, *[LONGEST_PAUSE_SECONDS] * 4]
    levels = [record.levelname for record in caplog.records]
    assert levels[:6] == [*["WARNING"] * 5, "ERROR"]
    assert "exit code 3" in caplog.text
    assert "Run counterpart index" in caplog.text


def test_what_the_indexer_says_is_wrong_is_logged_once_and_it_is_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    script = "import os, sys; print('Not indexed: a.wav: died', file=sys.stderr); sys.exit(os.EX_TEMPFAIL)"
    pauses = Pauses(enough=3)
    run_until_paused([sys.executable, "-c", script], pauses)
    messages = [record.getMessage() for record in caplog.records]
    assert messages[0] == "The indexer says: Not indexed: a.wav: died"
    assert caplog.text.count("a.wav") == 1
    assert "a file could not be read this time" in messages[1]


def test_what_failed_for_good_is_logged_as_well(caplog: pytest.LogCaptureFixture) -> None:
    said = threading.Event()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.set()

    listener = Listener()
    logging.getLogger("service.index_runner").addHandler(listener)
    script = "import sys; print('Not indexed: b.wav: It is silent.', file=sys.stderr)"
    with closing(IndexRunner([sys.executable, "-c", script])) as runner:
        runner.ask()
        assert said.wait(60)
    logging.getLogger("service.index_runner").removeHandler(listener)
    assert "b.wav: It is silent." in caplog.text
    assert runner.runs == 1


def test_a_command_that_cannot_be_started_is_a_run_that_failed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pauses = Pauses(enough=2)
    assert run_until_paused([str(tmp_path / "nothing")], pauses) >= 2
    assert pauses.seconds[:2] == [5, 10]
    assert "No such file" in caplog.text


def test_it_is_indexed_as_soon_as_it_can_be_started(tmp_path: Path) -> None:
    """As when there is no memory for another process at first."""
    program, ran = tmp_path / "indexer", threading.Event()

    def pause(*_: object) -> None:
        ran.set()
        program.unlink(missing_ok=True)
        program.symlink_to(sys.executable)

    with closing(
        IndexRunner([str(program), "-c", f"open({str(tmp_path / 'done')!r}, 'w')"], pause)
    ) as runner:
        runner.ask()
        assert ran.wait(60)
        while not (tmp_path / "done").exists():
            threading.Event().wait(0.01)
    assert runner.runs == 2


def test_after_a_success_the_pauses_begin_anew(tmp_path: Path) -> None:
    """It succeeds where there is a file to take away."""
    gate, pauses = tmp_path / "gate", Pauses(enough=2)
    with closing(
        IndexRunner([sys.executable, "-c", f"import os; os.remove({str(gate)!r})"], pauses)
    ) as runner:
        runner.ask()
        pauses.wait()
        gate.touch()
        while gate.exists():
            threading.Event().wait(0.01)
        before = len(pauses.seconds)
        runner.ask()
        while len(pauses.seconds) == before:
            threading.Event().wait(0.01)
    assert pauses.seconds[before] == 5


@pytest.mark.parametrize(("code", "woken"), [(os.EX_TEMPFAIL, True), (3, False)])
def test_a_file_that_cannot_be_read_does_not_keep_the_next_one_waiting(code: int, woken: bool) -> None:
    """Where nothing at all could be done, as while another indexer is at work, to ask again is no help."""
    found: list[bool] = []
    paused = threading.Event()

    def pause(_: float, until: threading.Event) -> None:
        if not found:
            before = until.is_set()
            runner.ask()
            found.extend((before, until.is_set()))
            paused.set()

    runner = IndexRunner([sys.executable, "-c", f"raise SystemExit({code})"], pause)
    with closing(runner):
        runner.ask()
        assert paused.wait(60)
    assert found == [False, woken]


def test_what_is_asked_for_during_a_pause_ends_it() -> None:
    command = [sys.executable, "-c", f"raise SystemExit({os.EX_TEMPFAIL})"]
    with closing(IndexRunner(command, first_pause_seconds=0.01)) as runner:
        while runner.runs < 20:  # whose pauses, doubled each time, would take a quarter of an hour
            runner.ask()
            threading.Event().wait(0.01)


def test_closing_ends_a_pause(caplog: pytest.LogCaptureFixture) -> None:
    runner = IndexRunner(FAILING)
    runner.ask()
    while not caplog.records:
        threading.Event().wait(0.01)
    closer = threading.Thread(target=runner.close)
    closer.start()
    closer.join(4)
    assert not closer.is_alive()


def test_a_run_that_does_not_stop_when_it_is_told_to_is_killed(tmp_path: Path) -> None:
    mark = tmp_path / "deaf"
    script = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"pathlib.Path({str(mark)!r}).touch(); time.sleep(600)"
    )
    runner = IndexRunner([sys.executable, "-c", script], patience_seconds=0.1)
    runner.ask()
    deadline = threading.Event()
    for _ in range(600):
        if mark.exists() or deadline.wait(0.1):
            break
    assert mark.exists()
    closing_it = threading.Thread(target=runner.close)
    closing_it.start()
    closing_it.join(60)
    assert not closing_it.is_alive()
    assert runner.runs == 1


@pytest.mark.parametrize(
    ("exists", "may", "can"), [(True, True, True), (True, False, False), (False, False, True)]
)
def test_a_service_that_may_not_write_to_its_library_leaves_indexing_to_others(
    tmp_path: Path, *, exists: bool, may: bool, can: bool
) -> None:
    settings = Settings(data=tmp_path if exists else tmp_path / "new")
    assert can_index(settings, lambda _path, _mode: may) is can
